#include "responses/tracking.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "db/queries.h"

namespace carillon::responses {

namespace {

constexpr std::size_t agent_bytes_max = 300;
constexpr std::size_t agents_remembered = 10'000;
constexpr std::size_t at_once_max = 512;  // rows of one statement
constexpr std::int64_t window = 20'000;
constexpr std::size_t ids_at_once = 500;
constexpr std::int64_t margin = 2'000;  // events before and after that are only looked at

// Printable ASCII: what a program calls itself is nobody's name and must not break a log.
std::string clean(const std::string& agent) {
    std::string text;
    for (const char c : agent.substr(0, agent_bytes_max)) text += c >= ' ' && c < 0x7f ? c : '?';
    return text;
}

struct Judged {
    TrackingFact fact{};
    bool had_verdict{};
};

std::vector<Judged> load(db::Connection& connection, std::int64_t from, std::int64_t count) {
    return connection.list<Judged>(
        db::queries::tracking_facts, {from, count}, [](const db::Row& row) {
            return Judged{{row.get<std::int64_t>(0), row.get<base::MessageId>(1),
                           row.get<base::DocumentId>(2), row.get<int>(3), row.get<base::Instant>(4),
                           row.get<std::string>(5), row.get<std::string>(6),
                           row.get<std::string>(7), row.get<std::optional<base::Instant>>(8),
                           row.get<std::optional<base::DocumentId>>(9)},
                          !row.is_null(10)};
        });
}

struct Waiting {
    std::int64_t id{};
    base::Instant at{};
};

std::optional<Waiting> first_unjudged(db::Connection& connection, std::int64_t from) {
    return connection.one<Waiting>(
        db::queries::tracking_first_unjudged, {from}, [](const db::Row& row) {
            return Waiting{row.get<std::int64_t>(0), row.get<base::Instant>(1)};
        });
}

// Verdicts for the events with an id from `from` on; where the next window begins, or nothing.
struct Step {
    std::int64_t next{};  // 0: that was all
    std::int64_t judged{};
};

Step judge_window(db::Database& database, const RobotRules& rules, base::Instant until, bool again,
                  std::int64_t from) {
    auto loaded =
        load(*database.read(), std::max<std::int64_t>(from - margin, 1), window + 2 * margin);
    const bool is_last = static_cast<std::int64_t>(loaded.size()) < window + 2 * margin;
    const auto beyond =
        is_last ? INT64_MAX : loaded[static_cast<std::size_t>(window + margin)].fact.id;
    std::vector<TrackingFact> facts;
    for (const auto& one : loaded) facts.push_back(one.fact);
    const auto verdicts = judge(facts, rules);
    std::map<std::string_view, db::IdList> by_verdict;
    Step step{is_last ? 0 : beyond, 0};
    for (std::size_t i = 0; i < loaded.size(); ++i) {
        const auto& fact = loaded[i].fact;
        if (fact.id < from || fact.id >= beyond || fact.at > until) continue;
        if (loaded[i].had_verdict && !again) continue;
        by_verdict[verdicts[i]].push_back(fact.id);
        ++step.judged;
    }
    if (step.judged == 0) return step;
    db::in_transaction(database, [&](db::Connection& connection) {
        for (const auto& [verdict, ids] : by_verdict)
            for (std::size_t at = 0; at < ids.size(); at += ids_at_once) {
                const auto end = std::min(at + ids_at_once, ids.size());
                const db::IdList some{ids.begin() + static_cast<std::ptrdiff_t>(at),
                                      ids.begin() + static_cast<std::ptrdiff_t>(end)};
                connection.execute(db::queries::set_tracking_verdict, {verdict, some});
                connection.execute(verdict == "person" ? db::queries::insert_tracking_responses
                                                       : db::queries::insert_robot_reactions,
                                   {some});
            }
    });
    return step;
}

}  // namespace

std::string network_of(std::string_view address) {
    std::array<unsigned char, 16> bytes{};
    std::array<char, INET6_ADDRSTRLEN> text{};
    const std::string given{address};
    if (inet_pton(AF_INET, given.c_str(), bytes.data()) == 1) {
        bytes[3] = 0;
        inet_ntop(AF_INET, bytes.data(), text.data(), text.size());
        return std::string{text.data()} + "/24";
    }
    if (inet_pton(AF_INET6, given.c_str(), bytes.data()) != 1) return {};
    std::fill(bytes.begin() + 6, bytes.end(), static_cast<unsigned char>(0));
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
    return std::string{text.data()} + "/48";
}

std::int64_t TrackingStore::agent_id(db::Connection& connection, const std::string& agent) {
    const auto name = clean(agent);
    if (const auto known = agents_.find(name); known != agents_.end()) return known->second;
    auto id = connection.value<std::int64_t>(db::queries::tracking_agent, {name});
    if (!id) {
        connection.execute(db::queries::insert_tracking_agent, {name});
        id = connection.value<std::int64_t>(db::queries::tracking_agent, {name});
    }
    if (agents_.size() >= agents_remembered) agents_.clear();
    agents_[name] = id.value();
    return id.value();
}

void TrackingStore::store(const std::vector<TrackingEvent>& events) {
    const auto write = [&](db::Connection& connection) {
        std::vector<db::Params> rows;
        rows.reserve(events.size());
        for (const auto& event : events)
            rows.push_back({event.message, event.link_template, event.link, event.at, event.method,
                            event.network, agent_id(connection, event.agent)});
        connection.execute_batch(db::queries::insert_tracking_events, rows);
    };
    try {
        // Against a server every round trip counts: there a batch without a transaction is one
        // statement, which is stored whole or not at all.
        if (database_.engine() == db::Engine::mariadb && events.size() <= at_once_max)
            write(*database_.write());
        else
            db::in_transaction(database_, write);
    } catch (const db::DbError&) {
        agents_.clear();  // what was rolled back may have been remembered
        throw;
    }
}

std::int64_t judge_tracking(db::Database& database, const RobotRules& rules, base::Instant until,
                            bool again) {
    std::int64_t judged = 0;
    std::int64_t from = 1;
    while (true) {
        if (!again) {
            // They came in this order: where the first is too young, so are all.
            const auto first = first_unjudged(*database.read(), from);
            if (!first || first->at > until) break;
            from = first->id;
        }
        const auto step = judge_window(database, rules, until, again, from);
        judged += step.judged;
        if (step.next == 0) break;
        from = step.next;
    }
    if (again)
        db::in_transaction(database, [&](db::Connection& connection) {
            connection.execute(db::queries::delete_refuted_responses);
            connection.execute(db::queries::delete_refuted_robots);
        });
    return judged;
}

std::vector<TrackingCount> tracking_counts(db::Connection& connection) {
    return connection.list<TrackingCount>(db::queries::tracking_counts, {}, [](const db::Row& row) {
        return TrackingCount{row.get<std::string>(0), row.get<std::string>(1),
                             row.get<std::int64_t>(2)};
    });
}

}  // namespace carillon::responses
