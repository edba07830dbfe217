// A picture of the bank, taken once a day and never changed: who is in which segment, with which
// status, products, source and balances, and what each segment comes to. Only changes are written,
// as intervals [from_on, to_on).
#pragma once

#include <string>
#include <vector>

#include "audience/segment_sql.h"
#include "base/clock.h"
#include "base/local_date.h"
#include "db/database.h"

namespace carillon::audience {

struct SnapshotSettings {
    base::LocalDate day{};
    base::LocalDate today{};         // in the bank's zone: no day beyond it
    std::string currency{"RUB"};     // balances in other currencies are left out
    std::string source_attribute{};  // attribute that says where a client came from; "": none
    std::int64_t chunk{4'000};       // client ids of one transaction: others wait meanwhile
    base::LeapDayRule leap_days{base::LeapDayRule::february_28};
    std::function<std::optional<std::int64_t>(std::string_view)> find_campaign{};
};

struct SnapshotSummary {
    bool is_new{};  // false: that day stood already
    std::int64_t clients{};
    std::int64_t segments{};
    base::Problems skipped{};  // segments that cannot be computed any more
};

// Goes on where a killed one stopped. The data are those of now, whatever day they are stored for.
// Errors: snapshot.past (a later day stands already), snapshot.future. Throws db::DbError.
base::Result<SnapshotSummary> take_snapshot(db::Database& database, const base::Clock& clock,
                                            const SnapshotSettings& settings);

}  // namespace carillon::audience
