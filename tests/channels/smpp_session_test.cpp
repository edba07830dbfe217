#include "channels/gsm0338.h"
#include "smpp_conversation.h"

using namespace carillon;
using namespace carillon::channels;
using namespace carillon::testing;
using namespace std::chrono_literals;
using namespace std::string_literals;

TEST_CASE("a session binds, sends, and unbinds", "[channels][smpp]") {
    Conversation talk{{.system_id = "bank", .password = "secret", .system_type = "VMA"}};
    CHECK_FALSE(talk.session().has_room(talk.now()));
    const auto bind = talk.heard();
    REQUIRE(bind.size() == 1);
    CHECK(bind[0].command == SmppCommand::bind_transceiver);
    CHECK(std::get<SmppBind>(bind[0].body).password == "secret");
    talk.say({SmppCommand::bind_transceiver_resp, 0, bind[0].sequence, SmppBindResp{"C", {}}});
    talk.send("Hello");
    const auto submit = talk.heard();
    REQUIRE(submit.size() == 1);
    CHECK(sm_of(submit[0]).source == SmppAddress{5, 0, "BANK"});
    CHECK(sm_of(submit[0]).destination == SmppAddress{1, 1, "79160000001"});
    CHECK(sm_of(submit[0]).short_message == "Hello");
    CHECK(sm_of(submit[0]).registered_delivery == 1);
    CHECK_FALSE(talk.session().idle());
    talk.accept(submit[0], "m1");
    const auto accepted = talk.outcome<Accepted>();
    CHECK(accepted.receipt_refs == std::vector<std::string>{"m1"});
    CHECK(accepted.units == 1);
    CHECK(talk.session().idle());
    talk.session().unbind(talk.now());
    const auto unbind = talk.heard();
    REQUIRE(unbind.size() == 1);
    talk.say({SmppCommand::unbind_resp, 0, unbind[0].sequence, SmppEmpty{}});
    CHECK(talk.session().wants_close());
    CHECK(talk.session().failure().empty());
}

TEST_CASE("a refused bind closes and says why", "[channels][smpp]") {
    Conversation talk;
    const auto bind = talk.heard();
    SECTION("by its response") {
        talk.say({SmppCommand::bind_transceiver_resp, smpp_status::invalid_password,
                  bind[0].sequence, SmppBindResp{}});
        CHECK(talk.session().failure().find("ESME_RINVPASWD") != std::string::npos);
    }
    SECTION("by silence") {
        talk.pass(30s);
        CHECK(talk.session().failure() == "the centre did not answer the bind");
    }
    SECTION("by a nack") {
        talk.say({SmppCommand::generic_nack, 3, bind[0].sequence, SmppEmpty{}});
        CHECK_FALSE(talk.session().failure().empty());
    }
    CHECK(talk.session().wants_close());
    CHECK_FALSE(talk.session().established());
}

TEST_CASE("all parts of a long text are answered as one message", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    talk.send(three_parts);
    const auto parts = talk.heard();
    REQUIRE(parts.size() == 3);
    std::string text;
    int number = 0;
    for (const auto& part : parts) {
        const auto headed = take_header(sm_of(part).short_message);
        CHECK((sm_of(part).esm_class & 0x40) != 0);
        REQUIRE(headed.mark);
        CHECK(headed.mark->total == 3);
        CHECK(headed.mark->number == ++number);
        text += from_gsm(headed.text);
    }
    CHECK(text == three_parts);
    talk.accept(parts[2], "c");
    talk.accept(parts[0], "a");
    CHECK(talk.session().take_reports().empty());
    talk.accept(parts[1], "b");
    const auto accepted = talk.outcome<Accepted>();
    CHECK(accepted.receipt_refs == std::vector<std::string>{"a", "b", "c"});
    CHECK(accepted.units == 3);
}

TEST_CASE("parts may be marked by parameters, or travel as one payload", "[channels][smpp]") {
    SECTION("sar") {
        Conversation talk{{.submit = {.concatenation = SmppConcatenation::sar}}};
        talk.bind();
        talk.send(two_parts);
        const auto parts = talk.heard();
        REQUIRE(parts.size() == 2);
        CHECK(sm_of(parts[1]).esm_class == 0);
        CHECK(tlv_number(sm_of(parts[1]).tlvs, smpp_tag::sar_total_segments) == 2u);
        CHECK(tlv_number(sm_of(parts[1]).tlvs, smpp_tag::sar_segment_seqnum) == 2u);
        CHECK(tlv_number(sm_of(parts[0]).tlvs, smpp_tag::sar_msg_ref_num) ==
              tlv_number(sm_of(parts[1]).tlvs, smpp_tag::sar_msg_ref_num));
        CHECK(sm_of(parts[0]).short_message.size() == 153);
    }
    SECTION("payload") {
        Conversation talk{{.submit = {.concatenation = SmppConcatenation::payload}}};
        talk.bind();
        talk.send(two_parts);
        const auto parts = talk.heard();
        REQUIRE(parts.size() == 1);
        CHECK(*find_tlv(sm_of(parts[0]).tlvs, smpp_tag::message_payload) == two_parts);
        CHECK(sm_of(parts[0]).short_message.empty());
        talk.accept(parts[0], "m");
        const auto accepted = talk.outcome<Accepted>();
        CHECK(accepted.units == 2);
        CHECK(accepted.receipt_refs.size() == 1);
    }
    SECTION("packed septets begin after the header on a septet border") {
        Conversation talk{{.submit = {.packed_septets = true}}};
        talk.bind();
        talk.send(two_parts);
        const auto parts = talk.heard();
        REQUIRE(parts.size() == 2);
        CHECK(sm_of(parts[0]).short_message.size() == 140);
        CHECK(unpack_septets(sm_of(parts[0]).short_message.substr(6), 153, 1) ==
              two_parts.substr(0, 153));
    }
}

TEST_CASE("Cyrillic and emoji go as UTF-16", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    talk.send("Привет 😀");
    const auto submit = talk.heard();
    CHECK(sm_of(submit[0]).data_coding == 8);
    CHECK(from_utf16(sm_of(submit[0]).short_message) == "Привет 😀");
    CHECK(smpp_text(sm_of(submit[0]).short_message, 8) == "Привет 😀");
}

TEST_CASE("what a message is valid for is said in the centre's own words", "[channels][smpp]") {
    using base::from_millis;
    CHECK(smpp_validity(from_millis(2 * 3600 * 1000), from_millis(0), false) == "000000020000000R");
    CHECK(smpp_validity(from_millis(1), from_millis(0), false) == "000000000001000R");
    CHECK(smpp_validity(from_millis(400LL * 86400 * 1000), from_millis(0), false) ==
          "000030000000000R");
    CHECK(smpp_validity(from_millis(1'700'049'600'000), from_millis(1'700'000'000'000), true) ==
          "231115120000000+");
    Message late;
    late.to = "+79160000001";
    late.payload = SmsPayload{.from = "BANK", .text = "x", .valid_until = from_millis(5)};
    CHECK(make_submission(late, {}, from_millis(5)).error().code == "sms.not_valid_any_more");
    CHECK(make_submission(late, {}, from_millis(4))->units[0].validity_period ==
          "000000000001000R");
}

TEST_CASE("the window bounds what is in flight", "[channels][smpp]") {
    Conversation talk{{.window = 2}};
    talk.bind();
    talk.send("one");
    talk.send("two");
    CHECK_FALSE(talk.session().has_room(talk.now()));
    const auto submits = talk.heard();
    REQUIRE(submits.size() == 2);
    talk.accept(submits[1], "m2");
    CHECK(talk.session().has_room(talk.now()));
    talk.send(three_parts);
    CHECK(talk.heard().size() == 1);
    CHECK_FALSE(talk.session().has_room(talk.now()));
    talk.accept(submits[0], "m1");
    CHECK(talk.heard().size() == 1);
}

TEST_CASE("parts per second are counted, not only messages", "[channels][smpp]") {
    Conversation talk{{}, SmppMode::transceiver, 10};
    talk.bind();
    talk.send(three_parts);
    CHECK(talk.heard().size() == 1);
    CHECK_FALSE(talk.session().has_room(talk.now()));
    talk.pass(100ms);
    CHECK(talk.heard().size() == 1);
    talk.pass(100ms);
    CHECK(talk.heard().size() == 1);
}

TEST_CASE("a refusal becomes the outcome of its status", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    talk.send("x");
    const auto submit = talk.heard();
    SECTION("throttled") {
        talk.refuse(submit[0], smpp_status::throttled);
        const auto later = talk.outcome<Deferred>();
        CHECK_FALSE(later.consumed_attempt);
        CHECK(later.retry_after == 1s);
        CHECK_FALSE(talk.session().has_room(talk.now()));
        talk.pass(1s);
        CHECK(talk.session().has_room(talk.now()));
    }
    SECTION("queue full") {
        talk.refuse(submit[0], smpp_status::queue_full);
        const auto later = talk.outcome<Deferred>();
        CHECK(later.consumed_attempt);
        CHECK(later.retry_after == 1s);
    }
    SECTION("no such number") {
        talk.refuse(submit[0], smpp_status::invalid_address);
        CHECK(talk.outcome<Rejected>().address_is_bad);
    }
    SECTION("our sender is refused") {
        talk.refuse(submit[0], smpp_status::invalid_source);
        CHECK_FALSE(talk.outcome<Rejected>().address_is_bad);
    }
    SECTION("a nack that says nothing is not an acceptance") {
        talk.say({SmppCommand::generic_nack, 0, submit[0].sequence, SmppEmpty{}});
        talk.outcome<Deferred>();
    }
}

TEST_CASE("pauses double while a centre keeps asking, and end when it accepts",
          "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    for (const auto pause : {1s, 2s, 4s}) {
        talk.send("x");
        talk.refuse(talk.heard()[0], smpp_status::throttled);
        CHECK(talk.outcome<Deferred>().retry_after == pause);
        talk.pass(pause);
    }
    talk.send("x");
    talk.accept(talk.heard()[0], "m");
    talk.outcome<Accepted>();
    talk.send("x");
    talk.refuse(talk.heard()[0], smpp_status::throttled);
    CHECK(talk.outcome<Deferred>().retry_after == 1s);
}

TEST_CASE("a part refused for now is sent again, the others are not", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    talk.send(two_parts);
    const auto parts = talk.heard();
    talk.accept(parts[0], "a");
    talk.refuse(parts[1], smpp_status::throttled);
    CHECK(talk.heard().empty());
    talk.pass(1s);
    const auto again = talk.heard();
    REQUIRE(again.size() == 1);
    CHECK(sm_of(again[0]) == sm_of(parts[1]));
    CHECK(again[0].sequence != parts[1].sequence);
    talk.accept(again[0], "b");
    CHECK(talk.outcome<Accepted>().receipt_refs == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a part refused for ever leaves the message uncertain", "[channels][smpp]") {
    Conversation talk;
    talk.bind();
    talk.send(two_parts);
    auto parts = talk.heard();
    talk.accept(parts[0], "a");
    auto last = parts[1];
    for (int i = 0; i < 5; ++i) {
        talk.refuse(last, smpp_status::queue_full);
        talk.pass(60s);
        // Whoever waits is heard only when it speaks.
        for (const auto& pdu : talk.heard()) {
            if (pdu.command == SmppCommand::submit_sm) last = pdu;
            if (pdu.command == SmppCommand::enquire_link)
                talk.say({SmppCommand::enquire_link_resp, 0, pdu.sequence, SmppEmpty{}});
        }
    }
    CHECK(talk.outcome<Uncertain>().reason == "only 1 of 2 parts were accepted");
}

TEST_CASE("when one part is refused for good, the rest is not paid for", "[channels][smpp]") {
    Conversation talk{{.window = 1}};
    talk.bind();
    talk.send(three_parts);
    const auto first = talk.heard();
    REQUIRE(first.size() == 1);
    talk.refuse(first[0], smpp_status::invalid_address);
    CHECK(talk.outcome<Rejected>().address_is_bad);
    CHECK(talk.heard().empty());
    CHECK(talk.session().idle());
}
