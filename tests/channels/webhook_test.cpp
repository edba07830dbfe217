// Where webhooks may point, and how they are signed.
#include <arpa/inet.h>

#include <array>
#include <catch2/catch.hpp>

#include "channels/webhook_post.h"

using namespace carillon::channels;

namespace {

bool is_public(const std::string& text) {
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
        return is_public_address(std::span{bytes}.first(4));
    REQUIRE(inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1);
    return is_public_address(bytes);
}

}  // namespace

TEST_CASE("a webhook is signed as Standard Webhooks asks", "[webhook]") {
    // The example of the specification's libraries; checked against openssl and Python's hmac.
    const WebhookMessage message{"msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                                 R"({"test": 2432232314})"};
    CHECK(webhook_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", message).value() ==
          "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    CHECK_FALSE(webhook_signature("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", message));
    CHECK_FALSE(webhook_signature("whsec_*", message));
    const auto secret = new_webhook_secret();
    CHECK(secret.size() == 6 + 44);
    CHECK(secret != new_webhook_secret());
    CHECK(webhook_signature(secret, message));
}

TEST_CASE("addresses inside the house are told from public ones", "[webhook]") {
    for (const auto* inside : {"0.0.0.0",
                               "10.0.0.1",
                               "100.64.0.1",
                               "127.0.0.1",
                               "127.255.255.255",
                               "169.254.169.254",
                               "172.16.0.1",
                               "172.31.255.255",
                               "192.168.1.1",
                               "192.0.2.1",
                               "198.18.0.1",
                               "198.51.100.7",
                               "203.0.113.7",
                               "224.0.0.1",
                               "240.0.0.1",
                               "255.255.255.255",
                               "::",
                               "::1",
                               "::ffff:127.0.0.1",
                               "::ffff:10.0.0.1",
                               "fe80::1",
                               "fc00::1",
                               "fd12::1",
                               "ff02::1",
                               "64:ff9b::a00:1",
                               "2002:a00:1::",
                               "2001:db8::1",
                               "2001::1",
                               "100::1"}) {
        INFO(inside);
        CHECK_FALSE(is_public(inside));
    }
    for (const auto* outside :
         {"1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.0.1",
          "172.32.0.1", "192.167.1.1", "223.255.255.255", "2606:4700::1111", "::ffff:1.1.1.1",
          "64:ff9b::101:101", "2002:101:101::", "2a02:6b8::1"}) {
        INFO(outside);
        CHECK(is_public(outside));
    }
    CHECK_FALSE(is_public_address(std::array<unsigned char, 3>{1, 1, 1}));
}

TEST_CASE("the address of a webhook is checked when it is registered", "[webhook]") {
    for (const auto* good : {"https://crm.bank.test/hook", "https://crm.bank.test:8443/a?b=c",
                             "https://1.1.1.1/", "https://[2606:4700::1111]:443/x"}) {
        INFO(good);
        CHECK(check_webhook_url(good, {}));
    }
    for (const auto* bad : {"",
                            "crm.bank.test",
                            "ftp://bank.test/",
                            "http://bank.test/",
                            "https://",
                            "https:///x",
                            "https://localhost/",
                            "https://LOCALHOST./",
                            "https://a.localhost/",
                            "https://127.0.0.1/",
                            "https://[::1]/",
                            "https://10.0.0.1:8443/",
                            "https://anna@bank.test/",
                            "https://bank.test:0/",
                            "https://bank.test:65536/",
                            "https://bank.test:x/",
                            "https://bank.test:",
                            "https://[::1/",
                            "https://bank.test/a b",
                            "https://bank.test/#x",
                            "https://bank.test\\@10.0.0.1/",
                            "https://b\u00e4nk.test/",
                            "https://bank.test/\r\nX: y"}) {
        INFO(bad);
        const auto checked = check_webhook_url(bad, {});
        REQUIRE_FALSE(checked);
        CHECK(checked.error().code == "webhook.url");
    }
    CHECK_FALSE(check_webhook_url("https://bank.test/" + std::string(1000, 'x'), {}));
    CHECK(check_webhook_url("http://bank.test/", {.allow_http = true}));
    CHECK_FALSE(check_webhook_url("http://127.0.0.1/", {.allow_http = true}));
    CHECK(check_webhook_url("http://127.0.0.1:8080/", {.allow_http = true, .allow_private = true}));
}

TEST_CASE("an address inside is not connected to, whatever its name", "[webhook]") {
    // "127.1" is no address for the check at the door, but leads to this machine.
    WebhookPost post{{.rules = {.allow_http = true}}};
    post.start({7, 9, "http://127.1:9/", {"id", 1, "{}"}, "v1,x"});
    std::vector<WebhookAnswer> answers;
    while (answers.empty()) answers = post.wait(std::chrono::milliseconds{100});
    CHECK(answers.front().receiver == 7);
    CHECK(answers.front().delivery == 9);
    CHECK(answers.front().status == 0);
    CHECK(answers.front().problem.find("address inside") != std::string::npos);
    CHECK(post.under_way() == 0);
}
