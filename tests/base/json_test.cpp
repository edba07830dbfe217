#include "base/json.h"

#include <catch2/catch.hpp>

#include "base/clock.h"

using namespace carillon;
using base::Json;

namespace {

std::string code_of(std::string_view text) {
    const auto read = Json::parse(text, "file.json");
    return read ? "" : read.error().code;
}

// {"k0":0,"k1":0,...}, with `last` at its end.
std::string large_object(int keys, const std::string& last) {
    std::string text = "{";
    for (int i = 0; i < keys; ++i) text += "\"k" + std::to_string(i) + "\":0,";
    return text + last + "}";
}

}  // namespace

TEST_CASE("what JSON allows and a bank cannot mean is refused, with its place", "[base]") {
    CHECK(code_of(R"({"a": 1, "a": 2})") == "json.duplicate_key");
    CHECK(code_of(R"({"a": {"b": 1, "\u0062": 2}})") == "json.duplicate_key");
    CHECK(code_of(std::string(64, '[') + std::string(64, ']')).empty());
    CHECK(code_of(std::string(65, '[') + std::string(65, ']')) == "json.depth");
    CHECK(code_of("9223372036854775808") == "json.invalid");
    CHECK(code_of("-9223372036854775808").empty());
    CHECK(code_of("1e400") == "json.invalid");
    CHECK(code_of("NaN") == "json.invalid");
    CHECK(code_of("\"\xC3\"") == "json.invalid");
    CHECK(code_of("{} {}") == "json.invalid");
    CHECK(code_of("") == "json.invalid");
    CHECK(Json::parse("{\n  \"a\": tru\n}", "file.json").error().place == "file.json:2:11");
}

TEST_CASE("twice the same key is found in a large object too, and takes no time", "[base]") {
    const auto begun = base::steady_now();
    CHECK(code_of(large_object(200'000, R"("last":0)")).empty());
    CHECK(code_of(large_object(200'000, R"("k31":0)")) == "json.duplicate_key");
    CHECK(code_of(large_object(40, R"("k0":0)")) == "json.duplicate_key");
    CHECK(code_of(large_object(32, R"("k31":0)")) == "json.duplicate_key");
    CHECK(base::steady_now() - begun < std::chrono::seconds{20});  // pairs: minutes
}

TEST_CASE("numbers and texts survive being written and read again", "[base]") {
    for (const std::string text : {R"({"b":1,"a":[true,null,-5,1.5,1e+300,"тест \"\\ \u0001\n€"]})",
                                   "9007199254740993", "0.1", R"("\u2028")"}) {
        const auto once = Json::parse(text);
        REQUIRE(once);
        const auto again = Json::parse(once->dump());
        REQUIRE(again);
        CHECK(*again == *once);
        CHECK(again->canonical() == once->canonical());
    }
    CHECK(Json::parse(R"({"b":1,"a":{"d":1,"c":2}})")->canonical() ==
          R"({"a":{"c":2,"d":1},"b":1})");
}

TEST_CASE("a reader collects every mistake with its path", "[base]") {
    const auto json = Json::parse(R"({"name": 5, "count": 11, "rate": "x", "tags": ["a", 1],
                                      "kind": "emial", "nmae": 1})")
                          .value();
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    CHECK(reader.required_text("name").empty());
    CHECK(reader.integer("count", 3, 0, 10) == 3);
    CHECK(reader.number("rate", 0.5, 0, 1) == 0.5);
    CHECK(reader.texts("tags") == std::vector<std::string>{"a"});
    CHECK(reader.choice("kind", {"email", "sms"}, -1) == 0);
    reader.finish();
    std::vector<std::string> places;
    for (const auto& problem : problems) places.push_back(problem.code + " " + problem.place);
    CHECK(places == std::vector<std::string>{"json.type $.name", "json.empty $.name",
                                             "json.range $.count", "json.type $.rate",
                                             "json.type $.tags[1]", "json.choice $.kind",
                                             "json.unknown_key $.nmae"});
    CHECK(problems.back().detail == "no such key; did you mean name?");
}

TEST_CASE("22.0 is a whole number, 22.5 and what a double cannot tell apart are none", "[base]") {
    const auto json = Json::parse(R"({"a": 22.0, "b": 22.5, "c": 1e300, "d": -3.0})").value();
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    CHECK(reader.integer("a", 0, 0, 100) == 22);
    CHECK(reader.integer("d", 0, -10, 100) == -3);
    CHECK(problems.empty());
    CHECK(reader.integer("b", 7, 0, 100) == 7);
    CHECK(reader.integer("c", 7, 0, 100) == 7);
    CHECK(problems.size() == 2);
}

TEST_CASE("of very many unknown keys the first are named", "[base]") {
    const auto json = Json::parse(large_object(5000, R"("name":"x")")).value();
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    reader.required_text("name");
    reader.finish();
    REQUIRE(problems.size() == 21);
    CHECK(problems.back().place == "$");
    CHECK(problems.back().detail == "and 4980 more unknown keys");
}
