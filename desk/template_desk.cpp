#include "desk/template_desk.h"

#include <algorithm>

#include "audience/store.h"
#include "base/digest.h"
#include "base/local_date.h"
#include "base/money.h"
#include "campaigns/bundle.h"
#include "channels/sms_composer.h"
#include "db/queries.h"
#include "desk/channel_facts.h"
#include "desk/documents.h"
#include "desk/visible.h"

namespace carillon::desk {

namespace {

base::Json::Array json_of(const base::Problems& problems) {
    base::Json::Array list;
    for (const auto& one : problems)
        list.push_back(
            base::Json::Object{{"code", one.code}, {"detail", one.detail}, {"place", one.place}});
    return list;
}

base::Json field_json(const templates::Field& field) {
    base::Json json{base::Json::Object{{"name", field.name}, {"type", name_of(field.type)}}};
    if (field.sample) json.set("sample", *field.sample);
    if (!field.elements.empty()) {
        base::Json::Array elements;
        for (const auto& element : field.elements) elements.push_back(field_json(element));
        json.set("elements", std::move(elements));
    }
    return json;
}

struct Question {
    std::string name{};
    const base::Json* draft{};
    std::string client{};
    std::string locale{};
    std::string account{};
};

Question read_question(const base::Json& json, base::Problems& problems) {
    base::ObjectReader reader{json, "$", problems};
    Question question{.name = reader.text("name"),
                      .draft = reader.object("template"),
                      .client = reader.text("client"),
                      .locale = reader.text("locale"),
                      .account = reader.text("account")};
    if (question.name.empty() && question.draft == nullptr)
        reader.problem("name", "template.missing", "give the name of a template or a draft");
    reader.finish();
    return question;
}

std::optional<templates::CompiledTemplate> compiled_of(db::Connection& connection,
                                                       const Question& question,
                                                       base::Problems& problems) {
    db::Document document;
    if (question.draft != nullptr) {
        const auto read =
            templates::read_document(*question.draft, templates::no_files(), problems);
        if (!problems.empty()) return std::nullopt;
        document = {.name = read.name, .content = read.to_json().canonical()};
    } else {
        const auto stored = db::find_document(connection, campaigns::template_kind, question.name);
        if (!stored) {
            problems.push_back(
                {"template.unknown", "there is no template '" + question.name + "'"});
            return std::nullopt;
        }
        document = *stored;
    }
    return campaigns::compile_template(document, campaigns::load_attribute_kinds(connection),
                                       problems);
}

// The settings a preview is composed with: a group's first provider stands for all.
std::optional<db::Document> settings_of(db::Connection& connection, const std::string& account) {
    auto document = db::find_document(connection, campaigns::channel_kind, account);
    if (!document) return document;
    if (const auto group = provider_group(*document))
        return db::find_document(connection, campaigns::channel_kind,
                                 group->providers.front().account);
    return document;
}

// The address the client would be written to by this channel; "" when there is none.
std::string address_of(db::Connection& connection, const std::string& client,
                       base::ChannelKind channel) {
    const auto profile = audience::load_client(connection, client);
    if (!profile) return {};
    const audience::ContactInfo* best = nullptr;
    for (const auto& contact : profile->contacts)
        if (audience::serves(contact, channel) && contact.state == "active" &&
            (best == nullptr || contact.priority < best->priority))
            best = &contact;
    return best == nullptr ? std::string{} : best->address;
}

base::Result<channels::Payload> compose(const Office& office, const db::Document& settings,
                                        const templates::RenderedMessage& rendered,
                                        const std::string& address, const std::string& name,
                                        base::Instant now) {
    const auto composer = office.workshop().composer_of(settings);
    if (!composer) return base::fail(composer.error());
    channels::ContentParts parts;
    parts.key = "preview";
    parts.address = address;
    parts.display_name = name;
    parts.locale = rendered.locale;
    parts.purpose = base::Purpose::service;
    parts.subject = rendered.subject;
    if (!rendered.text.empty()) parts.text = &rendered.text;
    if (!rendered.html.empty()) parts.html = &rendered.html;
    if (rendered.ending != nullptr)
        parts.ending = {rendered.ending->words, rendered.ending->name, rendered.ending->position,
                        rendered.ending->signature_png, rendered.ending->enclosures};
    parts.date = now;
    return (*composer)(parts);
}

// What the text takes as a short message, by the settings' own sender and alphabet.
void add_sms(const Office& office, const std::optional<db::Document>& settings,
             const channels::Payload* payload, const std::string& text, base::Json& json) {
    channels::SmsComposerSettings plain{.sender = "BANK", .parts_max = 255};
    const auto composer = channels::SmsComposer::create(std::move(plain));
    const auto* sms = payload == nullptr ? nullptr : std::get_if<channels::SmsPayload>(payload);
    const auto described = composer->describe(sms == nullptr ? text : sms->text);
    if (!described) return;
    std::int64_t price = 0;
    if (settings)
        if (const auto facts = facts_of(settings->content, office.workshop().data_folder))
            price = facts->cost_per_unit_minor;
    const auto& currency = office.workshop().bank.currency;
    json.set(
        "sms",
        base::Json::Object{
            {"parts", described->parts},
            {"encoding", described->encoding == channels::SmsEncoding::gsm ? "GSM 03.38" : "UCS-2"},
            {"characters", described->characters},
            {"cost", base::plain_text({price * described->parts, currency}) + " " + currency}});
}

void add_documents(const channels::Payload& payload, base::Json& json) {
    const std::string* pdf = nullptr;
    int pages = 0;
    if (const auto* letter = std::get_if<channels::LetterPayload>(&payload)) {
        pdf = &letter->pdf;
        pages = letter->pages;
    }
    if (const auto* fax = std::get_if<channels::FaxPayload>(&payload)) {
        pdf = &fax->pdf;
        pages = fax->pages;
    }
    if (pdf == nullptr) return;
    json.set("pdf", "data:application/pdf;base64," + base::to_base64(*pdf));
    json.set("pages", pages);
}

base::Json::Array values_json(const templates::RenderData& data) {
    std::string text;
    data.append_json(text);
    base::Json::Array values;
    const auto parsed = base::Json::parse(text);
    if (parsed && parsed->object() != nullptr)
        for (const auto& [name, value] : *parsed->object())
            values.push_back(base::Json::Object{{"name", name}, {"value", value}});
    return values;
}

}  // namespace

Answer get_template(Office& office, const Caller& caller, const std::string& name, int version) {
    auto lease = office.read(caller, Right::templates_see);
    const auto newest = find_with_facts(*lease, campaigns::template_kind, name);
    const auto facts =
        version == 0 ? newest : find_version(*lease, campaigns::template_kind, name, version);
    if (!facts) return refuse("template.unknown", "there is no such template or version");
    base::Json json{base::Json::Object{}};
    add_facts(json, *facts);
    json.set("newest", newest->document.version);
    json.set("content", base::Json::parse(facts->document.content).value());
    const auto used = Uses{*lease}.of(campaigns::template_kind, name);
    json.set("used_by", base::Json::Array{used.begin(), used.end()});
    json.set("etag", etag_of(newest->document));
    return json;
}

Answer template_versions(Office& office, const Caller& caller, const std::string& name) {
    auto lease = office.read(caller, Right::templates_see);
    base::Json::Array items;
    lease->select(
        db::queries::desk_versions, {campaigns::template_kind, name}, [&](const db::Row& row) {
            items.push_back(
                base::Json::Object{{"version", row.get<std::int64_t>(0)},
                                   {"hash", row.get<std::string>(1)},
                                   {"created_by", row.get<std::string>(2)},
                                   {"created_at", base::to_text(row.get<base::Instant>(3))}});
        });
    if (items.empty()) return refuse("template.unknown", "there is no template '" + name + "'");
    return base::Json{base::Json::Object{{"items", std::move(items)}}};
}

Answer template_fields(Office& office, const Caller& caller) {
    auto lease = office.read(caller, Right::templates_see);
    base::Json::Array items;
    for (const auto& field : campaigns::merge_catalog(campaigns::load_attribute_kinds(*lease)))
        items.push_back(field_json(field));
    return base::Json{base::Json::Object{{"items", std::move(items)}}};
}

Answer check_template(Office& office, const Caller& caller, const base::Json& draft) {
    auto lease = office.read(caller, Right::templates_see);
    base::Problems problems;
    const Question question{.draft = &draft};
    const auto compiled = compiled_of(*lease, question, problems);
    base::Json::Array fields;
    if (compiled)
        for (const auto& name : compiled->field_names()) fields.emplace_back(name);
    return base::Json{base::Json::Object{{"good", problems.empty()},
                                         {"mistakes", json_of(problems)},
                                         {"fields", std::move(fields)}}};
}

base::Result<PreviewValues> preview_values(db::Connection& connection,
                                           const templates::CompiledTemplate& compiled,
                                           const std::string& client,
                                           const scheduler::BankIdentity& bank, base::Instant now) {
    if (client.empty()) {
        PreviewValues values{std::make_unique<templates::RenderData>(compiled.fields()),
                             compiled.locales().front(), "Anna Petrova"};
        base::Problems problems;
        values.data->read_json(templates::sample_values(compiled.fields()), problems);
        if (!problems.empty()) return base::fail(problems.front());
        return values;
    }
    const auto id = connection.value<std::int64_t>(db::queries::client_id_of, {client});
    if (!id)
        return base::fail("client.unknown",
                          "there is no client with the external id '" + client + "'");
    const campaigns::MergeCommon common{base::TimeZone::utc().date_at(now),
                                        "preview",
                                        "Preview",
                                        bank.name,
                                        bank.phone,
                                        bank.url,
                                        bank.currency};
    campaigns::MergeSubject subject{.client = {*id},
                                    .unsubscribe_url = "https://bank.example/u/preview"};
    if (const auto contract =
            connection.value<std::int64_t>(db::queries::most_overdue_contract, {*id}))
        subject.contract = base::ContractId{*contract};
    auto merged = campaigns::merge(connection, compiled.fields(), {subject}, common);
    return PreviewValues{std::move(merged.front().data), merged.front().locale,
                         merged.front().display_name};
}

Answer preview_template(Office& office, const Caller& caller, const base::Json& json) {
    auto lease = office.read(caller, Right::templates_see);
    base::Problems problems;
    const auto question = read_question(json, problems);
    if (!problems.empty()) return refuse(std::move(problems));
    if (!question.client.empty()) {
        access::require(caller, Right::clients_see);
        if (const auto visible = visible_client(*lease, caller, question.client); !visible)
            return refuse(visible.error());
    }
    const auto compiled = compiled_of(*lease, question, problems);
    if (!compiled) return refuse(std::move(problems));
    const auto now = office.now();
    const auto values =
        preview_values(*lease, *compiled, question.client, office.workshop().bank, now);
    if (!values) return refuse(values.error());
    const auto locale = question.locale.empty() ? values->locale : question.locale;
    base::Json answer{base::Json::Object{}};
    answer.set("channel", name_of(compiled->channel()));
    const auto locales = compiled->locales();
    answer.set("locales", base::Json::Array{locales.begin(), locales.end()});
    answer.set("used_fields", values_json(*values->data));
    const auto missing = values->data->missing(compiled->required_slots(locale));
    answer.set("missing_fields", base::Json::Array{missing.begin(), missing.end()});
    for (const auto* part : {"subject", "html", "text"}) answer.set(part, "");
    answer.set("locale", locale);
    answer.set("sms", nullptr);
    answer.set("pdf", nullptr);
    answer.set("pages", 0);
    answer.set("problem", nullptr);
    templates::RenderedMessage rendered;
    if (const auto done = compiled->render(*values->data, locale, rendered); !done) {
        answer.set("problem", done.error().text());
        return answer;
    }
    answer.set("locale", rendered.locale);
    answer.set("subject", rendered.subject);
    answer.set("html", rendered.html.flat());
    answer.set("text", rendered.text.flat());
    const auto channel = compiled->channel();
    const auto account =
        question.account.empty() ? std::string{name_of(channel)} : question.account;
    const auto settings = settings_of(*lease, account);
    base::Result<channels::Payload> payload =
        base::fail("channel.unknown", "there is no channel '" + account + "'");
    const auto address =
        question.client.empty() ? std::string{} : address_of(*lease, question.client, channel);
    if (settings) payload = compose(office, *settings, rendered, address, values->name, now);
    if (channel == base::ChannelKind::sms)
        add_sms(office, settings, payload ? &*payload : nullptr, rendered.text.flat(), answer);
    if (payload)
        add_documents(*payload, answer);
    else if (!question.client.empty() || channel == base::ChannelKind::sms)
        answer.set("problem", payload.error().text());
    return answer;
}

}  // namespace carillon::desk
