#include "channels/settings.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/email_address.h"

using namespace carillon;
using namespace carillon::channels;

namespace {

tl::expected<ChannelSettings, base::Problems> parse(std::string_view text) {
    const auto json = base::Json::parse(text);
    REQUIRE(json);
    return parse_channel_settings(*json, "/etc/carillon");
}

std::vector<std::string> places(std::string_view text) {
    const auto settings = parse(text);
    REQUIRE_FALSE(settings);
    std::vector<std::string> found;
    for (const auto& problem : settings.error()) found.push_back(problem.place);
    return found;
}

constexpr std::string_view full = R"({
  "name": "email", "kind": "email", "transport": "smtp",
  "host": "mx.bank.test", "port": 2525, "helo": "out.bank.test",
  "tls": "starttls", "ca_file": "ca.pem", "tls_name": "relay.bank.test", "verify_certificate": true,
  "user": "relay", "password_env": "CARILLON_TEST_PASSWORD", "auth_without_tls": false,
  "connections": 3, "rate_per_second": 50,
  "default_domain_rate": 5, "domain_rates": {"Mail.RU": 20, "банк.рф": 1.5},
  "from": {"name": "Банк", "address": "news@bank.test"}, "reply_to": {"address": "help@bank.test"},
  "bounce_domain": "bounce.bank.test", "bounce_key_file": "bounce.key",
  "message_id_domain": "mail.bank.test",
  "spool": "spool", "spool_durable": false, "spool_fan_out": true,
  "dkim": [{"selector": "s1", "domain": "bank.test", "key_file": "dkim.pem"}],
  "timeouts": {"connect_seconds": 5, "greeting_seconds": 6, "command_seconds": 7,
               "data_seconds": 8, "block_seconds": 9, "dot_seconds": 600, "quit_seconds": 0.5},
  "cost_per_message_minor": 12})";

// The beginning of settings that only lack what a test adds.
const std::string smtp_start = R"({"name": "e", "kind": "email", "transport": "smtp",
  "host": "h.test", "from": {"address": "a@b.test"}, )";

// One mistake of nearly every kind.
constexpr std::string_view wrong = R"({
  "name": "", "kind": "sms", "transport": "smtp", "prot": 25, "port": 70000, "tls": "on",
  "from": {"address": "news@", "nmae": "x"}, "domain_rates": {"mail ru": -1},
  "dkim": [{"selector": "s1"}], "timeouts": {"dot": 5}, "bounce_domain": "a b"})";

constexpr std::string_view sandbox = R"({
  "name": "email", "kind": "email", "spool": "out", "from": {"address": "news@bank.test"}})";

}  // namespace

TEST_CASE("every setting is read", "[channels][settings]") {
    const auto settings = parse(full);
    REQUIRE(settings);
    const std::string idn{base::EmailAddress::parse("x@банк.рф")->domain()};
    CHECK(settings->transport == Transport::smtp);
    CHECK(settings->smtp.host == "mx.bank.test");
    CHECK(settings->smtp.port == 2525);
    CHECK(settings->smtp.ca_file == "/etc/carillon/ca.pem");
    CHECK(settings->smtp.tls_name == "relay.bank.test");
    CHECK(settings->smtp.dialogue.tls == SmtpTls::opportunistic);
    CHECK(settings->smtp.dialogue.helo == "out.bank.test");
    CHECK(settings->smtp.dialogue.timeouts.dot == std::chrono::minutes{10});
    CHECK(settings->smtp.dialogue.timeouts.quit == std::chrono::milliseconds{500});
    CHECK(settings->smtp.connections == 3);
    CHECK(settings->smtp.queue.domain_rates.per_second.at("mail.ru") == 20);
    CHECK(settings->smtp.queue.domain_rates.per_second.at(idn) == 1.5);
    CHECK(settings->from.name == "Банк");
    CHECK(settings->reply_to->address == "help@bank.test");
    CHECK(settings->file.folder == "/etc/carillon/spool");
    CHECK_FALSE(settings->file.durable);
    CHECK(settings->file.fan_out);
    CHECK(settings->dkim.at(0).key_file == "/etc/carillon/dkim.pem");
    CHECK(settings->cost_per_message_minor == 12);
}

TEST_CASE("the sandbox needs little", "[channels][settings]") {
    const auto settings = parse(sandbox);
    REQUIRE(settings);
    CHECK(settings->transport == Transport::file);
    CHECK(settings->bounce_domain == "bank.test");
    CHECK(settings->message_id_domain == "bank.test");
    CHECK(settings->smtp.dialogue.tls == SmtpTls::required);
}

TEST_CASE("all mistakes are reported at once, each with its path", "[channels][settings]") {
    CHECK(places(wrong) == std::vector<std::string>{
                               "$.name", "$.kind", "$.from.address", "$.from.nmae",
                               "$.bounce_domain", "$.host", "$.tls", "$.port",
                               "$.domain_rates.mail ru", "$.domain_rates.mail ru", "$.timeouts.dot",
                               "$.dkim[0].domain", "$.dkim[0].key_file", "$.prot"});
}

TEST_CASE("passwords and users belong together, and need TLS", "[channels][settings]") {
    CHECK(places(smtp_start + R"("user": "relay"})") == std::vector<std::string>{"$.user"});
    CHECK(places(smtp_start + R"("password_env": "P"})") == std::vector<std::string>{"$.user"});
    CHECK(places(smtp_start + R"("user": "relay", "password_env": "P", "tls": "off"})") ==
          std::vector<std::string>{"$.tls"});
    CHECK(places(smtp_start + R"("user": "r", "password_env": "P", "password_file": "f"})") ==
          std::vector<std::string>{"$.password_file"});
    CHECK(parse(smtp_start +
                R"("user": "r", "password_env": "P", "tls": "off", "auth_without_tls": true})"));
}

TEST_CASE("a sender name cannot carry a line break", "[channels][settings]") {
    CHECK(places(R"({"name": "e", "kind": "email", "spool": "s",
                     "from": {"name": "a\r\nBcc: x@y.z", "address": "a@b.test"}})") ==
          std::vector<std::string>{"$.from.name"});
}

TEST_CASE("the published schema knows the same keys as the reader", "[channels][settings]") {
    std::ifstream in{CARILLON_SOURCE_DIR "/docs/schema/channel.schema.json"};
    const auto schema = base::Json::parse(std::string{std::istreambuf_iterator<char>{in}, {}});
    REQUIRE(schema);
    const auto sample = base::Json::parse(full);
    for (const auto& [key, value] : *sample->object()) {
        INFO(key);
        CHECK(schema->find("properties")->find(key) != nullptr);
    }
    for (const auto& [key, value] : *schema->find("properties")->object()) {
        const auto settings = parse_channel_settings(base::Json::Object{{key, 1}}, ".");
        for (const auto& problem : settings.error()) {
            INFO(key);
            CHECK(problem.code != "json.unknown_key");
        }
    }
}

TEST_CASE("secrets come from where the settings say", "[channels][settings]") {
    CHECK(SecretSource{.environment = "CARILLON_NO_SUCH_VARIABLE"}.read().error().code ==
          "channel.secret_missing");
    CHECK(SecretSource{.file = "/nonexistent/secret"}.read().error().place ==
          "/nonexistent/secret");
    ::setenv("CARILLON_TEST_PASSWORD", "secret", 1);
    CHECK(SecretSource{.environment = "CARILLON_TEST_PASSWORD"}.read().value() == "secret");
}

TEST_CASE("a channel with a missing key file says which", "[channels][settings]") {
    const auto settings = parse(full);
    REQUIRE(settings);
    const auto composer = make_composer(*settings);
    REQUIRE_FALSE(composer);
    CHECK(composer.error().place == "/etc/carillon/dkim.pem");
    CHECK_FALSE(make_verp(*settings, "an installation key of the bank"));
    auto without_key = *settings;
    without_key.bounce_key = {};
    CHECK(make_verp(without_key, "an installation key of the bank"));
    CHECK(make_verp(without_key, "short").error().code == "channel.bounce_key_short");
}
