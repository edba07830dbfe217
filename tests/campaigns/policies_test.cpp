#include "campaigns/policies.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::campaigns;
using namespace std::chrono_literals;
using base::Json;
using base::Purpose;

namespace {

Json json(std::string_view text) {
    return Json::parse(text).value();
}

base::Problems problems_of(std::string_view text) {
    const auto parsed = parse_policies(json(text));
    return parsed ? base::Problems{} : parsed.error();
}

bool has(const base::Problems& problems, std::string_view place, std::string_view code) {
    return std::ranges::any_of(problems, [&](const auto& problem) {
        return problem.place == place && problem.code == code;
    });
}

}  // namespace

TEST_CASE("an empty policy file means the defaults", "[campaigns][policies]") {
    CHECK(parse_policies(json("{}")).value() == default_policies());
}

TEST_CASE("policies printed and read again are the same", "[campaigns][policies]") {
    auto policies = default_policies();
    policies.cap_classes["greetings"] = {
        .messages = {{1, CapWindow::rolling, 36h}}, .calls = {}, .letters = {}};
    policies.of(Purpose::marketing).control_parts = 123;
    policies.leap_day = base::LeapDayRule::march_1;
    CHECK(parse_policies(to_json(policies)).value() == policies);
    CHECK(parse_policies(to_json(default_policies())).value() == default_policies());
}

TEST_CASE("the defaults keep the debt law and leave a margin before its evening",
          "[campaigns][policies][law]") {
    const auto policies = default_policies();
    const auto& debt = policies.of(Purpose::debt);
    CHECK(to_text(debt.windows.working_days) == "08:00-22:00");
    CHECK(to_text(debt.windows.other_days) == "09:00-20:00");
    CHECK(debt.windows.safety_margin == 15min);
    CHECK(debt.caps == debt_law_caps());
    CHECK(debt.control_parts == 0);
    CHECK(policies.of(Purpose::marketing).control_parts == 500);
    CHECK(policies.unknown_zones.size() == 11);
}

TEST_CASE("a policy file may tighten the debt law, never loosen it", "[campaigns][policies][law]") {
    const auto [member, accepted] = GENERATE(table<std::string, bool>(
        {{R"("working_days": "08:00-22:00")", true},
         {R"("working_days": "09:00-18:00")", true},
         {R"("working_days": "07:59-22:00")", false},
         {R"("working_days": "08:00-22:01")", false},
         {R"("other_days": "closed")", true},
         {R"("other_days": "09:00-20:00")", true},
         {R"("other_days": "08:59-20:00")", false},
         {R"("other_days": "09:00-20:01")", false},
         {R"("caps": {"messages": [{"count": 2, "per": "day"}]})", true},
         {R"("caps": {"messages": [{"count": 3, "per": "day"}]})", false},
         {R"("caps": {"messages": [{"count": 5, "per": "7d"}]})", false},
         {R"("caps": {"messages": [{"count": 3, "per": "24h"}]})", false},
         {R"("caps": {"messages": [{"count": 17, "per": "month"}]})", false},
         {R"("caps": {"calls": [{"count": 3, "per": "week"}]})", false},
         {R"("caps": {"calls": []})", true}}));
    INFO(member);
    const auto text = R"({"purposes": {"debt": {)" + member + "}}}";
    const auto problems = problems_of(text);
    CHECK(problems.empty() == accepted);
    CHECK(std::ranges::all_of(problems, [](const auto& p) { return p.code == "policy.debt_law"; }));
}

TEST_CASE("statutory caps a file does not mention stay in force", "[campaigns][policies][law]") {
    const auto policies =
        parse_policies(
            json(R"({"purposes": {"debt": {"caps": {"messages": [{"count": 1, "per": "day"}]}}}})"))
            .value();
    const auto& caps = policies.of(Purpose::debt).caps.messages;
    CHECK(caps.size() == 6);
    CHECK(caps[0] == Cap{1, CapWindow::day});
    CHECK(std::ranges::find(caps, Cap{16, CapWindow::month}) != caps.end());
    CHECK(policies.of(Purpose::debt).caps.calls == debt_law_caps().calls);
}

TEST_CASE("every mistake of a policy file is reported at once, with its place",
          "[campaigns][policies]") {
    const auto problems = problems_of(R"({
        "bank_zone": "Moscow", "unknown_zones": ["Europe/Moscow", "Mars/Base"],
        "leap_day": "never", "colour": 1,
        "purposes": {"marketing": {"working_days": "21-9", "send_by": "soon",
        "control_percent": 51, "safety_margin": "13h",
            "caps": {"messages": [{"count": -1, "per": "fortnight"}, {"count": 1,
            "per": "day"}, {"count": 2, "per": "day"}]}},
          "service": {"control_percent": 5}, "sales": {}},
        "cap_classes": {"debt": {}}})");
    CHECK(has(problems, "$.bank_zone", "time_zone.unknown"));
    CHECK(has(problems, "$.unknown_zones[1]", "time_zone.unknown"));
    CHECK(has(problems, "$.leap_day", "json.choice"));
    CHECK(has(problems, "$.colour", "json.unknown_key"));
    CHECK(has(problems, "$.purposes.marketing.working_days", "window.invalid"));
    CHECK(has(problems, "$.purposes.marketing.send_by", "duration.invalid"));
    CHECK(has(problems, "$.purposes.marketing.control_percent", "json.range"));
    CHECK(has(problems, "$.purposes.marketing.safety_margin", "policy.safety_margin"));
    CHECK(has(problems, "$.purposes.marketing.caps.messages[0].count", "json.range"));
    CHECK(has(problems, "$.purposes.marketing.caps.messages[0].per", "policy.cap_window"));
    CHECK(has(problems, "$.purposes.marketing.caps.messages[2]", "policy.cap_twice"));
    CHECK(has(problems, "$.purposes.service.control_percent", "policy.control"));
    CHECK(has(problems, "$.purposes.sales", "json.unknown_key"));
    CHECK(has(problems, "$.cap_classes.debt", "policy.cap_class"));
}

TEST_CASE("a client of unknown zone stands in every zone the bank has clients in",
          "[campaigns][policies]") {
    const auto policies = default_policies();
    CHECK(zones_of(policies, std::nullopt).size() == 11);
    const auto omsk = base::TimeZone::find("Asia/Omsk").value();
    const auto zones = zones_of(policies, omsk);
    REQUIRE(zones.size() == 1);
    CHECK(zones[0].name() == "Asia/Omsk");
}

TEST_CASE("lateness counts from the first allowed instant, not from a due time in the night",
          "[campaigns][policies]") {
    const auto moscow = base::TimeZone::find("Europe/Moscow").value();
    const auto at = [](std::string_view text) { return base::parse_instant(text).value(); };
    const auto windows = debt_law_windows();
    const WorkCalendar calendar;  // no years: every day 09:00 to 20:00
    const auto deadline = [&](std::string_view due) {
        return send_deadline(windows, {&moscow, 1}, calendar, at(due), 4h);
    };
    CHECK(deadline("2026-11-20T10:00:00+03:00") == at("2026-11-20T14:00:00+03:00"));
    CHECK(deadline("2026-11-20T23:00:00+03:00") == at("2026-11-21T13:00:00+03:00"));
    const SendWindows closed{never, never, 0min};
    CHECK_FALSE(send_deadline(closed, {&moscow, 1}, calendar, at("2026-11-20T10:00:00Z"), 4h));
}
