// What webhooks are told, and what stays in the house.
#include <catch2/catch.hpp>

#include "campaigns/notices.h"

using namespace carillon::campaigns;

TEST_CASE("every final state of a message is told, nothing on the way is", "[webhook]") {
    for (const auto state : message_states) {
        INFO(name_of(state));
        // The control group receives nothing: there is nothing to tell.
        const bool told = is_settled(state) && state != MessageState::control;
        CHECK(notice_of(state).has_value() == told);
    }
    CHECK(notice_of(MessageState::closed_unknown) == Notice::message_failed);
    CHECK(notice_of(MessageState::suppressed) == Notice::message_stopped);
}

TEST_CASE("kinds have names and names are kinds", "[webhook]") {
    for (const auto notice : notices) CHECK(notice_from(name_of(notice)) == notice);
    CHECK_FALSE(notice_from("message"));
    CHECK_FALSE(notice_from(""));
}

TEST_CASE("reasons leave the house without what providers wrote", "[webhook]") {
    CHECK(public_reason("too_late") == "too_late");
    CHECK(public_reason("550 5.1.1 <anna@client.test> unknown") == "550 5.1.1");
    CHECK(public_reason("451 busy") == "451");
    CHECK(public_reason("user anna@client.test is unknown").empty());
    CHECK(public_reason("sms-a: 550 anna").empty());
    CHECK(public_reason("79031234567").empty());
    CHECK(public_reason("49031234567").empty());
    CHECK(public_reason("550 49031234567 unknown") == "550");
    CHECK(public_reason("550-5.7.1 blocked") == "550 5.7.1");
    CHECK(public_reason("").empty());
    CHECK(public_reason("4 2").empty());
    CHECK(public_reason(std::string(100, 'a')).empty());
}
