// Segments at the screen: written, counted while they are written, and explained.
#pragma once

#include <list>

#include "audience/store.h"
#include "desk/office.h"

namespace carillon::desk {

// A segment with the segments it refers to.
struct LoadedSegment {
    audience::Segment segment{};
    std::list<audience::Segment> members{};  // stable addresses
    audience::SegmentContext context{};
};
// `as_of`: YYYY-MM-DD; "" is today in the bank's zone. `connection` outlives `loaded`. Every
// mistake with its place.
base::Problems load_segment(db::Connection& connection, const base::Json& json,
                            const std::string& as_of, base::Instant now, LoadedSegment& loaded);

// One client, held against a segment. Errors: client.unknown, those of compiling.
struct ExplainedSegment {
    bool matches{};
    std::vector<audience::Explanation> rules{};
};
base::Result<ExplainedSegment> explain_segment(db::Connection& connection,
                                               const LoadedSegment& loaded,
                                               const std::string& client);

Answer get_segment(Office& office, const Caller& caller, const std::string& name);
Answer delete_segment(Office& office, const Caller& caller, const std::string& name,
                      const Edit& edit);
// What rules may ask about.
Answer segment_catalogue(Office& office, const Caller& caller);

// {"name"} of a stored segment or {"segment"}, a draft; as docs/openapi.yaml says. Errors:
// segment.too_slow at the limit of the settings.
Answer count_segment(Office& office, const Caller& caller, const base::Json& question);
Answer sample_segment(Office& office, const Caller& caller, const base::Json& question);
Answer explain_segment(Office& office, const Caller& caller, const base::Json& question);

}  // namespace carillon::desk
