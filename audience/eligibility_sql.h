// Who may be written to on a channel for a purpose, as SQL fragments that the waterfall, the freeze
// of an audience and the re-check at submission share, so that they cannot disagree. The rule in
// words: docs/consent.md.
//
//   SELECT r.client_id, r.contact, r.reason FROM (
//     SELECT c.id AS client_id, k.number AS contact, <eligibility_reason_sql> AS reason
//       FROM clients c <best_contact_join_sql>
//      WHERE c.id > ? AND c.id <= ? AND (<predicate of a segment>)
//      LIMIT 9223372036854775807) r
//
// The LIMIT keeps SQLite from pasting the reason into every place that mentions it (each copy would
// run its look-ups again). The fragments hold no parameters and nothing that a user wrote.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/channel_kind.h"

namespace carillon::audience {

// Why a client cannot be written to; the first that applies, in this order.
inline constexpr std::array<std::string_view, 5> eligibility_reasons{
    "no_contact", "contact_invalid", "no_consent", "suppressed_address", "suppressed_client"};

// `LEFT JOIN contacts k ON ...`: the one contact of client `c` that would be used. A usable one
// before others, then the lowest priority number, verified before not, then the oldest. `alias`
// stands for k.
std::string best_contact_join_sql(base::ChannelKind channel, std::string_view alias = "k");

// `LEFT JOIN consents o ON ...`, for whole audiences: cheaper than a look-up in the expression.
std::string consent_join_sql(base::ChannelKind channel, base::Purpose purpose,
                             std::string_view alias);

// An expression over `c` (clients) and `k` (contacts, NULL when there is none): NULL when the
// client may be written to, else one of eligibility_reasons. `consent`: the alias of
// consent_join_sql; empty: the expression looks the consent up itself.
std::string eligibility_reason_sql(base::ChannelKind channel, base::Purpose purpose,
                                   std::string_view alias = "k", std::string_view consent = {});

}  // namespace carillon::audience
