#include "channels/dkim.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/digest.h"
#include "base/json.h"

using namespace carillon;
using channels::DkimSigner;

namespace {

std::string from_base64(std::string_view text) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned bits = 0;
    int held = 0;
    for (const char c : text) {
        const auto digit = digits.find(c);
        if (digit == std::string_view::npos) continue;
        bits = bits << 6 | static_cast<unsigned>(digit);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>(bits >> held & 255);
    }
    return bytes;
}

// The seed of RFC 8463 appendix A.2 as PKCS#8 (RFC 8410): sixteen fixed bytes before it.
std::string pem_of_seed(const std::string& seed_base64) {
    const std::string prefix{"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20",
                             16};
    return "-----BEGIN PRIVATE KEY-----\n" + base::to_base64(prefix + from_base64(seed_base64)) +
           "\n-----END PRIVATE KEY-----\n";
}

std::string read(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string with_crlf(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\r') continue;
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

const std::string message =
    "From: Bank <news@bank.test>\r\nTo: anna@client.test\r\nSubject: Hi\r\n"
    "Date: Sat, 21 Nov 2026 18:21:27 +0000\r\nMessage-ID: <1@bank.test>\r\n\r\nHello\r\n";
const std::string seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

// What a verifier puts together: the field up to "b=", and b= without white space.
std::pair<std::string, std::string> cut_signature(const std::string& field) {
    const auto at = field.rfind("b=");
    std::string signature;
    for (const char c : field.substr(at + 2))
        if (c != ' ' && c != '\r' && c != '\n') signature += c;
    return {field.substr(0, at + 2), signature};
}

}  // namespace

TEST_CASE("the published vectors of RFC 8463 are reproduced byte for byte", "[channels][dkim]") {
    const char* data = std::getenv("CARILLON_DATA");
    if (data == nullptr) {
        std::cerr << "skipped: no CARILLON_DATA\n";
        return;
    }
    const auto folder = std::string{data} + "/dkim/rfc8463/";
    const auto keys = base::Json::parse(read(folder + "keys.json"));
    REQUIRE(keys);
    const auto full = with_crlf(read(folder + "message.eml"));
    const auto second = full.find("DKIM-Signature:", 1);
    const auto from = full.find("From:");
    const auto bare = full.substr(from);
    const std::vector<std::string> names{"from",       "to",   "subject", "date",
                                         "message-id", "from", "subject", "date"};

    CHECK(channels::dkim_body_hash(bare.substr(bare.find("\r\n\r\n") + 4)) ==
          *keys->find("body_hash")->text());

    const auto ed25519 =
        DkimSigner::create({"football.example.com", "brisbane"},
                           pem_of_seed(*keys->find("ed25519_private_seed_b64")->text()));
    REQUIRE(ed25519);
    const auto [ed_field, ed_expected] = cut_signature(full.substr(0, second));
    CHECK(ed25519->signature_of(bare, names, ed_field) == ed_expected);

    const auto rsa =
        DkimSigner::create({"football.example.com", "test"}, read(folder + "test-rsa-private.pem"));
    REQUIRE(rsa);
    const auto [rsa_field, rsa_expected] = cut_signature(full.substr(second, from - second));
    CHECK(rsa->signature_of(bare, names, rsa_field) == rsa_expected);
}

TEST_CASE("a signature is the same every time and covers a second From", "[channels][dkim]") {
    const auto signer = DkimSigner::create({"bank.test", "s1"}, pem_of_seed(seed));
    REQUIRE(signer);
    const auto when = base::from_millis(1'795'000'000'123);
    const auto field = signer->sign(message, when);
    CHECK(field == signer->sign(message, when));
    CHECK(field.ends_with("\r\n"));
    CHECK_THAT(field, Catch::Contains("a=ed25519-sha256"));
    CHECK_THAT(field, Catch::Contains("t=1795000000;"));
    CHECK_THAT(field, Catch::Contains("h=From:To:Subject:Date:\r\n  Message-ID:From:Subject;"));
    for (std::size_t start = 0; start < field.size();) {
        const auto end = field.find("\r\n", start);
        CHECK(end - start <= 78);
        start = end + 2;
    }
}

TEST_CASE("each signed header and the body change the signature", "[channels][dkim]") {
    const auto signer = DkimSigner::create({"bank.test", "s1"}, pem_of_seed(seed));
    REQUIRE(signer);
    const auto signature = [&](const std::string& text) {
        return cut_signature(signer->sign(text, {})).second;
    };
    const auto original = signature(message);
    for (const auto* word : {"Bank", "anna", "Hi", "Nov", "<1@", "Hello"}) {
        auto changed = message;
        ++changed[changed.find(word) + 1];
        CHECK(signature(changed) != original);
    }
    CHECK(signature("Subject: another\r\n" + message) != original);
}

TEST_CASE("white space that mail systems change does not change the body hash",
          "[channels][dkim]") {
    CHECK(channels::dkim_body_hash("a  b\t \r\n c\r\n\r\n\r\n") ==
          channels::dkim_body_hash("a b\r\n c\r\n"));
    CHECK(channels::dkim_body_hash("a\r\n") != channels::dkim_body_hash("a\r\n\r\nb\r\n"));
    CHECK(channels::dkim_body_hash("\r\n\r\n") == base::to_base64(base::sha256("")));
    CHECK(channels::dkim_body_hash("no line end") == channels::dkim_body_hash("no line end\r\n"));
}

TEST_CASE("keys that cannot sign are refused with a reason", "[channels][dkim]") {
    CHECK(DkimSigner::create({"bank.test", "s1"}, "not a key").error().code == "dkim.key_invalid");
    CHECK(DkimSigner::create({"bank.test", "s1"}, "").error().code == "dkim.key_invalid");
    CHECK(DkimSigner::create({"bank test", "s1"}, pem_of_seed(seed)).error().code ==
          "dkim.identity_invalid");
    CHECK(DkimSigner::create({"bank.test", ""}, pem_of_seed(seed)).error().code ==
          "dkim.identity_invalid");
}

TEST_CASE("the DNS record of a key is what the RFC publishes", "[channels][dkim]") {
    const auto signer = DkimSigner::create({"football.example.com", "brisbane"}, pem_of_seed(seed));
    REQUIRE(signer);
    CHECK(signer->dns_record() ==
          "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
}
