// Opens and clicks of a campaign over time, in the zones they are told in.
#include <catch2/catch.hpp>

#include "reports/activity.h"
#include "tests/support/small_campaign.h"

using namespace carillon;

namespace {

struct Reactions {
    explicit Reactions(db::Engine engine) : small{engine} {
        moscow = small.add_client("M");
        kamchatka = small.add_client("K", "Asia/Kamchatka");
        nowhere = small.add_client("N", "Nowhere/Unknown");
    }
    void person(std::int64_t client, const char* kind, const char* when,
                std::int64_t campaign = 7) {
        ++count;
        small.sql(
            "INSERT INTO responses (source, external_id, client_id, campaign_id, message_id, kind, "
            "at) VALUES ('tracking', ?, ?, ?, ?, ?, ?)",
            {std::to_string(count), client, campaign, count, kind, tests::at(when)});
    }
    void robot(std::int64_t client, const char* kind, const char* when) {
        ++count;
        small.sql(
            "INSERT INTO robot_reactions (campaign_id, kind, message_id, client_id, at) VALUES (7, "
            "?, ?, ?, ?)",
            {kind, count, client, tests::at(when)});
    }
    std::vector<std::string> points(reports::ActivityBy by) {
        const auto zone = base::TimeZone::find("Europe/Moscow").value();
        std::vector<std::string> out;
        for (const auto& point :
             reports::activity_of(*small.database->read(), {7}, by, zone).points) {
            const auto place =
                by == reports::ActivityBy::weekday_hour
                    ? std::to_string(point.weekday) + "/" + std::to_string(point.hour)
                    : base::to_text(point.at);
            out.push_back(place + " " + std::to_string(point.opens) + " " +
                          std::to_string(point.clicks) + " " + std::to_string(point.opens_robots) +
                          " " + std::to_string(point.clicks_robots));
        }
        return out;
    }

    tests::SmallCampaign small;
    std::int64_t moscow{}, kamchatka{}, nowhere{}, count{};
};

}  // namespace

TEST_CASE("opens and clicks are told by hour, day and hour of the week", "[reports]") {
    using Points = std::vector<std::string>;
    using reports::ActivityBy;
    for (const auto engine : tests::engines_under_test()) {
        Reactions all{engine};
        // Monday 23:50 in Moscow, which is Tuesday 8:50 in Kamchatka.
        all.person(all.moscow, "open", "2026-11-23T20:50:00Z");
        all.person(all.kamchatka, "open", "2026-11-23T20:55:00Z");
        all.person(all.kamchatka, "click", "2026-11-23T21:05:00Z");  // after midnight in Moscow
        all.person(all.nowhere, "landing", "2026-11-23T21:59:59Z");
        all.person(all.nowhere, "stop", "2026-11-23T21:59:59Z");    // no click
        all.person(all.moscow, "open", "2026-11-23T20:50:00Z", 8);  // of another campaign
        all.robot(all.moscow, "robot_open", "2026-11-23T20:00:00Z");
        all.robot(all.kamchatka, "robot_click", "2026-11-23T21:00:00Z");
        CHECK(all.points(ActivityBy::hour) ==
              Points{"2026-11-23T20:00:00.000Z 2 0 1 0", "2026-11-23T21:00:00.000Z 0 2 0 1"});
        CHECK(all.points(ActivityBy::day) ==
              Points{"2026-11-22T21:00:00.000Z 2 0 1 0", "2026-11-23T21:00:00.000Z 0 2 0 1"});
        CHECK(all.points(ActivityBy::weekday_hour) ==
              Points{"1/23 1 0 1 0", "2/0 0 1 0 0", "2/8 1 0 0 0", "2/9 0 1 0 1"});
        CHECK(all.points(ActivityBy::link).empty());
    }
}
