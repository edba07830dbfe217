// Which of a step's channels each client gets, as fragments for db/queries/planning.sql: the first
// route whose address, consent and suppressions allow it, the client's own preference before the
// others. Why the routes before it were left is kept with the message. No user's text becomes SQL.
#pragma once

#include <vector>

#include "base/channel_kind.h"
#include "campaigns/definition.h"
#include "db/compose.h"

namespace carillon::campaigns {

// The text attribute of a client that names the channel to try first, where a step has several.
inline constexpr std::string_view preferred_channel_attribute = "preferred_channel";

// Why a client is left out whatever the channel: an expression around the reason of a route,
// `before` and `after` it. Empty: nothing but the route itself decides.
struct CommonReason {
    std::string before{};
    db::Params params{};
    std::string after{};
};

// first: a client's first message of the step. again: routes that the client has had in this step
// (alias p of messages) count as tried.
enum class Attempt { first, again };

// Over `clients c`, for a derived table r:
//   {columns}   reason_1, contact_1, reason_2 ... and wish, to be selected into r
//   {contacts}  the joins they need
// and over r:
//   {channel} {contact} {reason} {route}  of the chosen route; reason is NULL when there is one
std::vector<db::Fragment> route_fragments(const Step& step, base::Purpose purpose,
                                          const CommonReason& common, Attempt attempt);

// Over `messages p`: the instant from which the message counts as not having reached the client,
// NULL when it does not. Fragment {missed}.
db::Fragment missed_fragment(const Fallback& fallback);

// Over `messages p`: whether the end of this message leads to a step with `condition`. Fragment
// {states}.
db::Fragment states_fragment(StepCondition condition);

}  // namespace carillon::campaigns
