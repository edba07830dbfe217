// The same meaning of a segment as its SQL, computed on a client held in memory: for `segment
// explain`, previews of one client, and as the independent second opinion that the tests hold the
// compiler against.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "audience/profile.h"
#include "audience/segment_sql.h"

namespace carillon::audience {

struct EvaluationContext {
    SegmentContext segment{};
    // Related clients, with at least the fields and contracts a member segment asks for. May be
    // empty: nobody is known.
    std::function<const ClientProfile*(base::ClientId)> find_client{};
};

// Errors: those of compile, met on the way that is taken.
base::Result<bool> matches(const Segment& segment, const ClientProfile& client,
                           const EvaluationContext& context);

// One line of an explanation; the tree is flattened, `depth` is the indent.
struct Explanation {
    int depth{};
    bool holds{};
    std::string rule{};   // in words
    std::string found{};  // what the client has, for leaves: "birth_date 1987-03-02"
};
// Every rule of the segment, also those that no longer decide anything, so that a person sees what
// is missing.
base::Result<std::vector<Explanation>> explain(const Segment& segment, const ClientProfile& client,
                                               const EvaluationContext& context);

// Full years on `day` of somebody born on `birth`; negative before birth.
int age_on(const base::LocalDate& birth, const base::LocalDate& day, base::LeapDayRule rule);

}  // namespace carillon::audience
