// What receivers of webhooks are told, put into their outbox in the transaction it tells of: either
// both stand or neither. Without a receiver a call costs one look-up, however many messages it is
// about. How they leave the house: scheduler/webhook_sender.h, docs/webhooks.md.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "campaigns/message_state.h"
#include "db/database.h"

namespace carillon::campaigns {

enum class Notice {
    message_accepted,
    message_delivered,
    message_bounced,
    message_failed,
    message_stopped,
    response,
    response_unsubscribe,
    campaign_started,
    campaign_paused,
    campaign_resumed,
    campaign_cancelled,
    run_finished,
};

inline constexpr std::array notices{
    Notice::message_accepted,     Notice::message_delivered,  Notice::message_bounced,
    Notice::message_failed,       Notice::message_stopped,    Notice::response,
    Notice::response_unsubscribe, Notice::campaign_started,   Notice::campaign_paused,
    Notice::campaign_resumed,     Notice::campaign_cancelled, Notice::run_finished};

std::string_view name_of(Notice notice);  // "message.accepted"
std::optional<Notice> notice_from(std::string_view name);
// What a message's state is told as; nothing: it is on its way.
std::optional<Notice> notice_of(MessageState state);

// A reason as it may leave the house: our own words and the numbers of SMTP answers. What providers
// write may quote an address.
std::string public_reason(std::string_view reason);

struct MessageNews {
    base::MessageId id{};
    MessageState state{};
    std::string_view reason{};
};

// All of them: `connection` is in a transaction, `now` is the program's time. States that are told
// as nothing are left out.
void tell_of_messages(db::Connection& connection, const std::vector<MessageNews>& news,
                      base::Instant now);
// The response that was stored under this key, if it was.
void tell_of_response(db::Connection& connection, std::string_view source,
                      std::string_view external_id, std::string_view kind, base::Instant now);
void tell_of_campaign(db::Connection& connection, Notice notice, base::CampaignId campaign,
                      base::Instant now);
void tell_of_finished_runs(db::Connection& connection, const std::vector<base::RunId>& runs,
                           base::Instant now);

}  // namespace carillon::campaigns
