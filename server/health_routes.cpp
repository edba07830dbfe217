#include <memory>
#include <mutex>

#include "db/queries.h"
#include "server/endpoints.h"

namespace carillon::server {

namespace {

constexpr std::chrono::seconds counts_age_max{15};

Response plain(int status, std::string text) {
    auto response = Response::of(status, "text/plain; charset=utf-8", std::move(text));
    response.set("Cache-Control", "no-store");
    return response;
}

Response readiness(db::Database& database) {
    try {
        database.read()->value<std::int64_t>(db::queries::server_ping);
        return plain(200, "ready\n");
    } catch (const db::DbError&) {
        return problem(503, "server.database", "The database does not answer.");
    }
}

// Messages by channel and state. Counting them reads the whole table, so a count serves for a
// while.
class MessageCounts {
public:
    explicit MessageCounts(db::Database& database) : database_(database) {}

    std::vector<Gauge> gauges() {
        const std::scoped_lock lock{mutex_};
        const auto now = base::steady_now();
        if (counted_ && now - *counted_ < counts_age_max) return gauges_;
        gauges_ = database_.read()->list<Gauge>(
            db::queries::server_message_counts, {}, [](const db::Row& row) {
                return Gauge{
                    "carillon_messages",
                    "Messages by channel and state",
                    {{"channel", row.get<std::string>(0)}, {"state", row.get<std::string>(1)}},
                    row.get<double>(2)};
            });
        counted_ = now;
        return gauges_;
    }

private:
    db::Database& database_;
    std::mutex mutex_;
    std::optional<base::Steady> counted_;
    std::vector<Gauge> gauges_;
};

void add_server_gauges(std::vector<Gauge>& gauges, const ServerCounts& counts) {
    const auto add = [&](std::string name, std::string help, auto value) {
        gauges.push_back({std::move(name), std::move(help), {}, static_cast<double>(value)});
    };
    add("carillon_http_connections_open", "Connections now", counts.open);
    add("carillon_http_connections_accepted", "Connections since the start", counts.connections);
    add("carillon_http_connections_refused", "Told 503: all connections were taken",
        counts.refused);
    add("carillon_http_connections_displaced", "Idle ones closed for newcomers", counts.displaced);
    add("carillon_http_timeouts", "Requests that did not come whole in time", counts.timeouts);
    add("carillon_http_malformed", "Requests refused by the parser", counts.malformed);
}

}  // namespace

std::vector<Route> health_routes(const HealthServices& services) {
    const auto messages = std::make_shared<MessageCounts>(services.database);
    std::vector<Route> routes;
    routes.push_back({"GET", "/healthz", Policy::everybody,
                      Handler{[](const Request&) { return plain(200, "ok\n"); }}, false});
    routes.push_back({"GET", "/readyz", Policy::everybody,
                      Handler{[services](const Request&) { return readiness(services.database); }},
                      false});
    routes.push_back(
        {"GET", "/metrics", Policy::local, Handler{[services, messages](const Request&) {
             auto gauges = messages->gauges();
             if (services.counts) add_server_gauges(gauges, services.counts());
             auto response =
                 Response::of(200, "text/plain; version=0.0.4", services.metrics.text(gauges));
             response.set("Cache-Control", "no-store");
             return response;
         }},
         false});
    return routes;
}

}  // namespace carillon::server
