// What a client does on the public pages: says stop, chooses what he wants to hear of and how,
// answers a letter by its code. Each action is one transaction with its proof; doing it twice
// changes nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/channel_kind.h"
#include "base/clock.h"
#include "base/id.h"
#include "db/database.h"

namespace carillon::responses {

// Whose message the link belongs to.
struct Visitor {
    base::MessageId message{};
    base::ClientId client{};
    base::CampaignId campaign{};
    base::ChannelKind channel{};
    std::string locale{};
    std::string first_name{};  // may be empty
    std::string client_ref{};  // external id
    std::string address{};     // the message went there
};
// Nothing when the message is gone.
std::optional<Visitor> find_visitor(db::Connection& connection, base::MessageId message);

// Marketing on this channel ends for this address and this client. `how`: one_click or page; `raw`:
// the request, kept.
void unsubscribe(db::Database& database, const base::Clock& clock, const Visitor& visitor,
                 const std::string& how, const std::string& raw);

struct Choice {
    base::ChannelKind channel{};
    base::Purpose purpose{};  // marketing or service
    bool wanted{};
};
// For every channel on which the client can be reached, in the order of channel_kinds.
std::vector<Choice> choices_of(db::Connection& connection, const Visitor& visitor);
// Writes what differs from now; the number of changes.
int choose(db::Database& database, const base::Clock& clock, const Visitor& visitor,
           const std::vector<Choice>& wanted, const std::string& raw);

// A response by code: `kind` is "visit" (the page was opened) or "interested".
void respond(db::Database& database, const base::Clock& clock, const Visitor& visitor,
             const std::string& kind, const std::string& raw);

}  // namespace carillon::responses
