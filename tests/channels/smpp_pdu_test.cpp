#include "channels/smpp_pdu.h"

#include <catch2/catch.hpp>

#include "channels/smpp_outcome.h"
#include "channels/smpp_receipt.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::string_literals;

namespace {

SmppSm full_sm() {
    return {.service_type = "CMT",
            .source = {5, 0, "BANK"},
            .destination = {1, 1, "79160000001"},
            .esm_class = 0x40,
            .protocol_id = 1,
            .priority_flag = 2,
            .schedule_delivery_time = "",
            .validity_period = "000000020000000R",
            .registered_delivery = 1,
            .replace_if_present_flag = 0,
            .data_coding = 8,
            .sm_default_msg_id = 3,
            .short_message = "\x05\x00\x03\x01\x02\x01 text"s,
            .tlvs = {{smpp_tag::sar_msg_ref_num, "\x00\x07"s}, {0x1400, ""}}};
}

std::vector<SmppPdu> one_of_each() {
    using enum SmppCommand;
    const SmppBind bind{"bank", "secret", "VMA", 0x34, {1, 1, "7"}};
    const SmppAddress address{1, 1, "7916"};
    return {
        {bind_transceiver, 0, 1, bind},
        {bind_transmitter, 0, 2, bind},
        {bind_receiver, 0, 3, bind},
        {bind_transceiver_resp, 0, 1, SmppBindResp{"SMSC", {{0x0210, "\x34"}}}},
        {submit_sm, 0, 4, full_sm()},
        {deliver_sm, 0, 5, full_sm()},
        {submit_sm_resp, 0, 4, SmppSmResp{"m0001", {}}},
        {deliver_sm_resp, smpp_status::temporary_error, 5, SmppSmResp{"", {}}},
        {data_sm, 0, 6,
         SmppDataSm{"", {5, 0, "BANK"}, address, 4, 1, 8, {{smpp_tag::message_payload, "abc"}}}},
        {query_sm, 0, 7, SmppQuery{"m0001", address}},
        {query_sm_resp, 0, 7, SmppQueryResp{"m0001", "", 2, 0}},
        {cancel_sm, 0, 8, SmppCancel{"", "m0001", address, address}},
        {cancel_sm_resp, 0, 8, SmppEmpty{}},
        {enquire_link, 0, 9, SmppEmpty{}},
        {enquire_link_resp, 0, 9, SmppEmpty{}},
        {unbind, 0, 10, SmppEmpty{}},
        {unbind_resp, 0, 10, SmppEmpty{}},
        {generic_nack, 3, 11, SmppEmpty{}},
    };
}

}  // namespace

TEST_CASE("every unit survives the way to bytes and back", "[channels][smpp]") {
    for (const auto& pdu : one_of_each()) {
        CAPTURE(static_cast<std::uint32_t>(pdu.command));
        const auto again = decode(encode(pdu));
        REQUIRE(again);
        CHECK(*again == pdu);
    }
}

TEST_CASE("a submit_sm has the bytes of the specification", "[channels][smpp]") {
    SmppSm sm{.source = {5, 0, "B"},
              .destination = {1, 1, "79"},
              .registered_delivery = 1,
              .short_message = "hi"};
    const auto bytes = encode({SmppCommand::submit_sm, 0, 2, sm});
    const auto expected =
        "\0\0\0\x26\0\0\0\x04\0\0\0\0\0\0\0\x02"
        "\0\x05\0B\0\x01\x01"
        "79\0\0\0\0\0\0\x01\0\0\0\x02hi"s;
    CHECK(bytes == expected);
}

TEST_CASE("no unit cut short is read past its end", "[channels][smpp]") {
    for (const auto& pdu : one_of_each()) {
        const auto whole = encode(pdu);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            // A length that is true, but fields that are missing.
            auto cut = whole.substr(0, size);
            if (size >= 4) {
                cut[2] = static_cast<char>(size >> 8);
                cut[3] = static_cast<char>(size & 0xFF);
            }
            const auto again = decode(cut);
            if (again) CHECK(*decode(encode(*again)) == *again);
            CHECK_FALSE(decode(whole.substr(0, size)));
        }
    }
}

TEST_CASE("what no specification knows is an error with a name", "[channels][smpp]") {
    CHECK(decode("").error().code == "smpp.malformed");
    CHECK(decode("\0\0\0\x10\0\0\0\x77\0\0\0\0\0\0\0\x01"s).error().code == "smpp.unknown_command");
    CHECK(decode("\0\0\0\x11\0\0\0\x15\0\0\0\0\0\0\0\x01"s).error().code == "smpp.malformed");
    // A text without an end, and one longer than anybody needs.
    const auto endless = "\0\0\0\x14\x80\0\0\x04\0\0\0\0\0\0\0\x01"s + "abcd";
    CHECK(decode(endless).error().code == "smpp.malformed");
    auto huge = "\0\0\x02\x11\x80\0\0\x04\0\0\0\0\0\0\0\x01"s + std::string(512, 'a') + '\0';
    CHECK(decode(huge).error().code == "smpp.malformed");
}

TEST_CASE("a refusal may come without a body", "[channels][smpp]") {
    const auto refused = decode("\0\0\0\x10\x80\0\0\x04\0\0\0\x0B\0\0\0\x05"s);
    REQUIRE(refused);
    CHECK(refused->status == smpp_status::invalid_address);
    CHECK(std::get<SmppSmResp>(refused->body).message_id.empty());
}

TEST_CASE("no value can move another field", "[channels][smpp]") {
    auto sm = full_sm();
    sm.destination.digits = "7916\0evil"s;
    sm.source.digits = std::string(500, '9');
    sm.short_message = std::string(300, 'x');
    const auto again = decode(encode({SmppCommand::submit_sm, 0, 1, sm}));
    REQUIRE(again);
    const auto& read = std::get<SmppSm>(again->body);
    CHECK(read.destination.digits == "7916");
    CHECK(read.source.digits.size() == 20);
    CHECK(read.short_message.size() == 254);
    CHECK(read.tlvs == sm.tlvs);
}

TEST_CASE("a stream is cut into units wherever it is cut into reads", "[channels][smpp]") {
    std::string stream;
    for (const auto& pdu : one_of_each()) stream += encode(pdu);
    const auto piece = GENERATE(as<std::size_t>{}, 1, 3, 17, 1000);
    SmppReader reader;
    std::size_t count = 0;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
        reader.add(std::string_view{stream}.substr(at, piece));
        while (true) {
            const auto unit = reader.next();
            REQUIRE(unit);
            if (!*unit) break;
            CHECK(decode(**unit));
            ++count;
        }
    }
    CHECK(count == one_of_each().size());
    CHECK(reader.waiting() == 0);
}

TEST_CASE("an impossible length ends the stream", "[channels][smpp]") {
    const auto bytes = GENERATE(as<std::string>{}, "\0\0\0\x0F"s, "\0\0\0\0"s, "\xFF\xFF\xFF\xFF",
                                "\0\x02\0\x01"s, "HTTP/1.1 400");
    SmppReader reader;
    reader.add(bytes);
    CHECK(reader.next().error().code == "smpp.length_invalid");
}

TEST_CASE("receipts are read in the spellings that centres use", "[channels][smpp]") {
    using State = Receipt::State;
    struct Spelling {
        std::string text;
        std::string ref;
        State state;
        std::string reason;
    };
    const auto spelling = GENERATE(values<Spelling>({
        {"id:m1 sub:001 dlvrd:001 submit date:2311151200 done date:2311151201 stat:DELIVRD err:000 "
         "text:Hello stat:UNDELIV",
         "m1", State::delivered, "DELIVRD err:000"},
        {"ID:0A1b SUB:001 DLVRD:000 STAT:undeliv ERR:005 TEXT:", "0A1b", State::failed,
         "UNDELIV err:005"},
        {"stat:EXPIRED err:1 done date:2311151201 id:77", "77", State::expired, "EXPIRED err:1"},
        {"id:5 stat:REJECTD", "5", State::failed, "REJECTD"},
        {"id:5 stat:ENROUTE", "5", State::in_progress, "ENROUTE"},
        {"id:5 stat:ACCEPTD", "5", State::in_progress, "ACCEPTD"},
        {"id:5 stat:UNKNOWN", "5", State::in_progress, "UNKNOWN"},
        {"id:5 stat:DELETED", "5", State::failed, "DELETED"},
        {"id:5 stat:Delivered text:id:6", "5", State::delivered, "DELIVRD"},
    }));
    CAPTURE(spelling.text);
    const auto receipt = make_receipt(spelling.text, {}, {}, "raw");
    REQUIRE(receipt);
    CHECK(receipt->receipt_ref == spelling.ref);
    CHECK(receipt->state == spelling.state);
    CHECK(receipt->reason == spelling.reason);
    CHECK(receipt->raw == "raw");
    CHECK(receipt->key.empty());
}

TEST_CASE("optional parameters make a receipt on their own", "[channels][smpp]") {
    const SmppTlvs tlvs{{smpp_tag::receipted_message_id, "abc\0"s},
                        {smpp_tag::message_state, "\x05"},
                        {smpp_tag::network_error_code, "\x03\x00\x01"s}};
    const auto receipt = make_receipt("", tlvs, {.bad_address_errors = {"1"}}, "");
    REQUIRE(receipt);
    CHECK(receipt->receipt_ref == "abc");
    CHECK(receipt->state == Receipt::State::bad_address);
    // The id of the parameter is the better one; the text says the state.
    const auto both = make_receipt("id:x stat:DELIVRD", tlvs, {}, "");
    CHECK(both->receipt_ref == "abc");
    CHECK(both->state == Receipt::State::delivered);
}

TEST_CASE("a receipt that says nothing is none", "[channels][smpp]") {
    const auto text =
        GENERATE(as<std::string>{}, "", "hello", "id:5", "stat:DELIVRD",
                 "id: stat:", "id:5 stat:WHATEVER", "myid:5 stat:DELIVRD", "\xFF\x00id"s);
    CHECK(make_receipt(text, {}, {}, "").error().code == "smpp.receipt_unreadable");
}

TEST_CASE("the same receipt twice has the same id, another state has another", "[channels][smpp]") {
    const auto id = [](std::string_view text) {
        return make_receipt(text, {}, {}, "")->external_id;
    };
    CHECK(id("id:5 stat:DELIVRD err:000") == id("ID:5 err:000 STAT:delivrd"));
    CHECK(id("id:5 stat:ENROUTE") != id("id:5 stat:DELIVRD"));
    CHECK(id("id:5 stat:DELIVRD") != id("id:6 stat:DELIVRD"));
    CHECK(id("id:" + std::string(500, '7') + " stat:DELIVRD").size() == 64);
}

TEST_CASE("ids in two notations meet", "[channels][smpp]") {
    using enum ReceiptIds;
    CHECK(normalised_ref("0A1B", as_is) == "0A1B");
    CHECK(normalised_ref("0A1B", hex_to_decimal) == "2587");
    CHECK(normalised_receipt_ref("0000002587", hex_to_decimal) == "2587");
    CHECK(normalised_ref("0000002587", decimal_to_hex) == "a1b");
    CHECK(normalised_receipt_ref("0A1B", decimal_to_hex) == "a1b");
    CHECK(normalised_ref("m-17", hex_to_decimal) == "m-17");
    CHECK(normalised_ref("FFFFFFFFFFFFFFFFFFFF", hex_to_decimal) == "FFFFFFFFFFFFFFFFFFFF");
}

TEST_CASE("every status has its outcome", "[channels][smpp]") {
    using enum SmppVerdict;
    const auto [status, verdict] =
        GENERATE(table<std::uint32_t, SmppVerdict>({{0x00, accepted},
                                                    {0x58, throttled},
                                                    {0x14, busy},
                                                    {0x08, busy},
                                                    {0x0B, bad_address},
                                                    {0x0A, rejected},
                                                    {0x65, rejected},
                                                    {0x0E, misconfigured},
                                                    {0x43, rejected},
                                                    {0x499, busy}}));
    CHECK(verdict_of(status, {}) == verdict);
    CHECK(verdict_of(0x499, {{0x499, bad_address}}) == bad_address);
    CHECK(smpp_status_text(0x0B).find("0x0000000B ESME_RINVDSTADR") == 0);
    CHECK(smpp_status_text(0x499) == "0x00000499");
}

TEST_CASE("the parts of a message are settled together", "[channels][smpp]") {
    using Fate = SmppPartFate;
    using enum Fate::State;
    const Fate taken{accepted, 0, SmppVerdict::accepted, "id", "ID"};
    const Fate bad{refused, 0x0B, SmppVerdict::bad_address, "", ""};
    const Fate full{refused, 0x14, SmppVerdict::busy, "", ""};
    const Fate fast{refused, 0x58, SmppVerdict::throttled, "", ""};
    const Fate silent{uncertain};
    const Fate unsent{not_sent};
    const auto outcome = [](const std::vector<Fate>& fates) {
        return smpp_outcome(fates, "why", std::chrono::seconds{2});
    };
    const auto all = std::get<Accepted>(outcome({taken, taken}));
    CHECK(all.receipt_refs == std::vector<std::string>{"id", "id"});
    CHECK(all.units == 2);
    CHECK(all.provider_ref == "ID ID");
    CHECK(std::holds_alternative<Uncertain>(outcome({taken, silent})));
    CHECK(std::holds_alternative<Uncertain>(outcome({bad, silent})));
    CHECK(std::get<Rejected>(outcome({bad, unsent})).address_is_bad);
    CHECK_FALSE(std::get<Rejected>(outcome({taken, bad})).address_is_bad);
    CHECK(std::holds_alternative<Uncertain>(outcome({taken, full})));
    CHECK(std::holds_alternative<Uncertain>(outcome({taken, unsent})));
    const auto later = std::get<Deferred>(outcome({fast}));
    CHECK_FALSE(later.consumed_attempt);
    CHECK(later.retry_after == std::chrono::seconds{2});
    CHECK(std::get<Deferred>(outcome({full, unsent})).consumed_attempt);
    CHECK(std::get<Deferred>(outcome({unsent})).reason == "why");
}
