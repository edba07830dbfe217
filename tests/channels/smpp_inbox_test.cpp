#include "channels/smpp_inbox.h"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

class Desk {
public:
    SmppInbox inbox{{}};
    base::Steady now{1h};
    base::Instant wall{base::from_millis(1'700'000'000'000)};

    void receipt(std::uint32_t sequence, std::string text) {
        inbox.take(
            {1, sequence, SmppCommand::deliver_sm},
            {.sequence = sequence, .unit = {.esm_class = 4, .short_message = std::move(text)}}, now,
            wall);
    }
    void part(std::uint32_t sequence, char total, char number, const std::string& text) {
        SmppSm unit{.source = {1, 1, "79160000001"},
                    .destination = {0, 0, "900"},
                    .esm_class = 0x40,
                    .short_message = "\x05\x00\x03\x09"s + total + number + text};
        inbox.take({1, sequence, SmppCommand::deliver_sm},
                   {.sequence = sequence, .unit = std::move(unit)}, now, wall);
    }
    void text(std::uint32_t sequence, std::string octets, std::uint8_t data_coding = 0) {
        SmppSm unit{.source = {1, 1, "79160000001"},
                    .destination = {0, 0, "900"},
                    .data_coding = data_coding,
                    .short_message = std::move(octets)};
        inbox.take({1, sequence, SmppCommand::deliver_sm},
                   {.sequence = sequence, .unit = std::move(unit), .raw = "00"}, now, wall);
    }
    // status by sequence
    std::map<std::uint32_t, std::uint32_t> answers() {
        std::map<std::uint32_t, std::uint32_t> out;
        for (const auto& [ticket, status] : inbox.take_answers()) out[ticket.sequence] = status;
        return out;
    }
};

using Answers = std::map<std::uint32_t, std::uint32_t>;

}  // namespace

TEST_CASE("a receipt is acknowledged after it is stored", "[channels][smpp]") {
    Desk desk;
    desk.receipt(1, "id:m1 stat:DELIVRD err:000");
    CHECK(desk.answers().empty());
    REQUIRE(desk.inbox.receipts().size() == 1);
    CHECK(desk.inbox.receipts()[0].receipt_ref == "m1");
    SECTION("stored") {
        desk.inbox.receipts_stored(true, desk.now);
        CHECK(desk.answers() == Answers{{1, smpp_status::ok}});
    }
    SECTION("not stored: the centre is to give it again") {
        desk.inbox.receipts_stored(false, desk.now);
        CHECK(desk.answers() == Answers{{1, smpp_status::temporary_error}});
    }
    CHECK(desk.inbox.receipts().empty());
}

TEST_CASE("a receipt nobody can read is refused for good", "[channels][smpp]") {
    Desk desk;
    desk.receipt(1, "gibberish");
    CHECK(desk.answers() == Answers{{1, smpp_status::permanent_error}});
    CHECK(desk.inbox.receipts().empty());
}

TEST_CASE("a reply is read in its alphabet", "[channels][smpp]") {
    Desk desk;
    desk.text(1, "\x04\x21\x04\x22\x04\x1E\x04\x1F"s, 8);
    desk.text(2, "STOP \x00"s, 0);
    desk.text(3, "caf\xE9", 3);
    const auto messages = desk.inbox.inbound();
    REQUIRE(messages.size() == 3);
    CHECK(messages[0].text == "СТОП");
    CHECK(messages[0].from == "+79160000001");
    CHECK(messages[0].to == "900");
    CHECK(messages[0].raw == "00");
    CHECK(messages[1].text == "STOP @");
    CHECK(messages[2].text == "café");
    desk.inbox.inbound_stored(true, desk.now);
    CHECK(desk.answers().size() == 3);
}

TEST_CASE("a reply that is delivered again is the same reply", "[channels][smpp]") {
    Desk desk;
    desk.text(1, "STOP");
    desk.text(2, "STOP");
    desk.text(3, "START");
    const auto messages = desk.inbox.inbound();
    CHECK(messages[0].external_id == messages[1].external_id);
    CHECK(messages[0].external_id != messages[2].external_id);
}

TEST_CASE("a reply of several parts is put together in any order", "[channels][smpp]") {
    Desk desk;
    desk.part(3, 3, 3, "three");
    desk.part(1, 3, 1, "one ");
    CHECK(desk.answers().empty());
    desk.part(2, 3, 2, "two ");
    const auto messages = desk.inbox.inbound();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].text == "one two three");
    SECTION("stored") {
        desk.inbox.inbound_stored(true, desk.now);
        CHECK(desk.answers() == Answers{{1, 0}, {2, 0}, {3, 0}});
    }
    SECTION("not stored: all parts are to come again") {
        desk.inbox.inbound_stored(false, desk.now);
        CHECK(desk.answers() == Answers{{1, 0x64}, {2, 0x64}, {3, 0x64}});
        desk.part(4, 3, 1, "one ");
        desk.part(5, 3, 2, "two ");
        desk.part(6, 3, 3, "three");
        CHECK(desk.inbox.inbound().size() == 1);
    }
}

TEST_CASE("a centre that waits for each answer gets it, and nothing is lost", "[channels][smpp]") {
    Desk desk;
    desk.part(1, 2, 1, "one ");
    desk.now += 2s;
    CHECK(desk.inbox.wakes_at() == desk.now);
    desk.inbox.tick(desk.now, desk.wall);
    CHECK(desk.answers() == Answers{{1, 0}});
    desk.part(2, 2, 2, "two");
    REQUIRE(desk.inbox.has_inbound(desk.now));
    // It could not be stored. The centre will never repeat part one, so we keep it.
    desk.inbox.inbound_stored(false, desk.now);
    CHECK(desk.answers() == Answers{{2, 0}});
    CHECK_FALSE(desk.inbox.has_inbound(desk.now));
    CHECK(desk.inbox.has_inbound(desk.now + 1s));
    CHECK(desk.inbox.inbound()[0].text == "one two");
    desk.inbox.inbound_stored(true, desk.now);
    CHECK(desk.inbox.inbound().empty());
}

TEST_CASE("parts that never find their sisters are shown with a gap", "[channels][smpp]") {
    Desk desk;
    desk.part(1, 3, 1, "one ");
    desk.part(2, 3, 3, "three");
    desk.now += 5min;
    desk.inbox.tick(desk.now, desk.wall);
    REQUIRE(desk.inbox.inbound().size() == 1);
    CHECK(desk.inbox.inbound()[0].text == "one [...]three");
}

TEST_CASE("a late acceptance is a receipt, and its receipts name the message's key",
          "[channels][smpp]") {
    Desk desk;
    desk.inbox.late({"key-1", "m1"});
    desk.receipt(1, "id:m1 stat:DELIVRD");
    const auto receipts = desk.inbox.receipts();
    REQUIRE(receipts.size() == 2);
    CHECK(receipts[0].key == "key-1");
    CHECK(receipts[0].state == Receipt::State::in_progress);
    CHECK(receipts[1].key == "key-1");
    CHECK(receipts[1].receipt_ref.empty());
    CHECK(receipts[1].state == Receipt::State::delivered);
    // Nobody would tell us of the acceptance again.
    desk.inbox.receipts_stored(false, desk.now);
    CHECK(desk.inbox.receipts().size() == 1);
}
