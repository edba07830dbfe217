// From claimed rows to finished channel messages: merge data, render, compose. No state is changed
// here.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "campaigns/message_keys.h"
#include "scheduler/message_queue.h"
#include "scheduler/run_context.h"

namespace carillon::scheduler {

// What is kept so that the message can be made again byte for byte.
struct Content {
    base::DocumentId template_id{};
    base::DocumentId channel_id{};
    std::string locale{};
    std::string address{};
    base::Instant composed_at{};
    std::string data{};         // JSON of the merge data
    std::string passed_over{};  // providers that were not used, and why
};

// What beside the merge data goes into the bytes.
struct Recipient {
    std::string name{};
    std::string time_zone{};
    std::optional<base::Instant> valid_until{};  // for the provider: deadline and hours in force
};

struct Composed {
    Claimed claimed{};
    std::optional<channels::Message> message{};  // absent: composing failed, see problem
    Content content{};
    std::string problem{};
};

// Immutable; safe from several threads.
class Composer {
public:
    // `secret`: of this instance; message keys and tokens are derived from it. `public_url`: where
    // clients reach us.
    Composer(std::string secret, std::string public_url)
        : keys_(std::move(secret)), public_url_(std::move(public_url)) {}

    // All of one run, step and variant, for one provider.
    std::vector<Composed> compose(db::Connection& reader, const RunContext& run,
                                  const Carrier& carrier, std::vector<Claimed> claimed,
                                  base::Instant now) const;

    // The bytes of a message that was sent, from what was kept of it.
    base::Result<channels::Message> recompose(const StepContent& step,
                                              const campaigns::Definition& definition,
                                              base::MessageId id, const Content& content) const;

    const campaigns::MessageKeys& keys() const { return keys_; }
    std::string unsubscribe_url(base::MessageId id) const;
    // Where an e-mail is shown in a browser; "" without an address at which clients reach us.
    std::string view_url(base::MessageId id) const;

private:
    // What stands around the rendered text. Borrowed.
    struct Frame {
        const StepContent& step;
        const Outlet& outlet;
        const campaigns::Definition& definition;
        const Recipient& recipient;
    };
    void compose_one(const Frame& frame, const campaigns::Merged& merged,
                     const std::string& unsubscribe, templates::RenderedMessage& rendered,
                     Composed& composed) const;
    base::Result<channels::Message> finish(const Frame& frame, base::MessageId id,
                                           const std::string& address, base::Instant date,
                                           const std::string& unsubscribe,
                                           const templates::RenderedMessage& rendered) const;

    campaigns::MessageKeys keys_;
    std::string public_url_;
};

}  // namespace carillon::scheduler
