#include "desk/story.h"

#include <fmt/format.h>

#include <algorithm>

#include "audience/store.h"
#include "base/local_date.h"
#include "base/quoted_contacts.h"
#include "base/text.h"
#include "campaigns/bundle.h"
#include "db/queries.h"
#include "desk/words.h"
#include "responses/mail_rules.h"

namespace carillon::desk {

namespace {

class Teller {
public:
    Teller(db::Connection& connection, std::int64_t client, std::string external_id,
           std::string only, bool full)
        : connection_(connection),
          client_(client),
          external_id_(std::move(external_id)),
          only_(std::move(only)),
          full_(full) {}

    Story tell() {
        consents();
        suppressions();
        events();
        messages();
        std::ranges::stable_sort(lines_, {}, &StoryLine::at);
        if (!full_)
            for (auto& line : lines_) line.text = base::without_contacts(line.text);
        return {std::move(lines_), std::move(campaigns_)};
    }

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

    std::string hidden(std::string_view address) const {
        const auto kind = address.find('@') == std::string_view::npos ? base::ChannelKind::sms
                                                                      : base::ChannelKind::email;
        return full_ ? std::string{address} : masked(address, kind);
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

    std::string shown(const MessageRow& row) const {
        if (row.address.empty()) return "nobody";
        const auto channel =
            base::channel_kind_from(row.channel).value_or(base::ChannelKind::letter);
        return full_ ? row.address : masked(row.address, channel);
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
                        row.id, shown(row), base::to_text(row.due), route_in_words(row.route)));
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
                fmt::format("message {}: {} ({})", row.id, row.state,
                            full_ ? row.reference : reference_masked(row.reference, row.address)));
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
    bool full_;
    std::vector<StoryLine> lines_;
    std::vector<std::string> campaigns_;
};

}  // namespace

Story tell_story(db::Connection& connection, base::ClientId client, const std::string& external_id,
                 const std::string& only, bool full) {
    return Teller{connection, client.value, external_id, only, full}.tell();
}

std::vector<std::string> lines_of(const std::vector<audience::Explanation>& explanations) {
    std::vector<std::string> lines;
    for (const auto& one : explanations)
        lines.push_back(std::string(static_cast<std::size_t>(one.depth) * 2, ' ') +
                        (one.holds ? "+ " : "- ") + one.rule +
                        (one.found.empty() ? "" : " (" + one.found + ")"));
    return lines;
}

std::vector<std::string> why_not_chosen(db::Connection& connection, base::ClientId client,
                                        std::string_view campaign, base::Instant now) {
    const auto stored = campaigns::find_campaign(connection, campaign);
    const auto profile = audience::load_client(connection, client);
    if (!stored || !profile) return {};
    base::Problems problems;
    const auto bundle = campaigns::may_edit(stored->state)
                            ? campaigns::current_bundle(connection, *stored, problems)
                            : campaigns::bound_bundle(connection, *stored, problems);
    const auto segment = bundle.parsed_segments.find(bundle.definition.segment);
    if (segment == bundle.parsed_segments.end()) return {"the campaign's segment cannot be read"};
    const auto zone =
        base::TimeZone::find(bundle.parsed_policies.bank_zone).value_or(base::TimeZone::utc());
    audience::EvaluationContext context;
    context.segment.as_of = zone.date_at(now);
    context.segment.leap_days = bundle.parsed_policies.leap_day;
    context.segment.find_segment = [&](std::string_view name) -> const audience::Segment* {
        const auto found = bundle.parsed_segments.find(std::string{name});
        return found == bundle.parsed_segments.end() ? nullptr : &found->second;
    };
    context.segment.find_campaign = campaigns::campaign_finder(connection);
    const auto explained = audience::explain(segment->second, *profile, context);
    if (!explained) return {explained.error().text()};
    std::vector<std::string> lines{"the campaign has no row for this client; segment " +
                                   segment->first + " as of " +
                                   base::to_text(context.segment.as_of) + ":"};
    for (auto& line : lines_of(*explained)) lines.push_back(std::move(line));
    if (const auto* on = std::get_if<campaigns::OnDateField>(&bundle.definition.schedule.when))
        lines.push_back("its schedule takes those whose " +
                        std::string{campaigns::name_of(on->field)} + " falls " +
                        std::to_string(-on->offset_days) + " days after the day of sending" +
                        (on->field == campaigns::ClientDate::birth_date
                             ? "; the client's is " + profile->birth_date.value_or("unknown")
                             : ""));
    return lines;
}

}  // namespace carillon::desk
