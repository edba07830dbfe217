#include "reports/activity.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

#include "campaigns/link_tracking.h"
#include "db/api_queries.h"
#include "db/documents.h"
#include "reports/facts.h"

namespace carillon::reports {

namespace {

constexpr std::array<std::string_view, 4> names{"hour", "day", "weekday_hour", "link"};

// What a row counts: which member of a point.
std::int64_t& counter(ActivityPoint& point, std::string_view kind) {
    if (kind == "robot_open") return point.opens_robots;
    if (kind == "robot_click") return point.clicks_robots;
    return reaction_of(kind) == Reaction::opened ? point.opens : point.clicks;
}

class Zones {
public:
    explicit Zones(const base::TimeZone& bank) : bank_(bank) {}
    const base::TimeZone& of(const std::string& name) {
        if (name.empty()) return bank_;
        auto found = known_.find(name);
        if (found == known_.end())
            found = known_.emplace(name, base::TimeZone::find(name).value_or(bank_)).first;
        return found->second;
    }

private:
    const base::TimeZone& bank_;
    std::map<std::string, base::TimeZone> known_;
};

ActivityPoint place_in_time(base::Instant at, ActivityBy by, const base::TimeZone& zone) {
    ActivityPoint point;
    const auto date = zone.date_at(at);
    const auto hour = std::chrono::floor<std::chrono::hours>(zone.time_at(at));
    if (by == ActivityBy::weekday_hour) {
        point.weekday =
            static_cast<int>(std::chrono::weekday{std::chrono::sys_days{date}}.iso_encoding());
        point.hour = static_cast<int>(hour.count());
    } else if (by == ActivityBy::day) {
        point.at = zone.instant_of(date, base::TimeOfDay{0});
    } else {
        // Not from the local time: an hour that comes twice is two hours.
        point.at = at - (zone.time_at(at) - hour);
    }
    return point;
}

std::vector<ActivityPoint> over_time(db::Connection& connection, base::CampaignId campaign,
                                     ActivityBy by, const base::TimeZone& bank) {
    Zones zones{bank};
    std::map<std::tuple<base::Instant, int, int>, ActivityPoint> points;
    const auto& query = by == ActivityBy::weekday_hour ? db::queries::activity_by_zone
                                                       : db::queries::activity_over_time;
    connection.select(query, {campaign, campaign}, [&](const db::Row& row) {
        const auto fresh =
            place_in_time(row.get<base::Instant>(1), by, zones.of(row.get<std::string>(2)));
        auto& point =
            points.try_emplace({fresh.at, fresh.weekday, fresh.hour}, fresh).first->second;
        counter(point, row.text(0)) += row.integer(3);
    });
    std::vector<ActivityPoint> list;
    for (auto& [place, point] : points) list.push_back(std::move(point));
    return list;
}

// Where the links of a stored template lead.
std::vector<std::string> links_of(db::Connection& connection, base::DocumentId id) {
    const auto document = db::find_document(connection, id);
    if (!document || document->kind != "template") return {};
    const auto json = base::Json::parse(document->content, document->name);
    if (!json) return {};
    base::Problems problems;
    return campaigns::tracked_links(
        templates::read_document(*json, templates::no_files(), problems));
}

std::vector<ActivityPoint> by_link(db::Connection& connection, base::CampaignId campaign) {
    struct Clicked {
        base::DocumentId document{};
        std::int64_t link{};
        bool by_robots{};
        std::int64_t messages{};
    };
    const auto rows =
        connection.list<Clicked>(db::queries::activity_by_link, {campaign}, [](const db::Row& row) {
            return Clicked{{row.integer(0)}, row.integer(1), row.integer(2) != 0, row.integer(3)};
        });
    std::map<std::int64_t, std::vector<std::string>> links;
    std::map<std::string, ActivityPoint> points;
    for (const auto& row : rows) {
        auto known = links.find(row.document.value);
        if (known == links.end())
            known = links.emplace(row.document.value, links_of(connection, row.document)).first;
        if (row.link > static_cast<std::int64_t>(known->second.size())) continue;
        const auto& leads_to = known->second[static_cast<std::size_t>(row.link - 1)];
        auto& point = points[leads_to];
        point.link = leads_to;
        (row.by_robots ? point.clicks_robots : point.clicks) += row.messages;
    }
    std::vector<ActivityPoint> list;
    for (auto& [link, point] : points) list.push_back(std::move(point));
    std::ranges::stable_sort(list, std::greater{}, &ActivityPoint::clicks);
    return list;
}

base::Json to_json(const ActivityPoint& point, ActivityBy by) {
    base::Json json{base::Json::Object{}};
    switch (by) {
        case ActivityBy::hour:
        case ActivityBy::day: json.set("at", base::to_text(point.at)); break;
        case ActivityBy::weekday_hour:
            json.set("weekday", point.weekday);
            json.set("hour", point.hour);
            break;
        case ActivityBy::link: json.set("link", point.link); break;
    }
    if (by != ActivityBy::link) json.set("opens", point.opens);
    json.set("clicks", point.clicks);
    if (by != ActivityBy::link) json.set("opens_robots", point.opens_robots);
    json.set("clicks_robots", point.clicks_robots);
    return json;
}

}  // namespace

std::optional<ActivityBy> activity_by(std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<ActivityBy>(found - names.begin());
}

std::string_view name_of(ActivityBy by) {
    return names.at(static_cast<std::size_t>(by));
}

Activity activity_of(db::Connection& connection, base::CampaignId campaign, ActivityBy by,
                     const base::TimeZone& zone) {
    return {by, zone.name(),
            by == ActivityBy::link ? by_link(connection, campaign)
                                   : over_time(connection, campaign, by, zone)};
}

base::Json to_json(const Activity& activity) {
    base::Json::Array points;
    for (const auto& point : activity.points) points.push_back(to_json(point, activity.by));
    return base::Json::Object{{"by", std::string{name_of(activity.by)}},
                              {"zone", activity.zone},
                              {"points", std::move(points)}};
}

}  // namespace carillon::reports
