// Keys, tokens and codes: the same for the same message, of no use to anybody else.
#include <catch2/catch.hpp>

#include "campaigns/message_keys.h"

using namespace carillon;
using campaigns::MessageKeys;

TEST_CASE("a key leads back to its message and cannot be made by others", "[campaigns][keys]") {
    const MessageKeys keys{"the secret of this installation"};
    const MessageKeys others{"another secret"};
    for (const std::int64_t id : {1L, 17L, 123'456'789L, 9'007'199'254'740'993L}) {
        const auto key = keys.message_key({id});
        CHECK(keys.message_of_key(key) == base::MessageId{id});
        CHECK_FALSE(others.message_of_key(key));
        CHECK_FALSE(keys.message_of_key(key + "0"));
        CHECK_FALSE(keys.message_of_key("0" + key));
    }
    for (const auto* text : {"", ".", "17", "17.", "x.1234", "-1.0123456789abcdef"})
        CHECK_FALSE(keys.message_of_key(text));
}

TEST_CASE("a response code survives the hands of people, not those of forgers",
          "[campaigns][keys]") {
    const MessageKeys keys{"the secret of this installation"};
    std::size_t guessed = 0;
    for (std::int64_t id = 1; id < 2'000; ++id) {
        const auto code = keys.response_code({id});
        REQUIRE(keys.message_of_code(code) == base::MessageId{id});
        std::string typed;
        for (const char c : code) {
            if (c == '-') continue;
            typed += c == '0' ? 'o' : c == '1' ? 'l' : static_cast<char>(std::tolower(c));
            typed += ' ';
        }
        REQUIRE(keys.message_of_code(typed) == base::MessageId{id});
        auto forged = code;
        forged.back() = forged.back() == '7' ? '8' : '7';
        if (keys.message_of_code(forged)) ++guessed;
    }
    CHECK(guessed == 0);
    for (const auto* text : {"", "-", "ABCD", "U-ABCD", "ZZZZZZZZZZZZZZZZZZZZZZZZZ-ABCD", "Ж-1234"})
        CHECK_FALSE(keys.message_of_code(text));
}
