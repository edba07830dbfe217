#include "audience/eligibility_sql.h"

#include <fmt/format.h>

namespace carillon::audience {

namespace {

// Marketing needs a consent on record; the other purposes go out unless the client has refused this
// very purpose.
int when_nothing_is_recorded(base::Purpose purpose) {
    return purpose == base::Purpose::marketing ? 0 : 1;
}

// Nearly nobody is suppressed: the first look-up is one step in an index that stays open, the
// second one tells what for. COALESCE keeps the two lists out of the index search: one look-up by
// value instead of four.
std::string suppressed(std::string_view subject, std::string_view value, base::ChannelKind channel,
                       base::Purpose purpose) {
    return fmt::format(
        "{0} IN (SELECT n.value FROM suppressions n) AND "
        "EXISTS (SELECT 1 FROM suppressions s /*! FORCE INDEX (value) */"
        " WHERE s.value = {0} AND s.subject = '{1}'"
        " AND COALESCE(s.channel, '') IN ('{2}', '*') AND COALESCE(s.purpose, '') IN ('{3}', '*'))",
        value, subject, name_of(channel), name_of(purpose));
}

}  // namespace

std::string best_contact_join_sql(base::ChannelKind channel, std::string_view alias) {
    // A number that takes short messages can be called, if the client has none for calls alone.
    if (channel == base::ChannelKind::call)
        return fmt::format(
            "LEFT JOIN contacts {0} /*! FORCE INDEX (PRIMARY) */"
            " ON {0}.client_id = c.id AND {0}.preferred = 1"
            " AND ({0}.channel = 'call' OR ({0}.channel = 'sms' AND NOT EXISTS ("
            "SELECT 1 FROM contacts b WHERE b.client_id = c.id AND b.channel = 'call'"
            " AND b.preferred = 1)))",
            alias);
    return fmt::format(
        "LEFT JOIN contacts {0} /*! FORCE INDEX (PRIMARY) */"
        " ON {0}.client_id = c.id AND {0}.channel = '{1}'"
        " AND {0}.preferred = 1",
        alias, name_of(channel));
}

std::string consent_join_sql(base::ChannelKind channel, base::Purpose purpose,
                             std::string_view alias) {
    return fmt::format(
        "LEFT JOIN consents {0} /*! FORCE INDEX (PRIMARY) */"
        " ON {0}.client_id = c.id AND {0}.channel = '{1}'"
        " AND {0}.purpose = '{2}'",
        alias, name_of(channel), name_of(purpose));
}

std::string eligibility_reason_sql(base::ChannelKind channel, base::Purpose purpose,
                                   std::string_view alias, std::string_view consent) {
    const auto granted = consent.empty()
                             ? fmt::format(
                                   "(SELECT o.granted FROM consents o WHERE o.client_id = c.id"
                                   " AND o.channel = '{}' AND o.purpose = '{}')",
                                   name_of(channel), name_of(purpose))
                             : fmt::format("{}.granted", consent);
    return fmt::format(
        "CASE WHEN {0}.number IS NULL THEN 'no_contact'"
        " WHEN {0}.state <> 'active' THEN 'contact_invalid'"
        " WHEN COALESCE({1}, {2}) <> 1 THEN 'no_consent'"
        " WHEN {3} THEN 'suppressed_address' WHEN {4} THEN 'suppressed_client' END",
        alias, granted, when_nothing_is_recorded(purpose),
        suppressed("address", fmt::format("{}.address", alias), channel, purpose),
        suppressed("client", "c.external_id", channel, purpose));
}

}  // namespace carillon::audience
