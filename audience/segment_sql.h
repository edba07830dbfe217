// Segments as parameterised SQL, the same text for both engines. No text of a user's ever becomes
// SQL: names come from the field catalogue, values are parameters.
//
//   SELECT c.id FROM clients c WHERE c.id > ? AND c.id <= ? AND (<predicate>)
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "audience/segment.h"
#include "db/value.h"

namespace carillon::audience {

// What a rule cannot know by itself. Functions may be empty: then no segment or campaign is known.
struct SegmentContext {
    base::LocalDate as_of{};
    base::LeapDayRule leap_days{base::LeapDayRule::february_28};
    std::function<const Segment*(std::string_view name)> find_segment{};  // must outlive the call
    std::function<std::optional<std::int64_t>(std::string_view name)> find_campaign{};
};

// How the statement reaches its clients: over all or a large range of them, or over few ids (`c.id
// IN (?*)`). The clients found are the same, only the work differs.
enum class Access { scan, probe };

struct CompiledSegment {
    std::string predicate{};  // on alias `c` of clients; 0 or 1, never NULL
    db::Params params{};      // in the order of the '?' in predicate
    // An index leads to its clients: a look at all of them in parts would follow it once a part.
    bool narrow{};
};

// Clients by their ids: those above `after` up to `through`.
struct ClientRange {
    std::int64_t after{};
    std::int64_t through{};
};

// The clients of a segment in a range.
CompiledSegment within(const CompiledSegment& segment, ClientRange range);

// Errors: segment.unknown (a member that does not exist), segment.cycle, segment.campaign_unknown,
// segment.limit (too large or too deep with its members).
base::Result<CompiledSegment> compile(const Segment& segment, const SegmentContext& context,
                                      Access access = Access::scan);

// "YYYY-MM-DD": the latest birth date of those who are at least `years` old on `as_of`. In a common
// year it may name a 29 February that stands for 28 February; compare it as text.
std::string latest_birth_date(const base::LocalDate& as_of, std::int64_t years,
                              base::LeapDayRule rule);

}  // namespace carillon::audience
