#include <catch2/catch.hpp>

#include "base/digest.h"
#include "channels/http_callback.h"
#include "channels/http_fields.h"
#include "channels/http_outcome.h"
#include "channels/units.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;

namespace {

Message sms(std::string text) {
    Message message;
    message.key = "k-1";
    message.to = "+79160000001";
    message.payload = SmsPayload{.from = "BANK", .text = std::move(text)};
    return message;
}

FieldText field(std::string_view text) {
    auto parsed = FieldText::parse(text);
    REQUIRE(parsed);
    return std::move(*parsed);
}

const base::Instant wall = base::from_millis(1'700'000'000'000);

HttpRequest post(std::string url, std::string body, std::string type) {
    return {.method = "POST",
            .url = std::move(url),
            .headers = {{"content-type", std::move(type)}},
            .body = std::move(body)};
}

const std::string form_type = "application/x-www-form-urlencoded; charset=UTF-8";

}  // namespace

TEST_CASE("a value stays in its place, whatever it is", "[channels][http]") {
    const std::string hostile = "a&to=1\"},{\r\n{{to}}%00 +я";
    const auto fields = fields_of(sms(hostile), wall);
    CHECK(form_of({{"text", field("{{text}}")}, {"x", field("y")}}, fields) ==
          "text=a%26to%3D1%22%7D%2C%7B%0D%0A%7B%7Bto%7D%7D%2500%20%2B%D1%8F&x=y");
    CHECK(field("https://h/{{text}}").render(fields, HttpPlace::url).find_first_of("&\"\r\n {}") ==
          std::string::npos);
    const auto json =
        base::Json::parse(R"({"to": "{{to}}", "list": [{"t": "<{{text}}>"}, 5, true, null]})");
    const auto body = JsonTemplate::parse(*json, "$")->render(fields);
    const auto again = base::Json::parse(body);
    REQUIRE(again);
    CHECK(*again->find("to")->text() == "+79160000001");
    CHECK(*at_pointer(*again, "/list/0/t")->text() == "<" + hostile + ">");
    CHECK(*at_pointer(*again, "/list/1")->integer() == 5);
}

TEST_CASE("a message offers its fields by name", "[channels][http]") {
    auto message = sms("Привет");
    std::get<SmsPayload>(message.payload).valid_until = wall + 90s;
    const auto fields = fields_of(message, wall);
    CHECK(fields.at("to_digits") == "79160000001");
    CHECK(fields.at("encoding") == "ucs2");
    CHECK(fields.at("parts") == "1");
    CHECK(fields.at("valid_minutes") == "2");
    CHECK(fields.at("key_hex") == "6b2d31");
    message.payload = FaxPayload{.pdf = "abc", .pages = 3};
    CHECK(fields_of(message, wall).at("pdf_base64") == "YWJj");
    CHECK(units_of(message.payload) == 3);
    CHECK(units_of(sms(std::string(161, 'a')).payload) == 2);
}

TEST_CASE("places are written in one way only", "[channels][http]") {
    const auto wrong =
        GENERATE(as<std::string>{}, "{{", "{{}}", "{{to", "{{To}}", "{{a b}}", "{{{to}}}");
    CHECK(FieldText::parse(wrong).error().code == "http.template_invalid");
    CHECK(field("a {{ to }} b").names() == std::vector<std::string>{"to"});
    CHECK(field("{{nothing}}x").render({}, HttpPlace::plain) == "x");
}

TEST_CASE("pointers follow RFC 6901", "[channels][http]") {
    const auto json = *base::Json::parse(R"({"a/b": [{"m~n": 7}], "t": "x", "n": null, "f": 1.5})");
    CHECK(scalar_text(at_pointer(json, "/a~1b/0/m~0n")) == "7");
    CHECK(scalar_text(at_pointer(json, "/t")) == "x");
    CHECK(scalar_text(at_pointer(json, "/f")) == "1.5");
    for (const auto* pointer : {"t", "/x", "/a~1b/1", "/a~1b/-1", "/a~1b/99999999999", "/t/0"})
        CHECK(at_pointer(json, pointer) == nullptr);
    CHECK(scalar_text(at_pointer(json, "/n")).empty());
}

TEST_CASE("an answer becomes an outcome by the rules", "[channels][http]") {
    HttpResponseRules rules{.success_value = {.pointer = "/status"},
                            .success_equals = {"queued"},
                            .id = {.pointer = "/sid"},
                            .error_code = {.pointer = "/code"},
                            .bad_address = {"21211"},
                            .rejected = {"21610"},
                            .throttled = {"20429"}};
    const auto outcome = [&](int status, std::string body, bool complete = true) {
        return http_outcome({.status = status, .body = std::move(body), .complete = complete},
                            rules, 2);
    };
    const auto good = std::get<Accepted>(outcome(201, R"({"sid": "SM1", "status": "queued"})"));
    CHECK(good.receipt_refs == std::vector<std::string>{"SM1"});
    CHECK(good.units == 2);
    CHECK(std::holds_alternative<Uncertain>(outcome(201, R"({"sid": "SM1", "sta)", false)));
    CHECK(std::holds_alternative<Uncertain>(outcome(200, "<html>")));
    CHECK(std::holds_alternative<Uncertain>(outcome(201, R"({"status": "queued"})")));
    CHECK(std::get<Deferred>(outcome(200, R"({"status": "failed"})")).consumed_attempt);
    CHECK(
        std::get<Rejected>(outcome(200, R"({"status": "failed", "code": 21211})")).address_is_bad);
    CHECK(std::get<Rejected>(outcome(400, R"({"code": 21211})")).address_is_bad);
    CHECK_FALSE(std::get<Rejected>(outcome(400, R"({"code": "21610"})")).address_is_bad);
    CHECK_FALSE(std::get<Rejected>(outcome(400, "")).address_is_bad);
    CHECK_FALSE(std::get<Deferred>(outcome(400, R"({"code": 20429})")).consumed_attempt);
    CHECK(std::get<Deferred>(outcome(500, "")).consumed_attempt);
    for (const int status : {301, 401, 403, 404})
        CHECK_FALSE(std::get<Deferred>(outcome(status, "")).consumed_attempt);
    for (const int status : {408, 502, 504})
        CHECK(std::holds_alternative<Uncertain>(outcome(status, "")));
    rules.idempotent = true;
    CHECK(std::holds_alternative<Deferred>(outcome(504, "")));
    const auto later = std::get<Deferred>(http_outcome({.status = 429, .retry_after = 7s}, {}, 1));
    CHECK(later.retry_after == 7s);
    CHECK_FALSE(later.consumed_attempt);
}

TEST_CASE("an id may be found by a pattern, and words of a provider are shown safely",
          "[channels][http]") {
    const HttpResponseRules rules{.id = {.pattern = "id=([0-9]+)"}};
    const auto accepted = std::get<Accepted>(http_outcome({200, "OK id=42;"}, rules, 1));
    CHECK(accepted.receipt_refs == std::vector<std::string>{"42"});
    const auto rejected =
        std::get<Rejected>(http_outcome({400, "a\r\nb\x01" + std::string(5000, 'x')}, {}, 1));
    CHECK(rejected.reason.size() < 250);
    CHECK(rejected.reason.find('\n') == std::string::npos);
    // Much input must not cost much stack.
    CHECK(HttpExtract{.pattern = "(a|b)*c"}.from(std::string(1'000'000, 'a')).empty());
}

TEST_CASE("a signature of a provider's documentation is accepted, any change is not",
          "[channels][http]") {
    // The example of Twilio's documentation on request validation.
    const CallbackGuard guard{.kind = CallbackGuard::Kind::twilio,
                              .secret = "12345",
                              .public_url = "https://mycompany.com"};
    auto request = post("/myapp.php?foo=1&bar=2",
                        "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&"
                        "From=%2B14158675309&To=%2B18005551212",
                        form_type);
    request.headers.emplace_back("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    CHECK(check_caller(guard, request, wall));
    auto changed = request;
    SECTION("body") {
        changed.body += "1";
    }
    SECTION("url") {
        changed.url += "1";
    }
    SECTION("signature") {
        changed.headers.back().second[0] = 'S';
    }
    SECTION("type") {
        changed.headers.front().second = "application/json";
    }
    CHECK(check_caller(guard, changed, wall).error().code == "callback.signature_wrong");
    request.headers.pop_back();
    CHECK(check_caller(guard, request, wall).error().code == "callback.signature_missing");
}

TEST_CASE("a signed body has its time", "[channels][http]") {
    const CallbackGuard guard{.kind = CallbackGuard::Kind::hmac_sha256, .secret = "key"};
    auto request = post("/x", R"({"id": 1})", "application/json");
    const std::string time = "1700000000";
    const auto digest = base::hmac_sha256("key", time + "." + request.body);
    const auto signature = GENERATE_COPY(base::to_hex(digest), "sha256=" + base::to_hex(digest),
                                         base::to_base64(digest));
    request.headers.emplace_back("x-timestamp", time);
    request.headers.emplace_back("x-signature", signature);
    CHECK(check_caller(guard, request, wall));
    CHECK(check_caller(guard, request, wall + 300s));
    CHECK(check_caller(guard, request, wall + 301s).error().code == "callback.too_old");
    CHECK(check_caller(guard, request, wall - 301s).error().code == "callback.too_old");
    request.headers[1].second = "1700000001";
    CHECK(check_caller(guard, request, wall).error().code == "callback.signature_wrong");
    request.headers[1].second = "99999999999999999999";
    CHECK_FALSE(check_caller(guard, request, wall));
    CHECK_FALSE(check_caller({.kind = CallbackGuard::Kind::hmac_sha256}, request, wall));
}

TEST_CASE("a secret in the address lets in, and nothing else does", "[channels][http]") {
    const CallbackGuard guard{.secret = "open sesame"};
    const auto asks = [&](std::string url) {
        return check_caller(guard, {.method = "GET", .url = std::move(url)}, wall).has_value();
    };
    CHECK(asks("/x?a=b&secret=open+sesame"));
    CHECK(asks("/x?secret=open%20sesame"));
    CHECK_FALSE(asks("/x?secret=open"));
    CHECK_FALSE(asks("/x?secret="));
    CHECK_FALSE(asks("/x"));
    CHECK_FALSE(check_caller({}, {.method = "GET", .url = "/x?secret="}, wall));
}

TEST_CASE("receipts are mapped by words or by bits", "[channels][http]") {
    using State = Receipt::State;
    CallbackConfig config{.guard = {.secret = "s"},
                          .receipt = {.key = "key",
                                      .key_is_hex = true,
                                      .state = "type",
                                      .states = {{"1", State::delivered},
                                                 {"2", State::failed},
                                                 {"16", State::failed},
                                                 {"8", State::in_progress}},
                                      .bits = true,
                                      .reason = "answer"}};
    const auto state = [&](const std::string& type) {
        const auto receipts = parse_receipts(
            config, {.method = "GET", .url = "/r?secret=s&key=6b2d31&answer=ACK%2F&type=" + type},
            wall);
        REQUIRE(receipts);
        CHECK(receipts->front().key == "k-1");
        CHECK(receipts->front().receipt_ref.empty());
        return receipts->front().state;
    };
    CHECK(state("1") == State::delivered);
    CHECK(state("8") == State::in_progress);
    CHECK(state("34") == State::failed);
    CHECK(state("16") == State::failed);
    CHECK(state("64") == State::in_progress);
    CHECK(state("x") == State::in_progress);
    const auto wrong = GENERATE(as<std::string>{}, "/r?secret=s", "/r?secret=s&key=6b2d31",
                                "/r?secret=s&type=1", "/r?secret=s&key=zz&type=1");
    CHECK(parse_receipts(config, {.method = "GET", .url = wrong}, wall).error().code ==
          "callback.field_missing");
}

TEST_CASE("a JSON callback is read by pointers", "[channels][http]") {
    using State = Receipt::State;
    const CallbackConfig config{.guard = {.secret = "s"},
                                .receipt = {.ref = "/data/id",
                                            .state = "/data/status",
                                            .states = {{"undelivered", State::failed}},
                                            .error = "/data/error",
                                            .bad_address = {"30005"}},
                                .inbound = {.from = "/from", .to = "/to", .text = "/text"}};
    const auto request =
        post("/r?secret=s", R"({"data": {"id": 17, "status": "undelivered", "error": 30005}})",
             "application/json");
    const auto receipts = parse_receipts(config, request, wall);
    REQUIRE(receipts);
    CHECK(receipts->front().receipt_ref == "17");
    CHECK(receipts->front().state == State::bad_address);
    CHECK(receipts->front().raw.find("30005") != std::string::npos);
    CHECK(receipts->front().raw.starts_with("POST /r?secret=***\n"));
    CHECK(receipts->front().external_id ==
          parse_receipts(config, request, wall)->front().external_id);
    const auto inbound = parse_inbound(
        config,
        post("/r?secret=s", R"({"from": "79160000001", "to": "900", "text": "СТОП"})", "text/json"),
        wall);
    REQUIRE(inbound);
    CHECK(inbound->front().from == "+79160000001");
    CHECK(inbound->front().text == "СТОП");
    const auto body =
        GENERATE(as<std::string>{}, "{", "[]", "{\"from\": 1", "\xFF", std::string(70'000, ' '));
    CHECK_FALSE(parse_inbound(config, post("/r?secret=s", body, "text/json"), wall));
}
