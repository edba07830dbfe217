// explain: every decision about one client, in order, in words. show-message: the bytes again.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "app/client_view.h"
#include "app/commands.h"
#include "base/local_date.h"
#include "base/text.h"
#include "db/queries.h"
#include "responses/mail_rules.h"
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

// "email no_contact, sms no_consent" as a sentence behind the choice.
std::string route_in_words(std::string_view route);

struct Line {
    base::Instant at{};
    std::string campaign{};  // empty: about the client as such
    std::string text{};
};

// Reasons as a person would say them.
std::string in_words(std::string_view reason) {
    static const std::map<std::string_view, std::string_view> words{
        {"no_contact", "there is no address for this channel"},
        {"contact_invalid", "the address is known to be bad"},
        {"no_consent", "there is no consent for this channel and purpose"},
        {"suppressed_address", "the address is on the suppression list"},
        {"suppressed_client", "the client is on the suppression list"},
        {"excluded", "the client is in an excluded segment"},
        {"language", "the campaign has no text in the client's language"},
        {"same_address", "another client at the same address gets it"},
        {"quiet_hours", "it was outside the hours in which the client may be contacted"},
        {"capped", "the client has been contacted as often as allowed"},
        {"too_late", "its time had passed"},
        {"no_longer_in_segment", "the reason went away (no longer in the segment)"},
        {"campaign_cancelled", "the campaign was cancelled"},
        {"cancelled_by_hand", "a person cancelled it"},
        {"called_back", "a person called it back before it went on"},
        {"responded", "the client had responded"},
        {"delivered_before", "the step before had arrived"},
        {"no_usable_channel", "none of the step's channels may be used"},
        {"no_channel_left", "no channel of the step is left to try"}};
    const auto known = words.find(reason);
    return std::string{known == words.end() ? reason : known->second};
}

std::string route_in_words(std::string_view route) {
    if (route.empty()) return {};
    if (route == "preferred") return "; the client prefers this channel";
    std::string words;
    for (const auto part : base::split(route, ',')) {
        const auto entry = base::trim(part);
        const auto space = entry.find(' ');
        const auto reason = entry.substr(std::min(space + 1, entry.size()));
        words +=
            fmt::format("{} {} ({})", words.empty() ? "; not" : ", not", entry.substr(0, space),
                        reason == "tried" ? "tried before" : in_words(reason));
    }
    return words;
}

class Story {
public:
    Story(db::Connection& connection, std::int64_t client, std::string external_id,
          std::string only)
        : connection_(connection),
          client_(client),
          external_id_(std::move(external_id)),
          only_(std::move(only)) {}

    std::vector<Line> tell() {
        consents();
        suppressions();
        events();
        messages();
        std::ranges::stable_sort(lines_, {}, &Line::at);
        return std::move(lines_);
    }
    const std::vector<std::string>& campaigns() const { return campaigns_; }

private:
    void consents() {
        connection_.select(db::queries::consent_history_of, {client_}, [&](const db::Row& row) {
            lines_.push_back(
                {row.get<base::Instant>(3),
                 {},
                 fmt::format("consent for {} by {} {} (source {})", row.text(1), row.text(0),
                             row.get<bool>(2) ? "given" : "refused", row.text(4))});
        });
    }
    void suppressions() {
        connection_.select(
            db::queries::suppressions_of_client, {external_id_, client_}, [&](const db::Row& row) {
                lines_.push_back({row.get<base::Instant>(6),
                                  {},
                                  fmt::format("put on the suppression list: {} {}, channel {}, "
                                              "purpose {}: {} (source {})",
                                              row.text(0), row.text(1), row.text(2), row.text(3),
                                              row.text(4), row.text(5))});
            });
    }
    void events() {
        connection_.select(db::queries::events_of_client, {client_}, [&](const db::Row& row) {
            lines_.push_back(
                {row.get<base::Instant>(2),
                 {},
                 fmt::format("event {} ({}) {}", row.text(0), row.text(1), row.text(4))});
        });
    }

    struct MessageRow {
        std::int64_t id{};
        std::string campaign{};
        std::string slot{};
        base::Instant created{};
        int step{};
        std::string channel{};
        int variant{};
        std::string state{};
        std::string reason{};
        base::Instant due{};
        int attempt{};
        std::optional<base::Instant> submitted{};
        std::optional<base::Instant> finished{};
        std::string reference{};
        std::string address{};
        std::string route{};
        std::string provider{};     // the account that had it last
        std::string passed_over{};  // accounts that were not used, and why
    };

    void messages() {
        std::vector<MessageRow> rows;
        connection_.select(db::queries::messages_of_client, {client_}, [&](const db::Row& row) {
            rows.push_back(
                {row.get<std::int64_t>(0), row.get<std::string>(1), row.get<std::string>(2),
                 row.get<std::optional<base::Instant>>(4).value_or(row.get<base::Instant>(3)),
                 row.get<int>(5), row.get<std::string>(6), row.get<int>(7), row.get<std::string>(8),
                 row.get<std::optional<std::string>>(9).value_or(""), row.get<base::Instant>(10),
                 row.get<int>(12), row.get<std::optional<base::Instant>>(13),
                 row.get<std::optional<base::Instant>>(14),
                 row.get<std::optional<std::string>>(15).value_or(""),
                 row.get<std::optional<std::string>>(16).value_or(""),
                 row.get<std::optional<std::string>>(18).value_or(""),
                 row.get<std::optional<std::string>>(20).value_or(""),
                 row.get<std::optional<std::string>>(21).value_or("")});
        });
        for (const auto& row : rows) {
            if (!only_.empty() && row.campaign != only_) continue;
            campaigns_.push_back(row.campaign);
            tell_message(row);
        }
    }

    void tell_message(const MessageRow& row) {
        const auto head = fmt::format("slot {}, step {}, {}", row.slot, row.step, row.channel);
        const auto add = [&](base::Instant at, const std::string& text) {
            lines_.push_back({at, row.campaign, text});
        };
        if (row.state == "skipped") {
            add(row.step > 1 ? row.due : row.created,
                fmt::format("{}: left out: {}{}", head, in_words(row.reason),
                            route_in_words(row.route)));
            return;
        }
        if (row.state == "control") {
            add(row.created,
                fmt::format("{}: in the control group: gets nothing, is measured", head));
            return;
        }
        // A later step or channel was not chosen with the audience but when its turn came.
        const bool came_later = row.step > 1 || row.route.find("tried") != std::string::npos;
        add(came_later ? row.due : row.created,
            fmt::format("{}: chosen (variant {}), message {} to {}, due {}{}", head, row.variant,
                        row.id, row.address.empty() ? "nobody" : row.address,
                        base::to_text(row.due), route_in_words(row.route)));
        connection_.select(db::queries::events_of_message, {row.id}, [&](const db::Row& event) {
            add(event.get<base::Instant>(0),
                fmt::format("message {}: {} -> {}: {}", row.id, event.text(1), event.text(2),
                            in_words(event.get<std::optional<std::string>>(3).value_or(""))));
        });
        connection_.select(db::queries::receipts_of_message, {row.id}, [&](const db::Row& receipt) {
            add(receipt.get<base::Instant>(3),
                fmt::format("message {}: {} reports {} {}", row.id, receipt.text(0),
                            receipt.text(1),
                            receipt.get<std::optional<std::string>>(2).value_or("")));
        });
        if (row.channel == "call") tell_call(row, add);
        if (row.channel == "email") tell_mails(row, add);
        if (row.submitted)
            add(*row.submitted,
                fmt::format("message {}: checked again and submitted (attempt {}) through {}{}",
                            row.id, row.attempt, row.provider,
                            row.passed_over.empty() ? "" : "; not " + row.passed_over));
        if (row.finished && (row.state == "accepted" || row.state == "delivered"))
            add(*row.finished,
                fmt::format("message {}: {} ({})", row.id, row.state, row.reference));
        if (!row.finished && !row.submitted)
            add(row.created, fmt::format("message {}: waits, {}", row.id, row.state));
    }

    // Bounces, complaints and answers.
    template <class Add>
    void tell_mails(const MessageRow& row, const Add& add) {
        connection_.select(db::queries::mails_of_message, {row.id}, [&](const db::Row& mail) {
            const auto kind = responses::mail_kind_from(mail.text(0));
            auto text = fmt::format("message {}: a mail came back: {}", row.id, words_of(kind));
            if (kind == responses::MailKind::reply)
                text = fmt::format("message {}: the client answered{}: {}", row.id,
                                   mail.text(1) == "stop"    ? " STOP"
                                   : mail.text(1) == "start" ? " START"
                                                             : "",
                                   base::cut_utf8(mail.text(5), 200));
            else if (kind != responses::MailKind::auto_reply)
                text += fmt::format("; {}{}{}", mail.text(2), mail.text(3).empty() ? "" : " ",
                                    mail.text(3));
            if (!mail.text(4).empty())
                text += fmt::format(" [{}]", base::cut_utf8(mail.text(4), 200));
            add(mail.get<base::Instant>(6), text);
        });
    }

    // What became of the task at the call desk.
    template <class Add>
    void tell_call(const MessageRow& row, const Add& add) {
        connection_.select(db::queries::call_task, {row.id}, [&](const db::Row& task) {
            const auto who = task.get<std::optional<std::string>>(4).value_or("nobody");
            add(task.get<base::Instant>(2),
                fmt::format("message {}: call task {}, called {} times, in the hands of {}{}",
                            row.id, task.text(1), task.get<int>(3), who,
                            task.is_null(6) ? "" : ": " + std::string{task.text(6)}));
        });
    }

    db::Connection& connection_;
    std::int64_t client_;
    std::string external_id_;
    std::string only_;
    std::vector<Line> lines_;
    std::vector<std::string> campaigns_;
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
    Story story{*lease, *client, args.client, args.campaign};
    const auto lines = story.tell();
    base::Json::Array list;
    std::vector<std::vector<std::string>> rows;
    for (const auto& line : lines) {
        rows.push_back({base::to_text(line.at).substr(0, 19) + "Z", line.campaign, line.text});
        base::Json one{base::Json::Object{}};
        one.set("at", base::to_text(line.at));
        one.set("campaign", line.campaign);
        one.set("text", line.text);
        list.push_back(std::move(one));
    }
    output.table({"when (UTC)", "campaign", "what"}, rows);
    // Not chosen at all: say which rule of the segment the client does not meet.
    if (!args.campaign.empty() && story.campaigns().empty())
        for (const auto& text :
             why_not_chosen(*lease, *client, args.campaign, program.clock().now())) {
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
