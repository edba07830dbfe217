// Opens and clicks in the database: facts in batches, judged by responses/robots.h, and the first
// of each kind by a person as a response.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "db/database.h"
#include "responses/robots.h"

namespace carillon::responses {

struct TrackingEvent {
    base::MessageId message{};
    base::DocumentId link_template{};
    int link{};
    base::Instant at{};
    std::string method{};
    std::string network{};
    std::string agent{};
};

// "203.0.113.9" -> "203.0.113.0/24", "2001:db8:1:2::3" -> "2001:db8:1::/48"; "" for anything else.
std::string network_of(std::string_view address);

// Not thread-safe: one writer.
class TrackingStore {
public:
    explicit TrackingStore(db::Database& database) : database_(database) {}

    // One transaction. Throws DbError: nothing was stored.
    void store(const std::vector<TrackingEvent>& events);

private:
    std::int64_t agent_id(db::Connection& connection, const std::string& agent);

    db::Database& database_;
    std::map<std::string, std::int64_t> agents_;
};

// Judges what has not been judged, up to events of `until`; with `again` everything. The number of
// events whose verdict was set.
std::int64_t judge_tracking(db::Database& database, const RobotRules& rules, base::Instant until,
                            bool again);

struct TrackingCount {
    std::string kind{};     // open, click
    std::string verdict{};  // as in robots.h, or "waiting"
    std::int64_t count{};
};
std::vector<TrackingCount> tracking_counts(db::Connection& connection);

}  // namespace carillon::responses
