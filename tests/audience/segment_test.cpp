// Segments: what parses, what is refused and how it is named, and what the evaluator makes of
// single clients.
#include "audience/segment.h"

#include <catch2/catch.hpp>

#include "audience/segment_evaluator.h"
#include "base/digest.h"

using namespace carillon;
using namespace carillon::audience;
using base::LeapDayRule;

namespace {

const AttributeTypes attributes{{"score", AttributeType::number},
                                {"tariff", AttributeType::text},
                                {"vip", AttributeType::flag},
                                {"renewal", AttributeType::date}};

base::LocalDate day(std::string_view text) {
    return base::parse_date(text).value();
}

tl::expected<Segment, base::Problems> parse(const std::string& rule) {
    const auto json = base::Json::parse(R"({"name":"s","rule":)" + rule + "}");
    REQUIRE(json);
    return parse_segment(*json, attributes);
}

bool holds(const std::string& rule, const ClientProfile& client, SegmentContext context = {}) {
    const auto segment = parse(rule);
    if (!segment) FAIL(segment.error().front().text());
    if (!context.as_of.ok() || context.as_of == base::LocalDate{})
        context.as_of = day("2026-11-21");
    const auto result = matches(*segment, client, {context, {}});
    if (!result) FAIL(result.error().text());
    return *result;
}

ClientProfile ivan() {
    ClientProfile client;
    client.id = {1};
    client.external_id = "C1";
    client.last_name = "Иванов";
    client.search_name = "иванов иван";
    client.gender = "m";
    client.birth_date = "1990-11-22";
    client.status = "active";
    client.locale = "ru";
    client.income_minor = 5'000'000;
    client.attributes = {{"score", 7.5}, {"vip", true}};
    return client;
}

}  // namespace

TEST_CASE("a missing value is equal to nothing and different from everything", "[segment]") {
    auto client = ivan();
    client.branch.reset();
    CHECK_FALSE(holds(R"({"field":"branch","op":"is","value":"B-1"})", client));
    CHECK(holds(R"({"field":"branch","op":"is_not","value":"B-1"})", client));
    CHECK(holds(R"({"not":{"field":"branch","op":"is","value":"B-1"}})", client));
    CHECK(holds(R"({"field":"branch","op":"not_in","value":["B-1","B-2"]})", client));
    CHECK_FALSE(holds(R"({"field":"branch","op":"starts_with","value":"B"})", client));
    CHECK(holds(R"({"field":"branch","op":"is_missing"})", client));
    CHECK(holds(R"({"not":{"field":"attributes.tariff","op":"has_value"}})", client));
}

TEST_CASE("ages turn over on the birthday, leap days by the rule handed in", "[segment]") {
    CHECK(age_on(day("1990-11-22"), day("2026-11-21"), LeapDayRule::march_1) == 35);
    CHECK(age_on(day("1990-11-21"), day("2026-11-21"), LeapDayRule::march_1) == 36);
    CHECK(age_on(day("2008-02-29"), day("2026-02-28"), LeapDayRule::february_28) == 18);
    CHECK(age_on(day("2008-02-29"), day("2026-02-28"), LeapDayRule::march_1) == 17);
    CHECK(age_on(day("2008-02-29"), day("2026-03-01"), LeapDayRule::march_1) == 18);
    CHECK(latest_birth_date(day("2026-02-28"), 18, LeapDayRule::february_28) == "2008-02-29");
    CHECK(latest_birth_date(day("2026-02-28"), 18, LeapDayRule::march_1) == "2008-02-28");
}

TEST_CASE("the latest birth date agrees with the age on every day of six years", "[segment]") {
    const auto rule = GENERATE(LeapDayRule::february_28, LeapDayRule::march_1);
    for (auto as_of = day("2023-12-30"); as_of < day("2029-01-05");
         as_of = base::add_days(as_of, 1)) {
        const auto latest = latest_birth_date(as_of, 18, rule);
        for (int shift = -400; shift <= 400; ++shift) {
            const auto birth = base::add_days(as_of, -18 * 365 - 4 + shift);
            if ((base::to_text(birth) <= latest) != (age_on(birth, as_of, rule) >= 18))
                FAIL(base::to_text(as_of) << " " << base::to_text(birth) << " " << latest);
        }
    }
}

TEST_CASE("relative dates keep the day of month or take its last day", "[segment]") {
    const auto [text, as_of, expected] = GENERATE(
        table<std::string, std::string, std::string>({{"today", "2026-11-21", "2026-11-21"},
                                                      {"-30d", "2026-11-21", "2026-10-22"},
                                                      {"+2w", "2026-11-21", "2026-12-05"},
                                                      {"-1m", "2026-03-31", "2026-02-28"},
                                                      {"+1y", "2024-02-29", "2025-02-28"},
                                                      {"2026-01-02", "2026-11-21", "2026-01-02"}}));
    CHECK(base::to_text(resolve(parse_date_spec(text).value(), day(as_of))) == expected);
}

TEST_CASE("dates that are none are refused", "[segment]") {
    const auto text = GENERATE(as<std::string>{}, "yesterday", "-d", "+999999d", "-101y",
                               "2026-13-01", "2026-2-3", "30d", "- 3d", "-3x", "");
    CHECK_FALSE(parse_date_spec(text));
}

TEST_CASE("birthdays are met days ahead, on 29 February by the rule", "[segment]") {
    CHECK(holds(R"({"anniversary":{"in_days":1}})", ivan()));
    CHECK_FALSE(holds(R"({"anniversary":{}})", ivan()));
    CHECK(holds(R"({"anniversary":{"field":"birth_date","in_days":{"from":0,"to":3}}})", ivan()));
    auto leap = ivan();
    leap.birth_date = "2000-02-29";
    CHECK(holds(R"({"anniversary":{}})", leap,
                {day("2026-02-28"), LeapDayRule::february_28, {}, {}}));
    CHECK(holds(R"({"anniversary":{}})", leap, {day("2026-03-01"), LeapDayRule::march_1, {}, {}}));
    CHECK_FALSE(holds(R"({"anniversary":{}})", leap,
                      {day("2028-02-28"), LeapDayRule::february_28, {}, {}}));
}

TEST_CASE("contracts are counted and summed", "[segment]") {
    auto client = ivan();
    ContractInfo loan{
        .external_id = "K1", .kind = "loan", .product = "car", .status = "D", .currency = "RUB"};
    loan.balance_minor = 100'000;
    loan.overdue_since = "2026-10-20";
    client.contracts = {loan, loan};
    client.contracts[1].overdue_since.reset();
    CHECK(holds(
        R"({"contract":{"kind":"loan","where":[{"field":"overdue_days","op":">=","value":30}]}})",
        client));
    CHECK_FALSE(holds(
        R"({"contract":{"kind":"loan","where":[{"field":"overdue_days","op":">","value":32}]}})",
        client));
    CHECK(holds(R"({"contract":{"count":{"op":"is","value":2}}})", client));
    CHECK(holds(R"({"contract":{"kind":"card","count":{"op":"is","value":0}}})", client));
    CHECK(
        holds(R"({"contract":{"currency":"RUB","sum":{"field":"balance","op":">=","value":2000}}})",
              client));
    CHECK_FALSE(holds(
        R"({"contract":{"currency":"RUB","sum":{"field":"balance","op":">","value":"2000.00"}}})",
        client));
}

TEST_CASE("a random share is the same every time and as large as asked", "[segment]") {
    int chosen = 0;
    for (int i = 0; i < 10'000; ++i) {
        auto client = ivan();
        client.mix = base::mix_of("C" + std::to_string(i));
        const bool in = holds(R"({"random":{"percent":10,"salt":"spring"}})", client);
        CHECK(in == holds(R"({"random":{"percent":10,"salt":"spring"}})", client));
        chosen += in;
    }
    CHECK(chosen > 880);
    CHECK(chosen < 1'120);
}

TEST_CASE("mistakes are named by path and by the nearest known word", "[segment]") {
    const auto [rule, path, words] = GENERATE(table<std::string, std::string, std::string>({
        {R"({"field":"brunch","op":"is","value":"x"})", "$.rule.field", "did you mean branch"},
        {R"({"field":"attributes.scor","op":"is","value":1})", "$.rule.field", "attributes.score"},
        {R"({"field":"age","op":"contains","value":1})", "$.rule.op", "does not fit age"},
        {R"({"field":"age","op":">=","value":"old"})", "$.rule.value", "whole number"},
        {R"({"field":"age","op":">=","value":1e999})", "", ""},
        {R"({"field":"status","op":"is","value":"activ"})", "$.rule.value", "did you mean active"},
        {R"({"field":"birth_date","op":"between","value":["today"]})", "$.rule.value",
         "two values"},
        {R"({"field":"branch","op":"in","value":[]})", "$.rule.value", "1 to 1000"},
        {R"({"all":[{"any":[{"field":"gendr","op":"is","value":"m"}]}]})",
         "$.rule.all[0].any[0].field", "gender"},
        {R"({"field":"gender","op":"is","value":"m","vlaue":1})", "$.rule.vlaue",
         "did you mean value"},
        {R"({"al":[]})", "$.rule", "expected one of"},
        {R"([])", "$.rule", "expected an object"},
        {R"({"contract":{"where":[{"field":"balance","op":">","value":1}]}})",
         "$.rule.contract.where[0].value", "currency"},
        {R"({"random":{"percent":101,"salt":"x"}})", "$.rule.random.percent", "between"},
        {R"({"received":{"within_days":3}})", "$.rule.received.campaign", "required"},
        {R"({"field":"branch","op":"is","value":"a\u0000b"})", "$.rule.value", "printable"},
    }));
    const auto json = base::Json::parse(R"({"name":"s","rule":)" + rule + "}");
    if (path.empty()) {
        CHECK_FALSE(json);
        return;
    }
    const auto segment = parse_segment(*json, attributes);
    REQUIRE_FALSE(segment);
    CHECK(segment.error().front().place == path);
    CHECK_THAT(segment.error().front().detail, Catch::Contains(words));
}

TEST_CASE("of a field that is not there nothing else is said", "[segment]") {
    const auto segment = parse(R"({"field":"birth_dat","op":"birthday_in","value":[7]})");
    REQUIRE_FALSE(segment);
    CHECK(segment.error().size() == 1);
    CHECK(segment.error().front().detail ==
          "there is no field 'birth_dat'; did you mean birth_date?");
}

TEST_CASE("rules are limited in depth, number and length", "[segment]") {
    std::string deep = R"({"all":[]})";
    for (int i = 0; i < 20; ++i) deep = R"({"not":)" + deep + "}";
    CHECK(parse(deep).error().front().code == "segment.limit");
    std::string wide = R"({"all":[{"all":[]})";
    for (int i = 0; i < 10'000; ++i) wide += R"(,{"all":[]})";
    CHECK(parse(wide + "]}").error().front().code == "segment.limit");
    CHECK_FALSE(parse(R"({"field":"branch","op":"is","value":")" + std::string(501, 'x') + "\"}"));
}

TEST_CASE("a segment made of itself is refused", "[segment]") {
    std::map<std::string, Segment, std::less<>> known;
    known["s"] = parse(R"({"segment":"t"})").value();
    known["t"] = parse(R"({"not":{"segment":"s"}})").value();
    SegmentContext context{day("2026-11-21"), LeapDayRule::march_1, {}, {}};
    context.find_segment = [&](std::string_view name) {
        const auto found = known.find(name);
        return found == known.end() ? nullptr : &found->second;
    };
    CHECK(compile(known["s"], context).error().code == "segment.cycle");
    CHECK(matches(known["s"], ivan(), {context, {}}).error().code == "segment.cycle");
    CHECK(compile(parse(R"({"segment":"nobody"})").value(), context).error().code ==
          "segment.unknown");
    CHECK(compile(parse(R"({"received":{"campaign":"x"}})").value(), context).error().code ==
          "segment.campaign_unknown");
}

TEST_CASE("what a user writes never becomes SQL", "[segment]") {
    const std::string evil = "' OR 1=1; DROP TABLE clients --";
    const auto segment = parse(R"({"all":[{"field":"branch","op":"is","value":")" + evil +
                               R"("},{"random":{"percent":1,"salt":")" + evil + R"("}}]})");
    const auto compiled =
        compile(segment.value(), {day("2026-11-21"), LeapDayRule::march_1, {}, {}});
    REQUIRE(compiled);
    CHECK(compiled->predicate.find("DROP") == std::string::npos);
    CHECK(std::count(compiled->predicate.begin(), compiled->predicate.end(), '?') ==
          static_cast<std::ptrdiff_t>(compiled->params.size()));
}

TEST_CASE("an explanation shows every rule with what the client has", "[segment]") {
    const auto segment = parse(
        R"({"all":[{"field":"age","op":">=","value":40},{"not":{"field":"gender","op":"is","value":"f"}}]})");
    const auto lines =
        explain(*segment, ivan(), {{day("2026-11-21"), LeapDayRule::march_1, {}, {}}, {}}).value();
    REQUIRE(lines.size() == 4);
    CHECK_FALSE(lines[0].holds);
    CHECK(lines[1].rule == "age >= 40");
    CHECK(lines[1].found == "age 35");
    CHECK_FALSE(lines[1].holds);
    CHECK(lines[2].holds);
    CHECK(lines[3].found == "gender 'm'");
}
