// Reads of the client base that are not an import: one client as a whole, and the waterfall of a segment.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audience/profile.h"
#include "audience/segment_sql.h"
#include "db/database.h"

namespace carillon::audience {

std::optional<ClientProfile> load_client(db::Connection& connection, base::ClientId id);
AttributeTypes load_attribute_types(db::Connection& connection);

// Who of a segment can be written to on a channel for a purpose, and who is left out for which reason; each client
// counts once, under the first reason that applies.
struct Waterfall {
    std::int64_t matched{};
    std::vector<std::pair<std::string, std::int64_t>> left_out{};  // in the order the reasons are looked at
    std::int64_t reachable{};
    std::int64_t zone_unknown{};  // of the reachable: written to only when it is a decent hour everywhere
};
Waterfall waterfall(db::Connection& connection, const CompiledSegment& segment, base::ChannelKind channel,
                    base::Purpose purpose);

std::int64_t count(db::Connection& connection, const CompiledSegment& segment);

}  // namespace carillon::audience
