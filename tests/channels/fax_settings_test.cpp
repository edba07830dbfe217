#include "channels/fax_settings.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;

namespace {

auto parse(std::string_view text) {
    const auto json = base::Json::parse(text);
    REQUIRE(json);
    return parse_fax_settings(*json, "/etc/bank");
}

std::vector<std::string> mistakes(std::string_view text) {
    const auto settings = parse(text);
    REQUIRE_FALSE(settings);
    std::vector<std::string> all;
    for (const auto& problem : settings.error()) all.push_back(problem.place + " " + problem.code);
    std::ranges::sort(all);
    return all;
}

constexpr std::string_view every_setting = R"({
        "name": "fax-msk", "kind": "fax", "transport": "hfaxd", "host": "fax.bank", "port": 4560,
        "user": "platform", "password_env": "FAX_PASSWORD", "folder": "memory", "notices": "/n",
        "received": "/r", "region": "DE", "tag_prefix": "carillon.2-", "modem": "ttyS0",
        "document": "pdf", "header_line": true, "dials_max": 3, "tries_max": 2,
        "give_up_minutes": 45, "jobs_max": 7, "forgets_after_minutes": 5, "poll_seconds": 2.5,
        "dial_rules": [{"prefix": "+7495"}, {"prefix": "+", "dial": "9,810"}],
        "timeouts": {"connect_seconds": 1, "reply_seconds": 2, "data_seconds": 3, "settle_seconds": 4},
        "sender": {"name": "Bank", "number": "+7 495"}, "cover_page": true, "pages_max": 4,
        "font": "PT Serif", "cost_per_page_minor": 350})";

}  // namespace

TEST_CASE("a fax channel is read with its defaults", "[fax][settings]") {
    const auto settings = parse(R"({"name": "fax", "kind": "fax", "spool": "out"})");
    REQUIRE(settings);
    CHECK(settings->transport == FaxTransport::file);
    CHECK(settings->file.folder == "/etc/bank/out");
    CHECK(settings->hfaxd.sender.server.port == 4559);
    CHECK(settings->hfaxd.sender.tag_prefix == "carillon-");
}

TEST_CASE("every setting of a fax server arrives", "[fax][settings]") {
    const auto settings = parse(every_setting);
    REQUIRE(settings);
    const auto& sender = settings->hfaxd.sender;
    CHECK(settings->hfaxd.name == "fax-msk");
    CHECK(sender.server.host == "fax.bank");
    CHECK(sender.server.port == 4560);
    CHECK(sender.server.user == "platform");
    CHECK(settings->password.environment == "FAX_PASSWORD");
    CHECK(settings->hfaxd.folder == "/etc/bank/memory");
    CHECK(settings->hfaxd.notices == "/n");
    CHECK(settings->hfaxd.received == "/r");
    CHECK(settings->hfaxd.region == "DE");
    CHECK(sender.tag_prefix == "carillon.2-");
    CHECK(sender.modem == "ttyS0");
    CHECK(sender.document == FaxDocument::pdf);
    CHECK(sender.header_line);
    CHECK(sender.dials_max == 3);
    CHECK(sender.tries_max == 2);
    CHECK(sender.lifetime == 45min);
    CHECK(sender.jobs_max == 7);
    CHECK(sender.forgets_after == 5min);
    CHECK(settings->hfaxd.poll == 2500ms);
    REQUIRE(sender.dial_rules.size() == 2);
    CHECK(sender.dial_rules[1].dial == "9,810");
    CHECK(sender.server.connect_timeout == 1s);
    CHECK(sender.server.reply_timeout == 2s);
    CHECK(sender.server.data_timeout == 3s);
    CHECK(sender.settle == 4s);
    CHECK(settings->composer.sender_name == "Bank");
    CHECK(settings->composer.cover_page);
    CHECK(settings->composer.pages_max == 4);
    CHECK(settings->composer.family == "PT Serif");
    CHECK(settings->cost_per_page_minor == 350);
}

TEST_CASE("all mistakes of a fax channel are told at once", "[fax][settings]") {
    CHECK(mistakes(R"({"kind": "sms", "transport": "hfaxd", "port": 0, "user": "a b",
        "region": "ru", "tag_prefix": "x", "modem": "a b", "dials_max": 0, "folderr": "x",
        "sender": {"name": "a\nb", "phone": "1"}, "password_env": "A", "password_file": "B",
        "dial_rules": [{"prefix": "7", "dial": "x"}, {"prefix": "+7"}, {"prefix": "+7"}, {}],
        "timeouts": {"reply_seconds": 0}, "gateway": {"domain": "no domain"}})") ==
          std::vector<std::string>{"$.dial_rules[0].dial fax.dial_invalid",
                                   "$.dial_rules[0].prefix fax.prefix_invalid",
                                   "$.dial_rules[2].prefix fax.prefix_twice",
                                   "$.dial_rules[3].prefix fax.prefix_invalid",
                                   "$.dial_rules[3].prefix json.missing",
                                   "$.dials_max json.range",
                                   "$.folder json.missing",
                                   "$.folderr json.unknown_key",
                                   "$.gateway.domain channel.domain_invalid",
                                   "$.kind json.choice",
                                   "$.modem fax.modem_invalid",
                                   "$.name json.missing",
                                   "$.password_file channel.secret_twice",
                                   "$.port json.range",
                                   "$.region fax.region_invalid",
                                   "$.sender.name fax.text_invalid",
                                   "$.sender.phone json.unknown_key",
                                   "$.tag_prefix fax.tag_invalid",
                                   "$.timeouts.reply_seconds json.range",
                                   "$.user fax.user_invalid"});
}

TEST_CASE("each transport asks for what it needs", "[fax][settings]") {
    CHECK(mistakes(R"({"name": "f", "kind": "fax"})") ==
          std::vector<std::string>{"$.spool json.missing"});
    CHECK(mistakes(R"({"name": "f", "kind": "fax", "transport": "email"})") ==
          std::vector<std::string>{"$.email json.missing", "$.gateway json.missing"});
    CHECK(mistakes(R"({"name": "f", "kind": "fax", "transport": "email",
        "gateway": {"domain": "fax.example"}, "email": {"name": "g", "kind": "email",
        "transport": "smtp", "from": {"address": "no"}}})") ==
          std::vector<std::string>{"$.email.from.address contact.email_invalid",
                                   "$.email.host json.missing"});
}

TEST_CASE("the schema names exactly the settings that are read", "[fax][settings]") {
    std::ifstream in{CARILLON_SOURCE_DIR "/docs/schema/fax-channel.schema.json"};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const auto schema = base::Json::parse(text);
    REQUIRE(schema);
    const auto* properties = schema->find("properties")->object();
    // Each with a value of the wrong type: a known key is told as such, an unknown one as unknown.
    auto json = base::Json{base::Json::Object{}};
    for (const auto& [name, value] : *properties) json.set(name, base::Json{1.5});
    const auto settings = parse_fax_settings(json, "/");
    REQUIRE_FALSE(settings);
    for (const auto& problem : settings.error()) {
        INFO(problem.place);
        CHECK(problem.code != "json.unknown_key");
    }
    const auto given = base::Json::parse(every_setting);
    for (const auto& [name, value] : *given->object()) {
        INFO(name);
        CHECK(schema->find("properties")->find(name) != nullptr);
    }
}
