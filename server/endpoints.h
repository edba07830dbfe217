// The routes of this server, by what they are for. Each function is one .cpp; what a handler
// borrows must outlive the router.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "db/database.h"
#include "server/metrics.h"
#include "server/router.h"

namespace carillon::server {

// /healthz: the process answers. /readyz: so does the database. /metrics.
struct HealthServices {
    db::Database& database;
    const base::Clock& clock;
    Metrics& metrics;
    std::function<ServerCounts()> counts{};
};
std::vector<Route> health_routes(HealthServices services);

}  // namespace carillon::server
