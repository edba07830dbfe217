// Reading clients and counting segments: what the preview, `segment count` and `segment explain`
// ask for.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "audience/eligibility_sql.h"
#include "audience/profile.h"
#include "audience/segment_evaluator.h"
#include "db/database.h"

namespace carillon::audience {

// Everything known about one client; nothing when there is none. A handful of look-ups by key.
std::optional<ClientProfile> load_client(db::Connection& connection, std::string_view external_id);
std::optional<ClientProfile> load_client(db::Connection& connection, base::ClientId id);

// The id of a client; nothing when there is none.
std::optional<base::ClientId> find_client(db::Connection& connection, std::string_view external_id);

AttributeTypes load_attribute_types(db::Connection& connection);

// How a segment shrinks to those who may be written to: matched = eligible + the sum of `left_out`.
struct Waterfall {
    std::int64_t matched{};
    std::array<std::int64_t, eligibility_reasons.size()>
        left_out{};  // in the order of eligibility_reasons
    std::int64_t eligible{};
    std::int64_t unknown_time_zone{};  // of the eligible: they get the strictest hours
};

// One pass over the segment; for millions of clients seconds, so ask on a read connection.
Waterfall waterfall(db::Connection& connection, const CompiledSegment& segment,
                    base::ChannelKind channel, base::Purpose purpose);
std::int64_t count(db::Connection& connection, const CompiledSegment& segment);

// Marks the contact to be used among those of each channel; after every change to contacts of
// `clients`, in the same transaction.
void set_preferred_contacts(db::Connection& connection, const db::IdList& clients);

// What a provider found out about an address: it does not exist, so another one is used from now
// on.
void mark_contact_invalid(db::Connection& connection, base::ClientId client, int number,
                          base::Instant now);
// It had found out wrongly: an earlier word of the provider says that it was delivered there.
void mark_contact_valid(db::Connection& connection, base::ClientId client, int number,
                        base::Instant now);

}  // namespace carillon::audience
