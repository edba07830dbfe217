#include "audience/eligibility_sql.h"

#include <fmt/format.h>

namespace carillon::audience {

namespace {

// Marketing needs a consent on record; the other purposes go out unless the client has refused this
// very purpose.
int when_nothing_is_recorded(base::Purpose purpose) {
    return purpose == base::Purpose::marketing ? 0 : 1;
}

// COALESCE keeps the two lists out of the index search: one look-up by value instead of four.
std::string suppressed(std::string_view subject, std::string_view value, base::ChannelKind channel,
                       base::Purpose purpose) {
    return fmt::format(
        "EXISTS (SELECT 1 FROM suppressions s WHERE s.value = {} AND s.subject = '{}'"
        " AND COALESCE(s.channel, '') IN ('{}', '*') AND COALESCE(s.purpose, '') IN ('{}', '*'))",
        value, subject, name_of(channel), name_of(purpose));
}

}  // namespace

std::string best_contact_join_sql(base::ChannelKind channel) {
    return fmt::format(
        "LEFT JOIN contacts k ON k.client_id = c.id AND k.channel = '{0}' AND NOT EXISTS ("
        "SELECT 1 FROM contacts b WHERE b.client_id = k.client_id AND b.channel = '{0}' AND b.id "
        "<> k.id"
        " AND (b.state <> 'active', b.priority, 1 - b.verified, b.id)"
        " < (k.state <> 'active', k.priority, 1 - k.verified, k.id))",
        name_of(channel));
}

std::string eligibility_reason_sql(base::ChannelKind channel, base::Purpose purpose) {
    return fmt::format(
        "CASE WHEN k.id IS NULL THEN 'no_contact'"
        " WHEN k.state <> 'active' THEN 'contact_invalid'"
        " WHEN COALESCE((SELECT o.granted FROM consents o WHERE o.client_id = c.id"
        " AND o.channel = '{}' AND o.purpose = '{}'), {}) <> 1 THEN 'no_consent'"
        " WHEN {} THEN 'suppressed_address' WHEN {} THEN 'suppressed_client' END",
        name_of(channel), name_of(purpose), when_nothing_is_recorded(purpose),
        suppressed("address", "k.address", channel, purpose),
        suppressed("client", "c.external_id", channel, purpose));
}

}  // namespace carillon::audience
