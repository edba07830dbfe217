#include "base/digest.h"

#include <catch2/catch.hpp>
#include <map>

using namespace carillon;

TEST_CASE("hashes are those of FIPS 180-4 and RFC 4231", "[base]") {
    CHECK(base::sha256_hex("abc") ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(base::sha256_hex("") ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    // RFC 4231, test cases 1 and 6 (a key longer than a block).
    CHECK(base::to_hex(base::hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(
        base::to_hex(base::hmac_sha256(std::string(131, '\xaa'),
                                       "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("base64 is that of RFC 4648", "[base]") {
    const std::map<std::string, std::string> vectors{{"", ""},
                                                     {"f", "Zg=="},
                                                     {"fo", "Zm8="},
                                                     {"foo", "Zm9v"},
                                                     {"foob", "Zm9vYg=="},
                                                     {"fooba", "Zm9vYmE="},
                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors) {
        CHECK(base::to_base64(plain) == coded);
        CHECK(base::from_base64(coded).value() == plain);
    }
    CHECK(base::to_base64url("\xfb\xff\xfe") == "-__-");
    CHECK(base::to_base64url("f") == "Zg");
    for (const std::string text : {"Z", "Zg=", "Zg", "Z===", "Zm9v!", "-__-"})
        CHECK(base::from_base64(text).error().code == "base64.invalid");
}

TEST_CASE("a draw is the same wherever it is made, and fair", "[base]") {
    const auto draw = base::draw_of("control of birthday");
    CHECK(draw.a == base::draw_of("control of birthday").a);
    CHECK(draw.a != base::draw_of("control of overdue").a);
    constexpr int clients = 100'000;
    int below = 0;
    for (int i = 0; i < clients; ++i)
        if (draw(base::mix_of("C" + std::to_string(i))) < 1000) ++below;
    // A tenth of them, four standard deviations of a binomial either way.
    CHECK(below > 10'000 - 4 * 95);
    CHECK(below < 10'000 + 4 * 95);
}

TEST_CASE("secrets are compared whole, chance is chance", "[base]") {
    CHECK(base::equal_in_constant_time("abc", "abc"));
    CHECK_FALSE(base::equal_in_constant_time("abc", "abd"));
    CHECK_FALSE(base::equal_in_constant_time("abc", "ab"));
    CHECK(base::equal_in_constant_time("", ""));
    CHECK(base::random_bytes(32) != base::random_bytes(32));
    CHECK(base::random_bytes(32).size() == 32);
    for (int i = 0; i < 1000; ++i) CHECK(base::random_id() > 0);
}
