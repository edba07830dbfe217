// report --activity: when a campaign's messages were opened and clicked, and which links.
#include "app/commands.h"
#include "desk/visible.h"
#include "reports/activity.h"

namespace carillon::app {

namespace {

std::string place_of(const reports::ActivityPoint& point, reports::ActivityBy by,
                     const base::TimeZone& zone) {
    using reports::ActivityBy;
    constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const auto day = base::to_text(zone.date_at(point.at));
    switch (by) {
        case ActivityBy::hour: return day + " " + base::to_text(zone.time_at(point.at));
        case ActivityBy::day: return day;
        case ActivityBy::weekday_hour:
            return std::string{days.at(static_cast<std::size_t>(point.weekday - 1))} + " " +
                   base::to_text(base::TimeOfDay{point.hour * 60});
        case ActivityBy::link: return point.link;
    }
    std::abort();
}

}  // namespace

ExitCode report_activity(Program& program, const Output& output, const ReportArgs& args) {
    const db::LongRead lease{program.migrated_database()};
    const auto campaign = campaigns::find_campaign(*lease, args.name);
    if (!campaign)
        return output.refuse({"campaign.unknown", "there is no campaign '" + args.name + "'"});
    const auto by = reports::activity_by(args.activity).value();
    const auto zone = desk::bank_zone(*lease);
    const auto activity = reports::activity_of(*lease, campaign->id, by, zone);
    const bool of_links = by == reports::ActivityBy::link;
    std::vector<std::string> head{args.activity, "clicks", "clicks by robots"};
    if (!of_links) head.insert(head.end(), {"opens", "opens by robots"});
    std::vector<std::vector<std::string>> rows;
    for (const auto& point : activity.points) {
        rows.push_back(
            {place_of(point, by, zone), grouped(point.clicks), grouped(point.clicks_robots)});
        if (of_links) continue;
        rows.back().push_back(grouped(point.opens));
        rows.back().push_back(grouped(point.opens_robots));
    }
    output.table(head, rows);
    if (rows.empty()) output.line("Nothing was opened or clicked yet.");
    output.result(reports::to_json(activity));
    return ExitCode::done;
}

}  // namespace carillon::app
