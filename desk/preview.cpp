#include "desk/preview.h"

#include "audience/store.h"
#include "base/local_date.h"
#include "campaigns/bundle.h"
#include "db/queries.h"
#include "desk/channel_facts.h"
#include "desk/visible.h"

namespace carillon::desk {

namespace {

// Of nobody: a mailbox of RFC 2606 and a telephone number that is kept for films.
std::string_view sample_address(base::ChannelKind channel) {
    switch (channel) {
        case base::ChannelKind::email: return "client@example.com";
        case base::ChannelKind::letter: return "101000, г. Москва, ул. Мясницкая, д. 1, кв. 2";
        case base::ChannelKind::sms:
        case base::ChannelKind::fax:
        case base::ChannelKind::call: return "+12025550123";
    }
    std::abort();
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

// Nobody sees an address on a page that he would see masked elsewhere.
std::string shown_instead(const Caller& caller, std::string address, base::ChannelKind channel) {
    if (address.empty() || caller.may(Right::clients_contacts)) return address;
    return std::string{sample_address(channel)};
}

}  // namespace

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
    if (compiled.channel() == base::ChannelKind::email)
        subject.view_url = "https://bank.example/w/preview";
    if (const auto contract =
            connection.value<std::int64_t>(db::queries::most_overdue_contract, {*id}))
        subject.contract = base::ContractId{*contract};
    auto merged = campaigns::merge(connection, compiled.fields(), {subject}, common);
    return PreviewValues{std::move(merged.front().data), merged.front().locale,
                         merged.front().display_name};
}

std::optional<templates::CompiledTemplate> compiled_of(db::Connection& connection,
                                                       const TemplateChoice& question,
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

PreviewQuestion read_preview_question(base::ObjectReader& reader) {
    PreviewQuestion question{{reader.text("name"), reader.object("template")},
                             reader.text("client"),
                             reader.text("locale"),
                             reader.text("account")};
    if (question.choice.name.empty() && question.choice.draft == nullptr)
        reader.problem("name", "template.missing", "give the name of a template or a draft");
    return question;
}

tl::expected<std::unique_ptr<Preview>, base::Problems> make_preview(
    const Office& office, db::Connection& connection, const Caller& caller,
    const PreviewQuestion& question) {
    if (!question.client.empty()) {
        access::require(caller, Right::clients_see);
        if (const auto visible = visible_client(connection, caller, question.client); !visible)
            return refuse(visible.error());
    }
    auto preview = std::make_unique<Preview>();
    base::Problems problems;
    preview->compiled = compiled_of(connection, question.choice, problems);
    if (!preview->compiled) return refuse(std::move(problems));
    const auto& compiled = *preview->compiled;
    auto values =
        preview_values(connection, compiled, question.client, office.workshop().bank, office.now());
    if (!values) return refuse(values.error());
    preview->values = std::move(*values);
    preview->locale = question.locale.empty() ? preview->values.locale : question.locale;
    preview->account =
        question.account.empty() ? std::string{name_of(compiled.channel())} : question.account;
    if (!question.client.empty())
        preview->address =
            shown_instead(caller, address_of(connection, question.client, compiled.channel()),
                          compiled.channel());
    else if (compiled.channel() == base::ChannelKind::letter)  // something must be in its window
        preview->address = sample_address(compiled.channel());
    preview->settings = settings_of(connection, preview->account);
    const auto done = compiled.render(*preview->values.data, preview->locale, preview->rendered);
    if (!done) preview->unrendered = done.error();
    return preview;
}

base::Result<channels::Payload> compose(const Office& office, const Preview& preview,
                                        const Recipient& recipient) {
    if (preview.unrendered) return base::fail(*preview.unrendered);
    if (!preview.settings)
        return base::fail("channel.unknown", "there is no channel '" + preview.account + "'");
    const auto composer = office.workshop().composer_of(*preview.settings);
    if (!composer) return base::fail(composer.error());
    const auto& rendered = preview.rendered;
    const auto subject = recipient.subject_mark + rendered.subject;
    channels::ContentParts parts;
    parts.key = recipient.key;
    parts.address = recipient.address;
    parts.display_name = preview.values.name;
    parts.locale = rendered.locale;
    parts.purpose = base::Purpose::service;
    parts.subject = subject;
    if (!rendered.text.empty()) parts.text = &rendered.text;
    if (!rendered.html.empty()) parts.html = &rendered.html;
    if (rendered.ending != nullptr)
        parts.ending = {rendered.ending->words, rendered.ending->name, rendered.ending->position,
                        rendered.ending->signature_png, rendered.ending->enclosures};
    parts.transliterate = preview.compiled->transliterate();
    parts.date = office.now();
    return (*composer)(parts);
}

}  // namespace carillon::desk
