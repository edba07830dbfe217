#include "desk/message_content.h"

#include "base/digest.h"
#include "db/queries.h"
#include "desk/channel_facts.h"
#include "desk/mail_view.h"
#include "scheduler/run_contexts.h"

namespace carillon::desk {

namespace {

struct Sent {
    base::RunId run{};
    int step{};
    int variant{};
    base::ChannelKind channel{};
};

std::optional<Sent> find_sent(db::Connection& connection, base::MessageId id) {
    return connection.one<Sent>(db::queries::message_for_show, {id}, [](const db::Row& row) {
        return Sent{row.get<base::RunId>(3), row.get<int>(1), row.get<int>(2),
                    base::channel_kind_from(row.text(4)).value()};
    });
}

// The bytes that went out, of those kinds that have any beside the text.
base::Json raw_of(const channels::Payload& payload) {
    if (const auto* email = std::get_if<channels::EmailPayload>(&payload))
        return base::to_base64(email->bytes);
    if (const auto* letter = std::get_if<channels::LetterPayload>(&payload))
        return base::to_base64(letter->pdf);
    if (const auto* fax = std::get_if<channels::FaxPayload>(&payload))
        return base::to_base64(fax->pdf);
    return {};
}

std::string text_of(const channels::Payload& payload, const templates::RenderedMessage& rendered) {
    if (const auto* sms = std::get_if<channels::SmsPayload>(&payload)) return sms->text;
    if (const auto* call = std::get_if<channels::CallPayload>(&payload)) return call->script;
    return rendered.text.flat();
}

}  // namespace

scheduler::Outlet* ContentOutlets::find(const db::Document& channel) {
    for (auto& known : outlets_)
        if (known.document == channel.id) return &known;
    const auto facts = facts_of(channel.content, workshop_.data_folder);
    auto composer = workshop_.composer_of(channel);
    if (!facts || !composer) return nullptr;
    outlets_.push_back({channel.id, nullptr, std::move(*composer), *facts});
    return &outlets_.back();
}

Answer content_of(const Workshop& workshop, db::Connection& connection, base::MessageId id) {
    const auto sent = find_sent(connection, id);
    const auto content = find_content(connection, id);
    if (!sent || !content)
        return refuse("message.unknown",
                      "message " + std::to_string(id.value) + " was never composed");
    ContentOutlets outlets{workshop};
    scheduler::RunContexts contexts{
        [&](const db::Document& document) { return outlets.find(document); }, workshop.bank};
    const auto context = contexts.find(connection, sent->run);
    if (!context) return refuse("message.parts", contexts.problem());
    const auto& step = context->content(sent->step, sent->channel, sent->variant);
    const auto message = workshop.composer.recompose(step, context->definition, id, *content);
    if (!message) return refuse(message.error());
    const auto rendered = render_again(step.compiled, *content);
    if (!rendered) return refuse(rendered.error());
    base::Json json{base::Json::Object{}};
    json.set("id", id.value);
    json.set("channel", name_of(sent->channel));
    json.set("address", content->address);
    json.set("locale", content->locale);
    connection.select(db::queries::desk_content_document, {content->template_id},
                      [&](const db::Row& row) {
                          json.set("template", row.get<std::string>(0));
                          json.set("template_version", row.get<std::int64_t>(1));
                      });
    json.set("subject", rendered->subject);
    json.set("html", rendered->html.flat());
    json.set("text", text_of(message->payload, *rendered));
    json.set("raw", raw_of(message->payload));
    return json;
}

}  // namespace carillon::desk
