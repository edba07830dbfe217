#include "campaigns/definition.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::campaigns;
using namespace std::chrono_literals;
using base::Json;

namespace {

Json json(std::string_view text) {
    auto parsed = Json::parse(text);
    INFO((parsed ? std::string{} : parsed.error().text()));
    REQUIRE(parsed);
    return *parsed;
}

// The smallest campaign there is, with one member replaced or added.
Json campaign_with(const std::string& key = {}, Json value = {}) {
    auto campaign = json(R"({"name": "autumn", "title": "Autumn", "objective": "cross_sell",
        "segment": "salary-clients", "steps": [{"channel": "email", "template": "autumn"}],
        "schedule": {"once": {"date": "2026-11-21", "time": "10:00"}}})");
    if (!key.empty()) campaign.set(key, std::move(value));
    return campaign;
}

const Json everything = Json::parse(R"({
  "name": "birthday-2026", "title": "С днём рождения", "description": "Greets\nin two lines.",
  "objective": "experience", "purpose": "marketing", "owner": "M. Orlova",
  "segment": "all-clients", "exclude": ["staff", "blocked"], "languages": ["ru", "en", "pt-BR"],
  "household": "one_per_address", "control": {"percent": 2.5},
  "steps": [
    {"channel": ["email", "sms"], "template": {"email": "greeting", "sms": "greeting-sms"},
     "account": {"sms": "sms-main"}, "fallback": {"no_receipt": "24h", "no_response": "3d"}},
    {"name": "reminder", "channel": "letter", "template": "birthday-letter", "wait": "PT36H",
     "condition": "no_response", "account": "second-printer"}],
  "variants": [
    {"name": "warm", "weight": 2, "templates": {"reminder": "warm-letter", "1/sms": "warm"}},
    {"name": "cool", "templates": {}}],
  "schedule": {"date_field": {"field": "birth_date", "offset_days": -3, "time": "10:00"},
  "zone": "bank"},
  "starts": "2026-01-01", "ends": "2026-12-31", "send_by": "8h",
  "quiet_hours": {"working_days": "10:00-19:00", "other_days": "closed"},
  "caps": "greetings", "priority": 80, "recheck": false,
  "plan": {"reach": 50000, "response_percent": 3.25, "revenue": "1200000.00",
  "cost": "90000.50", "currency": "KZT"},
  "conversion": {"event": "deposit_opened", "window": "21d"}})")
                            .value();

base::Problems problems_of(const Json& campaign) {
    const auto parsed = parse_definition(campaign);
    return parsed ? base::Problems{} : parsed.error();
}

bool has(const base::Problems& problems, std::string_view place, std::string_view code) {
    return std::ranges::any_of(problems, [&](const auto& problem) {
        return problem.place == place && problem.code == code;
    });
}

std::string text_of(const base::Problems& problems) {
    std::string text;
    for (const auto& problem : problems) text += problem.code + " at " + problem.text() + "\n";
    return text;
}

}  // namespace

TEST_CASE("the smallest campaign takes its other members from defaults", "[campaigns]") {
    const auto definition = parse_definition(campaign_with());
    REQUIRE(definition);

    CHECK(definition->purpose == base::Purpose::marketing);
    CHECK(definition->steps.at(0).name == "1");
    CHECK(definition->steps.at(0).routes.size() == 1);
    CHECK(definition->recheck);
    CHECK(definition->conversion.window == std::chrono::days{14});
    CHECK(control_parts_of(*definition, default_policies()) == 500);
    CHECK(send_by_of(*definition, default_policies()) == 4h);
    CHECK(check_against(*definition, default_policies()).empty());
}

TEST_CASE("every member of a campaign file is read", "[campaigns]") {
    const auto parsed = parse_definition(everything);
    INFO(text_of(problems_of(everything)));
    REQUIRE(parsed);
    const auto& definition = *parsed;

    CHECK(definition.purpose == base::Purpose::marketing);
    CHECK(definition.exclude == std::vector<std::string>{"staff", "blocked"});
    CHECK(definition.languages.size() == 3);
    CHECK(definition.household == Household::one_per_address);
    CHECK(definition.control_parts == 250);
    REQUIRE(definition.steps.at(0).routes.size() == 2);
    CHECK(definition.steps.at(0).routes[0] == Route{base::ChannelKind::email, "greeting", ""});
    CHECK(definition.steps.at(0).routes[1] ==
          Route{base::ChannelKind::sms, "greeting-sms", "sms-main"});
    CHECK(definition.steps.at(0).fallback == Fallback{Minutes{24 * 60}, Minutes{3 * 24 * 60}});
    CHECK(definition.steps.at(1).wait == 36h);
    CHECK(definition.steps.at(1).condition == StepCondition::no_response);
    CHECK(definition.steps.at(1).routes.at(0).account == "second-printer");
    CHECK(definition.variants.at(0).weight == 2);
    CHECK(definition.variants.at(0).templates.at(0).step == "1/sms");
    CHECK(definition.variants.at(0).templates.at(1).template_name == "warm-letter");
    CHECK(definition.schedule.zone == ScheduleZone::bank);
    CHECK(std::get<OnDateField>(definition.schedule.when).offset_days == -3);
    CHECK(std::get<OnDateField>(definition.schedule.when).match == DateMatch::anniversary);
    CHECK(definition.starts == base::parse_date("2026-01-01").value());
    CHECK(definition.send_by == 8h);
    CHECK(definition.quiet_hours->other_days->is_closed());
    CHECK(definition.cap_class == "greetings");
    CHECK(definition.priority == 80);
    CHECK_FALSE(definition.recheck);
    CHECK(definition.plan.reach == 50000);
    CHECK(definition.plan.response_parts == 325);
    CHECK(definition.plan.cost == base::Money{9'000'050, "KZT"});
    CHECK(definition.conversion.event == "deposit_opened");
    CHECK(definition.conversion.window == std::chrono::days{21});
}

TEST_CASE("a campaign printed and read again is the same campaign", "[campaigns]") {
    const auto schedule = GENERATE(
        R"({"once": {"date": "2026-11-21", "time": "10:00"}})",
        R"({"recurring": {"rrule": "FREQ=MONTHLY;BYDAY=2SU", "start": "2026-01-01",
            "time": "09:30"}})",
        R"({"date_field": {"field": "contract_opened", "match": "anniversary", "time": "10:00"}})",
        R"({"date_field": {"field": "card_expiry", "offset_days": -30, "time": "10:00"},
            "zone": "bank"})",
        R"({"calendar_days": {"list": "ru-professions", "time": "09:00"}})",
        R"({"calendar_days": {"time": "09:00", "days": [
            {"occupation": "teacher", "day": "10-05", "title": "Teacher's Day"},
            {"occupation": "builder", "day": "second sunday of august"},
            {"occupation": "driver", "day": "last sunday of october"},
            {"occupation": "programmer", "day": "day 256 of year"}]}})",
        R"({"event": {"name": "credit_decision", "delay": "15m"}})");
    for (const auto& base_campaign : {campaign_with(), everything}) {
        auto campaign = base_campaign;
        campaign.set("schedule", json(schedule));
        INFO(text_of(problems_of(campaign)));
        const auto first = parse_definition(campaign);
        REQUIRE(first);
        const auto second = parse_definition(to_json(*first).dump(2), "again.json");
        REQUIRE(second);
        CHECK(*second == *first);
        CHECK(to_json(*second).canonical() == to_json(*first).canonical());
        CHECK(content_hash(*second) == content_hash(*first));
    }
}

TEST_CASE("any change of any member changes the content hash", "[campaigns]") {
    const auto before = content_hash(parse_definition(everything).value());
    const auto [key, value] = GENERATE(table<std::string, std::string>(
        {{"name", R"("birthday-2027")"},
         {"title", R"("Other")"},
         {"description", R"("x")"},
         {"objective", R"("retention")"},
         {"owner", R"("A. Petrov")"},
         {"segment", R"("some-clients")"},
         {"exclude", R"(["staff"])"},
         {"languages", R"(["ru"])"},
         {"household", R"("none")"},
         {"control", R"({"percent": 2.51})"},
         {"starts", R"("2026-01-02")"},
         {"ends", R"("2026-12-30")"},
         {"send_by", R"("9h")"},
         {"quiet_hours", R"({"working_days": "10:00-19:01"})"},
         {"caps", R"("other")"},
         {"priority", "81"},
         {"recheck", "true"},
         {"plan", R"({"reach": 1})"},
         {"conversion", R"({"window": "22d"})"},
         {"variants", "[]"},
         {"schedule", R"({"once": {"date": "2026-11-21", "time": "10:01"}})"}}));
    INFO(key);
    auto campaign = everything;
    campaign.set(key, json(value));
    const auto changed = parse_definition(campaign);
    INFO(text_of(problems_of(campaign)));
    REQUIRE(changed);
    CHECK(content_hash(*changed) != before);
}

TEST_CASE("every mistake of a campaign file is reported at once, with its place", "[campaigns]") {
    const auto problems = problems_of(json(R"({
        "name": "Весна", "titel": "Spring", "objective": "crosssell", "segment": "",
        "steps": [{"channel": ["email", "pigeon", "email"], "template": "a b", "wait": "1d",
                   "condition": "no_response"}, {"template": "x", "wait": "3 days"}],
        "variants": [{"name": "one", "templates": {"7": "x"}}],
        "schedule": {"once": {"date": "2026-02-30", "time": "25:00"}, "event": {"name": "x"}},
        "quiet_hours": {"working_days": "21:00-09:00"}, "control": {"percent": 51},
        "starts": "2026-05-02", "ends": "2026-05-01", "plan": {"revenue": "-1",
        "currency": "roubles"},
        "languages": ["russian language"], "priority": 101, "send_by": 5})"));
    INFO(text_of(problems));

    CHECK(has(problems, "$.name", "campaign.name"));
    CHECK(has(problems, "$.title", "json.missing"));
    CHECK(has(problems, "$.titel", "json.unknown_key"));
    CHECK(has(problems, "$.objective", "json.choice"));
    CHECK(has(problems, "$.segment", "json.empty"));
    CHECK(has(problems, "$.steps[0].channel[1]", "json.choice"));
    CHECK(has(problems, "$.steps[0].channel[2]", "campaign.twice"));
    CHECK(has(problems, "$.steps[0].template", "campaign.name"));
    CHECK(has(problems, "$.steps[0].wait", "campaign.first_step"));
    CHECK(has(problems, "$.steps[0].condition", "campaign.first_step"));
    CHECK(has(problems, "$.steps[1].channel", "json.missing"));
    CHECK(has(problems, "$.steps[1].wait", "duration.invalid"));
    CHECK(has(problems, "$.variants", "campaign.variants"));
    CHECK(has(problems, "$.variants[0].templates.7", "campaign.step_unknown"));
    CHECK(has(problems, "$.schedule.once.date", "date.invalid"));
    CHECK(has(problems, "$.schedule.once.time", "time.invalid"));
    CHECK(has(problems, "$.schedule", "schedule.kind"));
    CHECK(has(problems, "$.quiet_hours.working_days", "window.invalid"));
    CHECK(has(problems, "$.control.percent", "json.range"));
    CHECK(has(problems, "$.ends", "campaign.dates"));
    CHECK(has(problems, "$.plan.currency", "money.currency"));
    CHECK(has(problems, "$.languages[0]", "campaign.language"));
    CHECK(has(problems, "$.priority", "json.range"));
    CHECK(has(problems, "$.send_by", "json.type"));
}

TEST_CASE("a purpose may be declared stricter than its objective, never laxer", "[campaigns]") {
    const auto [objective, purpose, schedule, accepted] =
        GENERATE(table<std::string, std::string, std::string, bool>(
            {{"cross_sell", "marketing", "once", true},
             {"cross_sell", "service", "once", false},
             {"retention", "transactional", "event", false},
             {"service", "service", "once", true},
             {"service", "marketing", "once", true},
             {"service", "transactional", "event", true},
             {"service", "transactional", "once", false},
             {"service", "debt", "once", false},
             {"experience", "marketing", "once", true},
             {"experience", "transactional", "event", true},
             {"debt", "debt", "once", true},
             {"debt", "service", "once", false},
             {"debt", "marketing", "once", false},
             {"debt", "transactional", "event", false}}));
    auto campaign = campaign_with("objective", objective);
    campaign.set("purpose", purpose);
    if (schedule == "event")
        campaign.set("schedule", json(R"({"event": {"name": "credit_decision"}})"));
    INFO(objective << " as " << purpose << " by " << schedule);
    CHECK(has(problems_of(campaign), "$.purpose", "campaign.purpose") != accepted);
}

TEST_CASE("nobody is kept from a service or debt message by a control group", "[campaigns]") {
    const auto [objective, percent, accepted] =
        GENERATE(table<std::string, double, bool>({{"service", 0, true},
                                                   {"service", 5, false},
                                                   {"debt", 0, true},
                                                   {"debt", 0.01, false},
                                                   {"cross_sell", 50, true},
                                                   {"experience", 10, true}}));
    auto campaign = campaign_with("objective", objective);
    campaign.set("control", Json::Object{{"percent", percent}});
    CHECK(problems_of(campaign).empty() == accepted);
}

TEST_CASE("a control share finer than a hundredth of a percent is a mistake", "[campaigns]") {
    const auto [percent, accepted] = GENERATE(
        table<double, bool>({{0.01, true}, {12.34, true}, {0.005, false}, {33.333, false}}));
    const auto problems = problems_of(campaign_with("control", Json::Object{{"percent", percent}}));
    CHECK(has(problems, "$.control.percent", "campaign.percent") != accepted);
}

TEST_CASE("a campaign may narrow the hours of its policy, not widen them", "[campaigns]") {
    const auto [hours, accepted] = GENERATE(table<std::string, bool>({{"09:00-21:00", true},
                                                                      {"08:59-21:00", false},
                                                                      {"09:00-21:01", false},
                                                                      {"10:00-12:00", true},
                                                                      {"closed", true},
                                                                      {"00:00-24:00", false}}));
    const auto definition =
        parse_definition(campaign_with("quiet_hours", Json::Object{{"working_days", hours}}))
            .value();
    CHECK(check_against(definition, default_policies()).empty() == accepted);
    const auto policy = default_policies().of(base::Purpose::marketing).windows;
    const auto windows = windows_of(definition, default_policies());
    CHECK(lies_within(windows.working_days, policy.working_days));
    CHECK(windows.other_days == policy.other_days);
    CHECK(windows.safety_margin == policy.safety_margin);
}

TEST_CASE("a campaign cannot leave the caps of debt or name a class nobody defined",
          "[campaigns]") {
    auto policies = default_policies();
    policies.cap_classes["greetings"] = {
        .messages = {{1, CapWindow::day}}, .calls = {}, .letters = {}};
    const auto [objective, caps, accepted] =
        GENERATE(table<std::string, std::string, bool>({{"cross_sell", "greetings", true},
                                                        {"cross_sell", "marketing", true},
                                                        {"cross_sell", "service", false},
                                                        {"cross_sell", "unknown", false},
                                                        {"debt", "debt", true},
                                                        {"debt", "greetings", false}}));
    auto campaign = campaign_with("objective", objective);
    campaign.set("caps", caps);
    CHECK(check_against(parse_definition(campaign).value(), policies).empty() == accepted);
}

TEST_CASE("what is not JSON is one mistake with its line", "[campaigns]") {
    const auto parsed = parse_definition("{\"name\": ,}", "autumn.json");
    REQUIRE_FALSE(parsed);
    REQUIRE(parsed.error().size() == 1);
    CHECK(parsed.error()[0].text().find("autumn.json") != std::string::npos);
}
