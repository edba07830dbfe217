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
    // A number that takes short messages can be called, if the client has none for calls alone.
    if (channel == base::ChannelKind::call)
        return "LEFT JOIN contacts k ON k.client_id = c.id AND k.preferred = 1 AND (k.channel = "
               "'call'"
               " OR (k.channel = 'sms' AND NOT EXISTS (SELECT 1 FROM contacts b"
               " WHERE b.client_id = c.id AND b.channel = 'call' AND b.preferred = 1)))";
    return fmt::format(
        "LEFT JOIN contacts k ON k.client_id = c.id AND k.channel = '{}' AND k.preferred = 1",
        name_of(channel));
}

std::string eligibility_reason_sql(base::ChannelKind channel, base::Purpose purpose) {
    return fmt::format(
        "CASE WHEN k.number IS NULL THEN 'no_contact'"
        " WHEN k.state <> 'active' THEN 'contact_invalid'"
        " WHEN COALESCE((SELECT o.granted FROM consents o WHERE o.client_id = c.id"
        " AND o.channel = '{}' AND o.purpose = '{}'), {}) <> 1 THEN 'no_consent'"
        " WHEN {} THEN 'suppressed_address' WHEN {} THEN 'suppressed_client' END",
        name_of(channel), name_of(purpose), when_nothing_is_recorded(purpose),
        suppressed("address", "k.address", channel, purpose),
        suppressed("client", "c.external_id", channel, purpose));
}

}  // namespace carillon::audience
