#include "base/phone_number.h"

#include <catch2/catch.hpp>

using carillon::base::PhoneNumber;

TEST_CASE("a number is one number however it is written", "[base]") {
    for (const std::string text : {"+7 916 123-45-67", "8 (916) 123-45-67", "9161234567",
                                   "8-916-123-45-67", "+79161234567", " 89161234567 "}) {
        INFO(text);
        const auto number = PhoneNumber::parse(text, "RU");
        REQUIRE(number);
        CHECK(number->e164() == "+79161234567");
        CHECK_FALSE(number->is_fixed_line());
    }
    CHECK(PhoneNumber::parse("030 901820", "DE")->e164() == "+4930901820");
    CHECK(PhoneNumber::parse("030 901820", "DE")->is_fixed_line());
    CHECK(PhoneNumber::parse("+44 20 7946 0958", "RU")->e164() == "+442079460958");
}

TEST_CASE("what no telephone has is refused", "[base]") {
    for (const std::string text :
         {"", "abc", "12345", "+7", "+999123456789", "8916123456789012", "112"}) {
        INFO(text);
        CHECK(PhoneNumber::parse(text, "RU").error().code == "contact.phone_invalid");
    }
}
