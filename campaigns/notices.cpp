#include "campaigns/notices.h"

#include <algorithm>
#include <cstdlib>

#include "base/pieces.h"
#include "base/text.h"
#include "db/webhook_queries.h"

namespace carillon::campaigns {

namespace {

constexpr std::size_t reason_max = 60;

// Receivers of each kind: asked in the transaction itself, so that one which was just added misses
// nothing and nobody has to be told of a change.
class Subscribers {
public:
    explicit Subscribers(db::Connection& connection) : connection_(connection) {
        connection.select(db::queries::webhook_subscribers, {}, [&](const db::Row& row) {
            const auto id = row.get<std::int64_t>(0);
            for (const auto name : base::split(row.text(1), ' '))
                if (const auto notice = notice_from(name)) of(*notice).push_back(id);
        });
    }

    bool any() const {
        return std::ranges::any_of(ids_, [](const auto& list) { return !list.empty(); });
    }
    void add(Notice notice, std::int64_t subject, std::string_view state, std::string_view reason,
             base::Instant now) {
        for (const auto id : of(notice))
            rows_.push_back(
                {id, name_of(notice), subject, state, public_reason(reason), now, std::int64_t{0}});
    }
    void store() {
        if (!rows_.empty())
            connection_.execute_batch(db::queries::insert_webhook_deliveries, rows_);
    }

private:
    std::vector<std::int64_t>& of(Notice notice) { return ids_[static_cast<std::size_t>(notice)]; }

    db::Connection& connection_;
    std::array<std::vector<std::int64_t>, notices.size()> ids_{};
    std::vector<db::Params> rows_;
};

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= reason_max &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// "5.1.1" of RFC 3463 at the beginning, or "".
std::string_view enhanced_code(std::string_view text) {
    const auto code = text.substr(0, text.find(' '));
    const auto parts = base::split(code, '.');
    const bool is_code =
        parts.size() == 3 && std::ranges::all_of(parts, [](auto part) {
            return !part.empty() && part.size() <= 3 && std::ranges::all_of(part, is_digit);
        });
    return is_code ? code : std::string_view{};
}

bool is_unsubscribe(std::string_view kind) {
    return kind == "unsubscribe" || kind == "stop" || kind == "preferences";
}

}  // namespace

std::string_view name_of(Notice notice) {
    switch (notice) {
        case Notice::message_accepted: return "message.accepted";
        case Notice::message_delivered: return "message.delivered";
        case Notice::message_bounced: return "message.bounced";
        case Notice::message_failed: return "message.failed";
        case Notice::message_stopped: return "message.stopped";
        case Notice::response: return "response";
        case Notice::response_unsubscribe: return "response.unsubscribe";
        case Notice::campaign_started: return "campaign.started";
        case Notice::campaign_paused: return "campaign.paused";
        case Notice::campaign_resumed: return "campaign.resumed";
        case Notice::campaign_cancelled: return "campaign.cancelled";
        case Notice::run_finished: return "run.finished";
    }
    std::abort();
}

std::optional<Notice> notice_from(std::string_view name) {
    for (const auto notice : notices)
        if (name_of(notice) == name) return notice;
    return std::nullopt;
}

std::optional<Notice> notice_of(MessageState state) {
    using enum MessageState;
    switch (state) {
        case planned:
        case held:
        case queued:
        case leased:
        case submitting:
        case deferred:
        case uncertain:
        case control: return std::nullopt;
        case accepted: return Notice::message_accepted;
        case delivered: return Notice::message_delivered;
        case bounced: return Notice::message_bounced;
        case failed:
        case expired:
        case quarantined:
        case closed_unknown: return Notice::message_failed;
        case suppressed:
        case skipped:
        case cancelled: return Notice::message_stopped;
    }
    std::abort();
}

std::string public_reason(std::string_view reason) {
    constexpr std::size_t code_size = 3;
    if (is_word(reason)) return std::string{reason};
    // "550 5.1.1 <anna@client.test> unknown": the code and the enhanced code. A longer number may
    // be anybody's.
    const auto code = reason.substr(0, reason.find_first_of(" -"));
    const bool is_code = code.size() == code_size && (code[0] == '4' || code[0] == '5') &&
                         std::ranges::all_of(code, is_digit);
    if (!is_code) return {};
    const auto rest = reason.substr(std::min(code_size + 1, reason.size()));
    const auto enhanced = enhanced_code(rest);
    return std::string{code} + (enhanced.empty() ? "" : " " + std::string{enhanced});
}

void tell_of_messages(db::Connection& connection, const std::vector<MessageNews>& news,
                      base::Instant now) {
    if (std::ranges::none_of(news,
                             [](const auto& one) { return notice_of(one.state).has_value(); }))
        return;
    Subscribers subscribers{connection};
    if (!subscribers.any()) return;
    for (const auto& one : news)
        if (const auto notice = notice_of(one.state))
            subscribers.add(*notice, one.id.value, name_of(one.state), one.reason, now);
    subscribers.store();
}

void tell_of_response(db::Connection& connection, std::string_view source,
                      std::string_view external_id, std::string_view kind, base::Instant now) {
    Subscribers subscribers{connection};
    if (!subscribers.any()) return;
    const auto id =
        connection.value<std::int64_t>(db::queries::webhook_response_id, {source, external_id});
    if (!id) return;
    subscribers.add(is_unsubscribe(kind) ? Notice::response_unsubscribe : Notice::response, *id,
                    kind, {}, now);
    subscribers.store();
}

void tell_of_campaign(db::Connection& connection, Notice notice, base::CampaignId campaign,
                      base::Instant now) {
    Subscribers subscribers{connection};
    if (!subscribers.any()) return;
    const auto name = name_of(notice);
    subscribers.add(notice, campaign.value, name.substr(name.find('.') + 1), {}, now);
    subscribers.store();
}

void tell_of_finished_runs(db::Connection& connection, const std::vector<base::RunId>& runs,
                           base::Instant now) {
    if (runs.empty()) return;
    Subscribers subscribers{connection};
    if (!subscribers.any()) return;
    for (const auto run : runs)
        subscribers.add(Notice::run_finished, run.value, "finished", {}, now);
    subscribers.store();
}

}  // namespace carillon::campaigns
