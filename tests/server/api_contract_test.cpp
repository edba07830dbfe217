// The specification and the routes say the same; so does docs/access.md.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "server/api.h"

using namespace carillon;
using namespace carillon::server;

namespace {

const base::Json& specification() {
    static const auto json = base::Json::parse(specification_json()).value();
    return json;
}

// "GET /campaigns campaigns.see 200" of both.
std::set<std::string> operations_specified() {
    std::set<std::string> all;
    for (const auto& [path, methods] : *specification().find("paths")->object())
        for (const auto& [method, operation] : *methods.object()) {
            if (method == "parameters") continue;
            std::string upper;
            for (const char c : method) upper += static_cast<char>(std::toupper(c));
            std::string success;
            for (const auto& [status, answer] : *operation.find("responses")->object())
                if (status.starts_with("2")) success = status;
            all.insert(upper + " " + path + " " + *operation.find("x-right")->text() + " " +
                       success);
        }
    return all;
}

std::set<std::string> operations_served() {
    std::set<std::string> all{"GET /openapi.json anybody 200"};
    for (const auto& route : api_table())
        all.insert(route.method + " " + route.pattern + " " + name_of(route.need) + " " +
                   std::to_string(route.success));
    return all;
}

std::string read(const std::string& path) {
    std::ifstream file{path};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

constexpr std::string_view mark =
    "<!-- from here on generated: test_server \"[access-page]\" -->\n";

std::string generated_page() {
    std::string text = "\n" + access::rights_as_markdown() + "\n## Routes\n\n";
    text += "| route | right |\n|---|---|\n";
    for (const auto& route : api_table())
        text +=
            "| `" + route.method + " " + route.pattern + "` | `" + name_of(route.need) + "` |\n";
    return text;
}

}  // namespace

TEST_CASE("every route is in the specification and the other way round", "[api]") {
    const auto specified = operations_specified();
    const auto served = operations_served();
    CHECK(specified.size() > 50);
    for (const auto& one : served) {
        INFO("served, not specified: " << one);
        CHECK(specified.contains(one));
    }
    for (const auto& one : specified) {
        INFO("specified, not served: " << one);
        CHECK(served.contains(one));
    }
}

TEST_CASE("an operation on one thing says whose things it is about", "[api]") {
    const std::set<std::string> owners{"branch", "manager", "self", "bank"};
    for (const auto& [path, methods] : *specification().find("paths")->object())
        for (const auto& [method, operation] : *methods.object()) {
            if (method == "parameters") continue;
            INFO(method << " " << path);
            const auto* owner = operation.find("x-owner");
            if (owner != nullptr) CHECK(owners.contains(*owner->text()));
            if (path.find("{client}") != path.npos || path.find("{id}") != path.npos)
                CHECK(owner != nullptr);
        }
}

TEST_CASE("every operation has an id of its own and a summary", "[api]") {
    std::set<std::string> ids;
    std::size_t operations = 0;
    for (const auto& [path, methods] : *specification().find("paths")->object())
        for (const auto& [method, operation] : *methods.object()) {
            if (method == "parameters") continue;
            ++operations;
            ids.insert(*operation.find("operationId")->text());
            CHECK_FALSE(operation.find("summary")->text()->empty());
        }
    CHECK(ids.size() == operations);
}

TEST_CASE("the rights of the specification are those of the program", "[api]") {
    std::set<std::string> specified;
    for (const auto& name :
         *specification().find("components")->find("schemas")->find("Right")->find("enum")->array())
        specified.insert(*name.text());
    std::set<std::string> known;
    for (std::size_t i = 0; i < access::rights_count; ++i)
        known.insert(std::string{access::name_of(static_cast<access::Right>(i))});
    CHECK(specified == known);
}

TEST_CASE("docs/access.md shows the table that is in force", "[api][access-page]") {
    const std::string path = std::string{CARILLON_SOURCE_DIR} + "/docs/access.md";
    const auto page = read(path);
    const auto at = page.find(mark);
    REQUIRE(at != std::string::npos);
    const auto wanted = page.substr(0, at) + std::string{mark} + generated_page();
    if (std::getenv("CARILLON_WRITE_DOCS") != nullptr) std::ofstream{path} << wanted;
    CHECK(page == wanted);
}

TEST_CASE("a mistake in a body is shown as a JSON pointer", "[api]") {
    const auto response = problem_of({{"segment.value", "must be a text", "$.rule.all[2].value"},
                                      {"template.tag", "is not closed", "note.ru.html:12:7"}});
    CHECK(response.status() == 422);
    const auto json = base::Json::parse(response.body()).value();
    CHECK(*json.find("code")->text() == "segment.value");
    const auto& errors = *json.find("errors")->array();
    REQUIRE(errors.size() == 2);
    CHECK(*errors[0].find("pointer")->text() == "#/rule/all/2/value");
    CHECK(*errors[1].find("place")->text() == "note.ru.html:12:7");
    CHECK(errors[1].find("pointer") == nullptr);
}

TEST_CASE("a key of any kind is one member of a pointer", "[api]") {
    const auto body = base::Json::parse(R"({"steps":[{"a.b/c~d[0]":1,"say \"x\"]":1,"plain":1}]})");
    base::Problems problems;
    base::ObjectReader reader{body->find("steps")->array()->front(), "$.steps[0]", problems};
    reader.finish();
    const auto json = base::Json::parse(problem_of(problems).body()).value();
    std::vector<std::string> pointers;
    for (const auto& error : *json.find("errors")->array())
        pointers.push_back(*error.find("pointer")->text());
    CHECK(pointers == std::vector<std::string>{"#/steps/0/a.b~1c~0d[0]", "#/steps/0/say \"x\"]",
                                               "#/steps/0/plain"});
}

TEST_CASE("codes have the status they promise", "[api]") {
    CHECK(status_of("access.unauthenticated") == 401);
    CHECK(status_of("access.forbidden") == 403);
    CHECK(status_of("access.csrf") == 403);
    CHECK(status_of("access.throttled") == 429);
    CHECK(status_of("campaign.unknown") == 404);
    CHECK(status_of("campaign.wrong_state") == 409);
    CHECK(status_of("etag.missing") == 428);
    CHECK(status_of("etag.mismatch") == 412);
    CHECK(status_of("json.invalid") == 400);
    CHECK(status_of("http.content_type") == 415);
    CHECK(status_of("campaign.exists") == 409);
    CHECK(status_of("anything.else") == 422);
    for (const int status : {304, 400, 401, 403, 404, 409, 412, 415, 422, 428, 429, 503})
        CHECK(reason_of(status) != "Other");
}

TEST_CASE("a cookie is found by its whole name", "[api]") {
    CHECK(cookie_in("a=1; carillon_session=xyz; b=2", "carillon_session") == "xyz");
    CHECK(cookie_in("my_carillon_session=evil", "carillon_session").empty());
    CHECK(cookie_in("", "carillon_session").empty());
    CHECK(cookie_in("carillon_session", "carillon_session").empty());
}
