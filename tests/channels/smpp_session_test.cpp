#include "channels/smpp_session.h"

#include <catch2/catch.hpp>

#include "channels/gsm0338.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

// The centre's side of one connection: reads what the session wrote, and answers as a test wants.
class Conversation {
public:
    explicit Conversation(SmppDialogue dialogue = {}, SmppMode mode = SmppMode::transceiver,
                          double parts_per_second = 0)
        : dialogue_(std::move(dialogue)),
          pace_(parts_per_second),
          session_(dialogue_, mode, pace_, now_) {
        session_.connected(now_);
    }

    SmppSession& session() { return session_; }
    base::Steady now() const { return now_; }
    void pass(std::chrono::milliseconds time) {
        now_ += time;
        session_.tick(now_);
    }

    // Everything that has come since the last call.
    std::vector<SmppPdu> heard() {
        while (true) {
            const auto bytes = session_.output(now_);
            if (bytes.empty()) break;
            reader_.add(bytes);
            session_.wrote(bytes.size(), bytes.size(), now_);
        }
        std::vector<SmppPdu> out;
        for (auto unit = reader_.next(); unit && *unit; unit = reader_.next())
            out.push_back(*decode(**unit));
        return out;
    }
    void say(SmppPdu pdu) { session_.receive(encode(pdu), now_); }
    void bind() {
        const auto first = heard();
        REQUIRE(first.size() == 1);
        say({response_to(first[0].command), 0, first[0].sequence, SmppBindResp{"CENTRE", {}}});
        REQUIRE(session_.bound());
    }
    void accept(const SmppPdu& submit, std::string id) {
        say({SmppCommand::submit_sm_resp, 0, submit.sequence, SmppSmResp{std::move(id), {}}});
    }
    void refuse(const SmppPdu& submit, std::uint32_t status) {
        say({SmppCommand::submit_sm_resp, status, submit.sequence, SmppSmResp{}});
    }
    void send(std::string text, base::Steady deadline = base::Steady::max()) {
        REQUIRE(session_.has_room(now_));
        Message message;
        message.id.value = ++sent_;
        message.key = "key-" + std::to_string(sent_);
        message.to = "+79160000001";
        message.payload = SmsPayload{.from = "BANK", .text = std::move(text)};
        message.deadline = deadline;
        session_.begin(std::move(message), now_, base::from_millis(0));
    }
    Report report() {
        const auto reports = session_.take_reports();
        REQUIRE(reports.size() == 1);
        return reports[0];
    }
    template <class T>
    T outcome() {
        const auto found = report().outcome;
        REQUIRE(std::holds_alternative<T>(found));
        return std::get<T>(found);
    }

private:
    base::Steady now_{1h};
    SmppDialogue dialogue_;
    SmppPace pace_;
    SmppSession session_;
    SmppReader reader_;
    std::int64_t sent_{0};
};

const SmppSm& sm_of(const SmppPdu& pdu) {
    return std::get<SmppSm>(pdu.body);
}

const std::string two_parts(200, 'a');
const std::string three_parts(400, 'a');

}  // namespace

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
