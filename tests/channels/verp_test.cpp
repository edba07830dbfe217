#include "channels/verp.h"

#include <catch2/catch.hpp>
#include <limits>
#include <stdexcept>

using namespace carillon;
using channels::Verp;

namespace {
const Verp verp{"a secret of the bank's own", "bank.test"};
}

TEST_CASE("a return address names its message", "[channels][verp]") {
    for (const std::int64_t id :
         {std::int64_t{1}, std::int64_t{77}, std::numeric_limits<std::int64_t>::max()}) {
        const auto address = verp.address_of(base::MessageId{id});
        CHECK(address.starts_with("bounces+"));
        CHECK(address.ends_with("@bank.test"));
        CHECK(address.find('@') <= 64);  // RFC 5321 section 4.5.3.1.1
        const auto parsed = verp.parse(address);
        REQUIRE(parsed);
        CHECK(parsed->value == id);
    }
}

TEST_CASE("mail systems may change the case of a return address", "[channels][verp]") {
    auto address = verp.address_of(base::MessageId{42});
    for (char& c : address) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const auto parsed = verp.parse(address);
    REQUIRE(parsed);
    CHECK(parsed->value == 42);
}

TEST_CASE("any changed letter of a return address makes it forged or foreign", "[channels][verp]") {
    const auto address = verp.address_of(base::MessageId{123456789});
    for (std::size_t i = 0; i < address.size(); ++i) {
        auto changed = address;
        changed[i] = changed[i] == 'b' ? 'c' : 'b';
        INFO(changed);
        const auto parsed = verp.parse(changed);
        REQUIRE_FALSE(parsed);
        CHECK((parsed.error().code == "verp.forged" || parsed.error().code == "verp.foreign"));
    }
}

TEST_CASE("a return address of another key is forged", "[channels][verp]") {
    const Verp other{"another secret, as long", "bank.test"};
    const auto parsed = verp.parse(other.address_of(base::MessageId{5}));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == "verp.forged");
}

TEST_CASE("foreign addresses are told from forged ones", "[channels][verp]") {
    for (const auto* address :
         {"", "bounces@bank.test", "bounces+@bank.test", "bounces+abc@bank.test", "x"}) {
        const auto parsed = verp.parse(address);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == "verp.foreign");
    }
}

TEST_CASE("a short key is refused", "[channels][verp]") {
    CHECK_THROWS_AS(Verp("short", "bank.test"), std::invalid_argument);
}
