#include "channels/gsm0338.h"
#include "smpp_conversation.h"

using namespace carillon;
using namespace carillon::channels;
using namespace carillon::testing;
using namespace std::chrono_literals;
using namespace std::string_literals;

TEST_CASE("an answer that does not come leaves the message uncertain", "[channels][smpp]") {
    Conversation talk{{.timeouts = {.response = 10s}}};
    talk.bind();
    talk.send("x");
    const auto submit = talk.heard();
    CHECK(talk.session().wakes_at(talk.now()) == talk.now() + 10s);
    talk.pass(9s);
    CHECK(talk.session().take_reports().empty());
    talk.pass(1s);
    talk.outcome<Uncertain>();
    SECTION("a late acceptance is told, with the id that receipts will name") {
        talk.accept(submit[0], "m7");
        CHECK(talk.session().take_reports().empty());
        const auto late = talk.session().take_late();
        REQUIRE(late.size() == 1);
        CHECK(late[0].key == "key-1");
        CHECK(late[0].receipt_ref == "m7");
        talk.accept(submit[0], "m7");
        CHECK(talk.session().take_late().empty());
    }
    SECTION("a late refusal is not") {
        talk.refuse(submit[0], smpp_status::invalid_address);
        CHECK(talk.session().take_late().empty());
    }
}

TEST_CASE("a line that breaks leaves uncertain only what may have left", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    talk.send("one");
    talk.send("two");
    const auto bytes = talk.session().output(talk.now());
    const auto half = bytes.size() / 2;
    SECTION("only the first") {
        talk.session().wrote(half, half, talk.now());
        talk.session().lost("cut");
        const auto reports = talk.session().take_reports();
        REQUIRE(reports.size() == 2);
        for (const auto& report : reports) {
            const bool first = report.id.value == 1;
            CHECK(std::holds_alternative<Uncertain>(report.outcome) == first);
            if (!first) CHECK_FALSE(std::get<Deferred>(report.outcome).consumed_attempt);
        }
    }
    SECTION("both, when the rest was offered to an encrypted line") {
        talk.session().wrote(half, bytes.size(), talk.now());
        talk.session().lost("cut");
        for (const auto& report : talk.session().take_reports())
            CHECK(std::holds_alternative<Uncertain>(report.outcome));
    }
    SECTION("none, when the last byte is missing") {
        talk.session().wrote(half - 1, half - 1, talk.now());
        talk.session().lost("cut");
        for (const auto& report : talk.session().take_reports())
            CHECK(std::holds_alternative<Deferred>(report.outcome));
    }
}

TEST_CASE("a message whose deadline passes before it could leave does not leave",
          "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    talk.send("one");
    talk.send("two", talk.now() + 5s);
    talk.send("three");
    const auto first = talk.session().output(talk.now()).size() / 3;
    talk.session().wrote(first, first, talk.now());  // and the socket is full
    talk.pass(6s);
    const auto rest = talk.heard();
    CHECK(talk.outcome<Deferred>().reason == "the deadline has passed");
    // The first unit had left; only the third follows.
    REQUIRE(rest.size() == 1);
    CHECK(sm_of(rest[0]).short_message == "three");
    CHECK_FALSE(talk.session().idle());
}

TEST_CASE("what has not left yet is not given up, or it would leave unseen", "[channels][smpp]") {
    Conversation talk{{.timeouts = {.response = 2s, .block = 30s}}};
    talk.bind();
    talk.send("one");
    talk.session().output(talk.now());
    talk.session().wrote(0, 0, talk.now());  // the socket is full
    talk.pass(5s);
    CHECK(talk.session().take_reports().empty());
    const auto submit = talk.heard();
    REQUIRE(submit.size() == 1);
    talk.accept(submit[0], "m");
    talk.outcome<Accepted>();
}

TEST_CASE("a silent line is asked whether it lives", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    talk.pass(30s);
    const auto asked = talk.heard();
    REQUIRE(asked.size() == 1);
    REQUIRE(asked[0].command == SmppCommand::enquire_link);
    SECTION("it does") {
        talk.say({SmppCommand::enquire_link_resp, 0, asked[0].sequence, SmppEmpty{}});
        talk.pass(29s);
        CHECK(talk.heard().empty());
        CHECK_FALSE(talk.session().wants_close());
    }
    SECTION("it does not") {
        talk.pass(60s);
        CHECK(talk.session().failure() == "the centre does not answer enquire_link");
    }
}

TEST_CASE("the centre's own questions are answered", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    talk.say({SmppCommand::enquire_link, 0, 77, SmppEmpty{}});
    talk.say({SmppCommand::query_sm, 0, 78, SmppQuery{}});
    const auto answers = talk.heard();
    REQUIRE(answers.size() == 2);
    CHECK(answers[0] == SmppPdu{SmppCommand::enquire_link_resp, 0, 77, SmppEmpty{}});
    CHECK(answers[1].command == SmppCommand::generic_nack);
    talk.say({SmppCommand::unbind, 0, 79, SmppEmpty{}});
    CHECK(talk.session().wants_close());
    CHECK(talk.heard().size() == 1);
    CHECK(talk.session().failure() == "the centre unbound us");
}

TEST_CASE("a delivery is answered when we say so", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    const SmppSm sm{.esm_class = 4, .short_message = "id:1 stat:DELIVRD"};
    talk.say({SmppCommand::deliver_sm, 0, 5, sm});
    talk.say({SmppCommand::data_sm, 0, 6,
              SmppDataSm{"", {}, {}, 0, 0, 0, {{smpp_tag::message_payload, "hi"}}}});
    const auto deliveries = talk.session().take_deliveries();
    REQUIRE(deliveries.size() == 2);
    CHECK(talk.heard().empty());
    CHECK(deliveries[0].unit == sm);
    CHECK(*find_tlv(deliveries[1].unit.tlvs, smpp_tag::message_payload) == "hi");
    talk.session().answer(5, SmppCommand::deliver_sm, smpp_status::temporary_error);
    talk.session().answer(6, SmppCommand::data_sm, smpp_status::ok);
    const auto answers = talk.heard();
    REQUIRE(answers.size() == 2);
    CHECK(answers[0].command == SmppCommand::deliver_sm_resp);
    CHECK(answers[0].status == smpp_status::temporary_error);
    CHECK(answers[1].command == SmppCommand::data_sm_resp);
}

TEST_CASE("a delivery answered after the line is gone is not answered any more",
          "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    talk.say({SmppCommand::deliver_sm, 0, 5, SmppSm{}});
    talk.session().lost("cut");
    talk.session().answer(5, SmppCommand::deliver_sm, smpp_status::ok);
    CHECK(talk.session().output(talk.now()).empty());
}

TEST_CASE("nothing is said behind half a unit", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    talk.send("one");
    talk.session().output(talk.now());
    talk.session().wrote(5, 5, talk.now());
    talk.say({SmppCommand::unbind, 0, 79, SmppEmpty{}});
    CHECK(talk.session().wants_close());
    CHECK(talk.session().output(talk.now()).empty());
}

TEST_CASE("a flood of deliveries is slowed down, not kept", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    for (std::uint32_t i = 1; i <= 1500; ++i) talk.say({SmppCommand::deliver_sm, 0, i, SmppSm{}});
    CHECK(talk.session().take_deliveries().size() == 1000);
    const auto answers = talk.heard();
    CHECK(answers.size() == 500);
    CHECK(answers[0].status == smpp_status::throttled);
}

TEST_CASE("a receiver takes no messages", "[channels][smpp]") {
    Conversation talk{{}, SmppMode::receiver};
    talk.bind();
    CHECK_FALSE(talk.session().has_room(talk.now()));
    CHECK(talk.session().idle());
}

TEST_CASE("nonsense from a centre is answered or ends the line", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    SECTION("an unknown request is refused") {
        talk.session().receive("\0\0\0\x10\0\0\0\x77\0\0\0\0\0\0\0\x07"s, talk.now());
        const auto answers = talk.heard();
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].command == SmppCommand::generic_nack);
        CHECK(answers[0].sequence == 7);
    }
    SECTION("an impossible length closes") {
        talk.send("x");
        talk.heard();
        talk.session().receive("HTTP/1.1 200 OK\r\n", talk.now());
        CHECK(talk.session().wants_close());
        talk.outcome<Uncertain>();
    }
    SECTION("an answer nobody can read leaves its message uncertain") {
        talk.send("x");
        const auto submit = talk.heard();
        auto bytes =
            encode({SmppCommand::submit_sm_resp, 0, submit[0].sequence, SmppSmResp{"m", {}}});
        bytes.back() = 'n';  // the text has no end any more
        talk.session().receive(bytes, talk.now());
        talk.outcome<Uncertain>();
    }
    SECTION("an answer to what was never asked changes nothing") {
        talk.send("x");
        talk.heard();
        talk.say({SmppCommand::submit_sm_resp, 0, 9999, SmppSmResp{"m", {}}});
        CHECK(talk.session().take_reports().empty());
        CHECK(talk.session().take_late().empty());
    }
}

TEST_CASE("a message that cannot be sent is refused at once", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    Message message;
    message.id.value = 1;
    message.to = GENERATE(as<std::string>{}, "", "12", "+7916000000x",
                          "+7916\0"
                          "1"s,
                          "+12345678901234567");
    message.payload = SmsPayload{.from = "BANK", .text = "x"};
    talk.session().begin(message, talk.now(), {});
    CHECK(talk.outcome<Rejected>().address_is_bad);
    message.to = "+79160000001";
    message.payload = EmailPayload{};
    talk.session().begin(message, talk.now(), {});
    CHECK_FALSE(talk.outcome<Rejected>().address_is_bad);
    CHECK(talk.heard().empty());
}

TEST_CASE("the same message is the same bytes on every attempt", "[channels][smpp]") {
    Message message;
    message.key = "key-1";
    message.to = "+79160000001";
    message.payload = SmsPayload{.from = "+79031112233", .text = three_parts};
    const SmppSubmitRules rules{.message_reference = true};
    const auto once = make_submission(message, rules, {});
    const auto again = make_submission(message, rules, {});
    REQUIRE(once);
    CHECK(once->units == again->units);
    CHECK(once->units[0].source == SmppAddress{1, 1, "79031112233"});
    CHECK(tlv_number(once->units[0].tlvs, smpp_tag::user_message_reference));
    message.key = "key-2";
    CHECK(make_submission(message, rules, {})->units != once->units);
}
