#include "channels/sms_settings.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>

using namespace carillon;
using namespace carillon::channels;

namespace {

tl::expected<SmsChannelSettings, base::Problems> parse(std::string_view text) {
    const auto json = base::Json::parse(text);
    REQUIRE(json);
    return parse_sms_settings(*json, "/etc/carillon");
}

std::vector<std::string> places(std::string_view text) {
    const auto settings = parse(text);
    REQUIRE_FALSE(settings);
    std::vector<std::string> found;
    for (const auto& problem : settings.error()) found.push_back(problem.place);
    std::ranges::sort(found);
    return found;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

constexpr std::string_view full = R"({
  "name": "sms", "kind": "sms", "transport": "smpp", "sender": "BANK", "transliterate": true,
  "parts_max": 3, "rate_per_second": 50, "cost_per_part_minor": 250, "spool": "out",
  "smpp": {"host": "h.test", "port": 2776, "tls": "implicit", "ca_file": "ca.pem", "tls_name": "n.test",
    "verify_certificate": true, "system_id": "bank", "system_type": "VMA", "password_file": "pw",
    "bind": "transmitter_and_receiver", "connections": 3, "window": 20, "parts_per_second": 30,
    "service_type": "CMT", "long_text": "sar", "packed_septets": true, "validity": "absolute",
    "message_reference": true, "receipts": "failures", "receipt_ids": "hex_to_decimal",
    "bad_address_errors": ["001"], "statuses": {"0x00000499": "bad_address", "1100": "throttled"},
    "timeouts": {"connect_seconds": 1, "bind_seconds": 2, "response_seconds": 3,
                 "enquire_seconds": 4, "block_seconds": 5, "unbind_seconds": 0.5}}})";

}  // namespace

TEST_CASE("every setting of an SMPP channel is read", "[channels][sms]") {
    const auto settings = parse(full);
    REQUIRE(settings);
    CHECK(settings->transport == SmsTransport::smpp);
    CHECK(settings->composer.parts_max == 3);
    CHECK(settings->composer.transliterate);
    CHECK(settings->cost_per_part_minor == 250);
    CHECK(settings->password.file == "/etc/carillon/pw");
    const auto& smpp = settings->smpp;
    CHECK(smpp.name == "sms");
    CHECK(smpp.port == 2776);
    CHECK(smpp.tls);
    CHECK(smpp.ca_file == "/etc/carillon/ca.pem");
    CHECK(smpp.separate_receiver);
    CHECK(smpp.connections == 3);
    CHECK(smpp.queue.rate_per_second == 50);
    CHECK(smpp.parts_per_second == 30);
    CHECK(smpp.bad_address_errors == std::vector<std::string>{"001"});
    const auto& dialogue = smpp.dialogue;
    CHECK(dialogue.window == 20);
    CHECK(dialogue.submit.concatenation == SmppConcatenation::sar);
    CHECK(dialogue.submit.receipts == SmppReceipts::failures);
    CHECK(dialogue.submit.packed_septets);
    CHECK(dialogue.submit.absolute_validity);
    CHECK(dialogue.receipt_ids == ReceiptIds::hex_to_decimal);
    CHECK(dialogue.verdicts ==
          SmppVerdicts{{0x499, SmppVerdict::bad_address}, {1100, SmppVerdict::throttled}});
    CHECK(dialogue.timeouts.response == std::chrono::seconds{3});
    CHECK(dialogue.timeouts.unbind == std::chrono::milliseconds{500});
}

TEST_CASE("all mistakes of SMS settings are found at once, each at its place", "[channels][sms]") {
    CHECK(places(
              R"({"name": "s", "kind": "email", "transport": "smpp", "sender": "Длинно", "prats": 1,
        "smpp": {"hots": "x", "system_id": "a-name-that-is-too-long", "window": 0,
                 "statuses": {"x": "rejected", "0x400": "good"}}})") ==
          std::vector<std::string>{"$.kind", "$.prats", "$.sender", "$.smpp.host", "$.smpp.hots",
                                   "$.smpp.statuses.0x400", "$.smpp.statuses.x", "$.smpp.system_id",
                                   "$.smpp.window"});
    CHECK(places(R"({"name": "s", "kind": "sms", "sender": "BANK"})") ==
          std::vector<std::string>{"$.spool"});
    CHECK(places(R"({"name": "s", "kind": "sms", "sender": "BANK", "transport": "http"})") ==
          std::vector<std::string>{"$.http"});
    CHECK(places(R"({"name": "s", "kind": "sms", "sender": "BANK", "transport": "http", "http": {
        "url": "http://h/{{tto}}", "form": {"a": "{{text"}, "json": {"b": "{{secret.x}}"},
        "headers": {"A:": "b"}, "success_status": [99], "id": {"pattern": "("},
        "callbacks": {"guard": "twilio", "receipt": {"state": "s"}}}})") ==
          std::vector<std::string>{
              "$.http.callbacks.public_url", "$.http.callbacks.receipt.ref",
              "$.http.callbacks.receipt.states", "$.http.callbacks.secret_file", "$.http.form.a",
              "$.http.headers", "$.http.id.pattern", "$.http.json", "$.http.json",
              "$.http.success_status", "$.http.url", "$.http.url"});
}

TEST_CASE("the examples are good settings", "[channels][sms]") {
    const auto* name = GENERATE("twilio-shaped.json", "kannel.json", "smpp.json");
    CAPTURE(name);
    const auto path = std::filesystem::path{CARILLON_SOURCE_DIR} / "examples/channels" / name;
    const auto settings = parse(read_file(path));
    if (!settings) FAIL(settings.error().front().text());
    CHECK(make_sms_composer(*settings));
}

TEST_CASE("a missing or impossible secret stops the channel from being made", "[channels][sms]") {
    auto settings = parse(full);
    REQUIRE(settings);
    settings->smpp.tls = false;
    const base::SystemClock clock;
    const ChannelSinks sinks{.outcomes = [](const std::vector<Report>&) {}};
    CHECK(make_sms_channel(*settings, clock, sinks).error().code == "channel.secret_missing");
    settings->password = {.environment = "CARILLON_TEST_SMPP"};
    ::setenv("CARILLON_TEST_SMPP", "longer than eight", 1);
    CHECK(make_sms_channel(*settings, clock, sinks).error().code == "smpp.field_too_long");
    ::unsetenv("CARILLON_TEST_SMPP");
}

TEST_CASE("in the sandbox a short message becomes a file that says what it would cost",
          "[channels][sms]") {
    const auto folder =
        std::filesystem::temp_directory_path() /
        ("carillon-sms-" + std::to_string(base::steady_now().time_since_epoch().count()));
    auto settings = parse(R"({"name": "s", "kind": "sms", "sender": "BANK", "spool": "x"})");
    REQUIRE(settings);
    settings->file.folder = folder;
    const base::ManualClock clock{base::from_millis(1'700'000'000'000)};
    std::vector<Report> reports;
    const auto channel =
        make_sms_channel(*settings, clock, {.outcomes = [&](std::vector<Report> some) {
            std::ranges::move(some, std::back_inserter(reports));
        }});
    REQUIRE(channel);
    CHECK((*channel)->kind() == base::ChannelKind::sms);
    Message message;
    message.id.value = 1;
    message.key = "k1";
    message.to = "+79160000001";
    message.payload = SmsPayload{.from = "BANK", .text = std::string(100, 'a') + "я"};
    (*channel)->send({message});
    message.id.value = 2;
    message.payload = LetterPayload{};
    (*channel)->send({message});
    (*channel)->stop(std::chrono::seconds{5});
    REQUIRE(reports.size() == 2);
    CHECK(std::get<Accepted>(reports[0].outcome).units == 2);
    CHECK(std::holds_alternative<Deferred>(reports[1].outcome));
    const auto text = read_file(folder / "2023-11-14" / "k1.sms.txt");
    CHECK(text.starts_with("From: BANK\nTo: +79160000001\nEncoding: ucs2\nParts: 2\n\naaa"));
    CHECK(text.find("\n--- part 2 of 2, ") != std::string::npos);
    std::filesystem::remove_all(folder);
}
