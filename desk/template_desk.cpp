#include "desk/template_desk.h"

#include <algorithm>

#include "base/digest.h"
#include "base/local_date.h"
#include "base/money.h"
#include "campaigns/bundle.h"
#include "channels/sms_composer.h"
#include "db/queries.h"
#include "desk/channel_facts.h"
#include "desk/documents.h"
#include "desk/preview.h"

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
    const auto compiled = compiled_of(*lease, {.draft = &draft}, problems);
    base::Json::Array fields;
    if (compiled)
        for (const auto& name : compiled->field_names()) fields.emplace_back(name);
    return base::Json{base::Json::Object{{"good", problems.empty()},
                                         {"mistakes", json_of(problems)},
                                         {"fields", std::move(fields)}}};
}

Answer preview_template(Office& office, const Caller& caller, const base::Json& json) {
    auto lease = office.read(caller, Right::templates_see);
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    const auto question = read_preview_question(reader);
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    const auto made = make_preview(office, *lease, caller, question);
    if (!made) return refuse(made.error());
    const auto& preview = **made;
    const auto& compiled = *preview.compiled;
    base::Json answer{base::Json::Object{}};
    answer.set("channel", name_of(compiled.channel()));
    const auto locales = compiled.locales();
    answer.set("locales", base::Json::Array{locales.begin(), locales.end()});
    answer.set("used_fields", values_json(*preview.values.data));
    const auto missing = preview.values.data->missing(compiled.required_slots(preview.locale));
    answer.set("missing_fields", base::Json::Array{missing.begin(), missing.end()});
    for (const auto* part : {"subject", "html", "text"}) answer.set(part, "");
    answer.set("locale", preview.locale);
    answer.set("sms", nullptr);
    answer.set("pdf", nullptr);
    answer.set("pages", 0);
    answer.set("problem", nullptr);
    if (preview.unrendered) {
        answer.set("problem", preview.unrendered->text());
        return answer;
    }
    const auto& rendered = preview.rendered;
    answer.set("locale", rendered.locale);
    answer.set("subject", rendered.subject);
    answer.set("html", rendered.html.flat());
    answer.set("text", rendered.text.flat());
    const auto payload = compose(office, preview, {.address = preview.address});
    const bool is_sms = compiled.channel() == base::ChannelKind::sms;
    if (is_sms)
        add_sms(office, preview.settings, payload ? &*payload : nullptr, rendered.text.flat(),
                answer);
    if (payload)
        add_documents(*payload, answer);
    else if (!question.client.empty() || is_sms)
        answer.set("problem", payload.error().text());
    return answer;
}

}  // namespace carillon::desk
