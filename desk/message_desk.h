// The outbox, and what is sent because a program asks for it.
#pragma once

#include "desk/office.h"

namespace carillon::desk {

struct MessageFilter {
    std::string campaign{};
    std::string client{};
    std::vector<std::string> states{};
    std::string channel{};
    std::string reason{};
    std::int64_t event{};  // 0: any
};
// Newest first.
Answer list_messages(Office& office, const Caller& caller, Right right, const PageQuery& query,
                     const MessageFilter& filter);
Answer get_message(Office& office, const Caller& caller, std::int64_t id);
// The exact message as it was sent, made again from what was kept. The look is written down.
Answer message_content(Office& office, const Caller& caller, std::int64_t id);
// Only where no provider can have it. Errors: message.not_retryable.
Answer retry_message(Office& office, const Caller& caller, std::int64_t id);
// Takes one message back: what was not submitted is closed, a letter or a fax is asked back from
// its channel. {"reason"}. Errors: message.unknown, message.cancel_too_late.
Answer cancel_message(Office& office, const Caller& caller, std::int64_t id, const base::Json& why);

// A message to one client in the name of a running campaign that answers events. The caller's
// request key (Caller::once) is needed: request.key.
Answer send_message(Office& office, const Caller& caller, const base::Json& message);
// Something happened to a client; campaigns that answer it do.
Answer receive_event(Office& office, const Caller& caller, const base::Json& event);

// The payload's fields must be those templates can use, with values of their type.
base::Problems payload_problems(const base::Json& payload, const std::string& place);

}  // namespace carillon::desk
