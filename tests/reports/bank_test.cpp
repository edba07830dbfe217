// Plans against facts and the bank's view, on numbers that can be counted on paper.
#include "reports/bank_report.h"

#include <catch2/catch.hpp>

#include "reports/plan_check.h"
#include "reports/profitability.h"

using namespace carillon;
using namespace carillon::reports;

namespace {

constexpr std::int64_t day = 86'400'000;

// 100 clients due at day 10, `sent` of them reached; the plan says 100.
struct PlannedCampaign {
    Facts facts;
    CampaignReport report;
    std::vector<base::Instant> slots;

    explicit PlannedCampaign(std::int64_t sent) {
        ClientFact client;
        client.from = client.to = 10 * day;
        client.assigned = true;
        facts.clients.push_back(client);
        report.design.name = "offer";
        report.design.currency = "RUB";
        report.design.plan.reach = 100;
        report.design.conversion.window = std::chrono::hours{24 * 10};
        report.treated.sent = sent;
    }
    PlanFigure figure_at(std::int64_t now, std::optional<std::int64_t> ends = {}) {
        PlanMoment moment{base::from_millis(now), {}, slots};
        if (ends) moment.ends = base::from_millis(*ends);
        return compare_plan(facts, report, moment).figures.at(0);
    }
};

}  // namespace

TEST_CASE("a plan is held against what is due by now", "[plan]") {
    PlannedCampaign half{50};
    CHECK_FALSE(half.figure_at(9 * day).is_beyond);
    CHECK(half.figure_at(10 * day).is_beyond);
    CHECK(half.figure_at(10 * day).deviation == Approx(-0.5));
    // Until day 20: half is due in the middle.
    CHECK(half.figure_at(15 * day, 20 * day).expected == Approx(50));
    CHECK_FALSE(half.figure_at(15 * day, 20 * day).is_beyond);
    CHECK(half.figure_at(16 * day, 20 * day).is_beyond);
    // An early shortfall says nothing yet.
    PlannedCampaign none{0};
    CHECK_FALSE(none.figure_at(11 * day, 20 * day).is_beyond);
    // Open messages are given a day.
    none.report.open_messages = 1;
    CHECK_FALSE(none.figure_at(10 * day + 1).is_beyond);
    CHECK(none.figure_at(11 * day).is_beyond);
}

TEST_CASE("a campaign that fires by its calendar is due slot by slot", "[plan]") {
    PlannedCampaign campaign{50};
    for (const int at : {10, 20, 30, 40}) campaign.slots.push_back(base::from_millis(at * day));
    const auto ends = 70 * day;
    CHECK(campaign.figure_at(10 * day, ends).expected == Approx(25));
    CHECK(campaign.figure_at(29 * day, ends).expected == Approx(50));
    CHECK_FALSE(campaign.figure_at(29 * day, ends).is_beyond);
    CHECK(campaign.figure_at(30 * day, ends).expected == Approx(75));
    CHECK(campaign.figure_at(30 * day, ends).is_beyond);
    // Open messages are given a day.
    campaign.report.open_messages = 1;
    CHECK_FALSE(campaign.figure_at(30 * day, ends).is_beyond);
    // Of the third slot half the window of ten days is over, of the fourth nothing.
    campaign.report.open_messages = 0;
    campaign.report.design.plan.reach.reset();
    campaign.report.design.plan.response_parts = 1'000;
    CHECK(campaign.figure_at(35 * day, ends).expected == Approx(0.1 * 2.5 / 4));
}

TEST_CASE("the limit of a plan is exclusive, and more than planned counts too", "[plan]") {
    const auto [sent, beyond] = GENERATE(table<std::int64_t, bool>(
        {{89, true}, {90, false}, {100, false}, {110, false}, {111, true}}));
    PlannedCampaign campaign{sent};
    CHECK(campaign.figure_at(12 * day).is_beyond == beyond);
}

TEST_CASE("response and revenue ripen until the window is over", "[plan]") {
    PlannedCampaign campaign{100};
    campaign.report.design.plan.reach.reset();
    campaign.report.design.plan.response_parts = 1'000;
    campaign.report.design.plan.revenue = base::Money{100'000, "RUB"};
    campaign.report.design.plan.cost = base::Money{100, "USD"};
    campaign.report.rates.push_back({"response", {4, 100}, lacking(Lack::nobody)});
    const auto compared =
        compare_plan(campaign.facts, campaign.report, {base::from_millis(15 * day), {}, {}});
    REQUIRE(compared.figures.size() == 2);
    CHECK(compared.figures[0].expected == Approx(0.05));
    CHECK(compared.figures[0].deviation == Approx(-0.2));
    CHECK(compared.figures[1].deviation == Approx(-1));
    CHECK(compared.unknown == std::vector<std::string>{"cost"});
    const Words russian{Language::russian};
    const auto words = plan_task_words(campaign.report.design, compared, {"response"}, russian);
    CHECK(words.find("к этому дню по плану 5,00") != std::string::npos);
    CHECK(words.find("на 20,0") != std::string::npos);
    CHECK(words.find("доход") == std::string::npos);
}

TEST_CASE("a client's figure against its plan", "[plan]") {
    ClientFigure figure;
    figure.planned = 1'000;
    figure.fact = 900;
    CHECK(figure.deviation() == Approx(-0.1));
    CHECK_FALSE(figure.is_beyond());
    figure.fact = 899;
    CHECK(figure.is_beyond());
    figure.planned = -1'000;  // a loss was planned
    figure.fact = -1'200;
    CHECK(figure.deviation() == Approx(-0.2));
    figure.planned = 0;
    CHECK(figure.deviation() == Approx(-1));
    figure.fact = 0;
    CHECK(figure.deviation() == Approx(0));
}

TEST_CASE("days fall into periods", "[bank]") {
    CHECK(period_of("2026-11-22", Period::day) == "2026-11-22");
    CHECK(period_of("2026-11-22", Period::week) == "2026-W47");
    CHECK(period_of("2026-11-23", Period::week) == "2026-W48");
    CHECK(period_of("2027-01-03", Period::week) == "2026-W53");
    CHECK(period_of("2024-12-30", Period::week) == "2025-W01");
    CHECK(period_of("2026-11-22", Period::quarter) == "2026-Q4");
    CHECK(period_of("2026-03-31", Period::quarter) == "2026-Q1");
    CHECK(period_of("2026-11-22", Period::year) == "2026");
}

TEST_CASE("the fifth that brings most", "[bank]") {
    // 10 clients: 50 and 30 bring 80 of 100.
    const auto value = concentration({{1, 50},
                                      {2, 30},
                                      {3, 5},
                                      {4, 5},
                                      {5, 2},
                                      {6, 2},
                                      {7, 2},
                                      {8, 2},
                                      {9, 1},
                                      {10, 1},
                                      {11, 0},
                                      {12, -7}},
                                     3);
    CHECK(value.clients == 10);
    CHECK(value.share_of_fifth == Approx(0.8));
    CHECK(value.who_bring_80 == 2);
    REQUIRE(value.first.size() == 3);
    CHECK(value.first[2].cumulative == Approx(0.85));
    CHECK(concentration({}, 3).clients == 0);
    CHECK(concentration({{1, 5}}, 3).share_of_fifth == Approx(1));
}

TEST_CASE("products held together", "[bank]") {
    const auto pairs = product_pairs(
        {{1, "card"}, {1, "loan"}, {2, "card"}, {2, "loan"}, {3, "card"}, {4, "deposit"}});
    REQUIRE(pairs.size() == 1);
    CHECK(pairs[0].together == 2);
    CHECK(pairs[0].support() == Approx(0.5));
    CHECK(pairs[0].confidence() == Approx(2.0 / 3));
    CHECK(pairs[0].backward_confidence() == Approx(1));
    CHECK(pairs[0].lift() == Approx(4.0 / 3));
    CHECK(product_pairs({}).empty());
}
