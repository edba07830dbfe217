// explain: every decision about one client, in order, in words. show-message: the bytes again.
#include <iostream>

#include "app/commands.h"
#include "base/local_date.h"
#include "db/queries.h"
#include "desk/story.h"
#include "scheduler/composer.h"

namespace carillon::app {

namespace {

// What the client got, as bytes: a message, a text, a document.
struct ShownPayload {
    const std::string& operator()(const channels::EmailPayload& email) { return email.bytes; }
    const std::string& operator()(const channels::SmsPayload& sms) { return sms.text; }
    const std::string& operator()(const channels::FaxPayload& fax) { return fax.pdf; }
    const std::string& operator()(const channels::LetterPayload& letter) { return letter.pdf; }
    const std::string& operator()(const channels::CallPayload& call) { return call.script; }
};

}  // namespace

ExitCode explain(Program& program, const Output& output, const ExplainArgs& args) {
    auto lease = program.migrated_database().read();
    const auto client = lease->value<std::int64_t>(db::queries::client_id_of, {args.client});
    if (!client)
        return output.refuse({"client.unknown",
                              "there is no client with the external id '" + args.client + "'",
                              "CLIENT"});
    if (!args.campaign.empty() && !campaigns::find_campaign(*lease, args.campaign))
        return output.refuse(
            {"campaign.unknown", "there is no campaign '" + args.campaign + "'", "--campaign"});
    const auto story = desk::tell_story(*lease, {*client}, args.client, args.campaign);
    base::Json::Array list;
    std::vector<std::vector<std::string>> rows;
    for (const auto& line : story.lines) {
        rows.push_back({base::to_text(line.at).substr(0, 19) + "Z", line.campaign, line.text});
        base::Json one{base::Json::Object{}};
        one.set("at", base::to_text(line.at));
        one.set("campaign", line.campaign);
        one.set("text", line.text);
        list.push_back(std::move(one));
    }
    output.table({"when (UTC)", "campaign", "what"}, rows);
    // Not chosen at all: say which rule of the segment the client does not meet.
    if (!args.campaign.empty() && story.campaigns.empty())
        for (const auto& text :
             desk::why_not_chosen(*lease, {*client}, args.campaign, program.clock().now())) {
            output.line(text);
            base::Json one{base::Json::Object{}};
            one.set("campaign", args.campaign);
            one.set("text", text);
            list.push_back(std::move(one));
        }
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

ExitCode show_message(Program& program, const Output& output, const ShowMessageArgs& args) {
    auto lease = program.migrated_database().read();
    base::RunId run;
    int step = 0;
    int variant = 0;
    auto channel = base::ChannelKind::email;
    lease->select(db::queries::message_for_show, {args.id}, [&](const db::Row& row) {
        step = row.get<int>(1);
        variant = row.get<int>(2);
        run = row.get<base::RunId>(3);
        channel = base::channel_kind_from(row.text(4)).value_or(channel);
    });
    const auto content = lease->one<scheduler::Content>(
        db::queries::content_of_message, {args.id}, [](const db::Row& row) {
            return scheduler::Content{row.get<base::DocumentId>(0), row.get<base::DocumentId>(1),
                                      row.get<std::string>(2),      row.get<std::string>(3),
                                      row.get<base::Instant>(4),    row.get<std::string>(5)};
        });
    if (!run || !content)
        return output.refuse(
            {"message.unknown", "no message " + std::to_string(args.id) + " was composed", "ID"});
    scheduler::RunContexts contexts{
        [&](const db::Document& document) { return program.outlet(document); }, program.bank()};
    const auto context = contexts.find(*lease, run);
    if (!context) return output.fail(contexts.problem());
    const scheduler::Composer composer{program.instance_secret(),
                                       program.config().text("public.url")};
    const auto message = composer.recompose(context->content(step, channel, variant),
                                            context->definition, {args.id}, *content);
    if (!message) return output.fail(message.error().text());
    const auto shown = std::visit(ShownPayload{}, message->payload);
    if (!output.is_json()) {
        std::cout << shown << std::flush;
        return ExitCode::done;
    }
    base::Json json{base::Json::Object{}};
    json.set("id", args.id);
    json.set("key", message->key);
    json.set("to", message->to);
    json.set("channel", name_of(channel));
    if (const auto* email = std::get_if<channels::EmailPayload>(&message->payload))
        json.set("envelope_from", email->envelope_from);
    json.set("bytes", shown);
    output.result(json);
    return ExitCode::done;
}

}  // namespace carillon::app
