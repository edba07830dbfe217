// Any bytes from a centre, cut anywhere, with time passing and the line breaking at any moment:
// every message ends in exactly one report, none is accepted before its last byte could have left,
// whatever is decoded encodes to the same again, and memory stays bounded.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>

#include "channels/smpp_inbox.h"
#include "channels/smpp_session.h"

using namespace carillon;
using namespace carillon::channels;

namespace {

constexpr int messages = 4;
constexpr std::size_t output_max = 256 * 1024;

void require(bool condition) {
    if (!condition) std::abort();
}

Message message_of(std::int64_t id) {
    Message message;
    message.id.value = id;
    message.key = "k" + std::to_string(id);
    message.to = "+7916000000" + std::to_string(id);
    message.payload = SmsPayload{.from = "BANK", .text = std::string(id % 2 == 0 ? 300 : 20, 'a')};
    return message;
}

void check_codec(std::string_view bytes) {
    if (const auto pdu = decode(bytes)) {
        const auto again = decode(encode(*pdu));
        require(again.has_value());
        require(again->command == pdu->command && again->sequence == pdu->sequence);
        // Fields longer than the specification allows are cut once, not again.
        require(encode(*again) == encode(*pdu));
    }
    parse_receipt_text(bytes);
    const auto receipt = make_receipt(bytes, {}, {.ids = ReceiptIds::hex_to_decimal}, "");
    if (receipt) require(!receipt->receipt_ref.empty() && !receipt->external_id.empty());
}

class Game {
public:
    explicit Game(std::uint8_t options) : now_(std::chrono::hours{1}) {
        dialogue_.window = 1 + (options & 3);
        dialogue_.submit.concatenation = static_cast<SmppConcatenation>((options >> 2) % 3);
        session_.emplace(dialogue_,
                         (options & 16) != 0 ? SmppMode::transmitter : SmppMode::transceiver, pace_,
                         now_);
        session_->connected(now_);
    }

    // Returns how many of the bytes it used.
    std::size_t step(std::uint8_t event, std::uint8_t detail, std::string_view rest) {
        now_ += std::chrono::milliseconds{event};
        const auto raw = rest.substr(0, detail);
        std::size_t used = 0;
        switch (event % 8) {
            case 0: answer_bind(); break;
            case 1: hold_ = !hold_; break;
            case 2: now_ += std::chrono::seconds{detail}; break;
            case 3:
                if (session_->idle() && detail > 200) session_->unbind(now_);
                break;
            case 4:
                session_->receive(raw, now_);
                used = raw.size();
                break;
            case 5:
                deliver(detail, raw);
                used = raw.size();
                break;
            default: answer_submit(detail); break;
        }
        session_->tick(now_);
        while (next_ <= messages && session_->has_room(now_)) {
            session_->begin(message_of(next_), now_, {});
            begun_ = next_++;
        }
        write(detail);
        collect();
        return used;
    }

    void finish() {
        session_->lost("the end");
        collect();
        for (std::int64_t id = 1; id <= begun_; ++id) require(reports_[id] == 1);
        require(reports_.size() == static_cast<std::size_t>(begun_));
        require(session_->output(now_).empty());
    }

private:
    void say(const SmppPdu& pdu) { session_->receive(encode(pdu), now_); }
    void answer_bind() {
        const auto command = session_->mode() == SmppMode::transmitter
                                 ? SmppCommand::bind_transmitter_resp
                                 : SmppCommand::bind_transceiver_resp;
        say({command, 0, 1, SmppBindResp{"C", {}}});
    }
    void answer_submit(std::uint8_t detail) {
        constexpr std::array<std::uint32_t, 8> statuses{0, 0, 0, 0x58, 0x14, 0x0B, 0x0A, 0x499};
        const std::uint32_t sequence = 1U + (detail >> 3);
        const auto status = statuses[detail & 7];
        say({SmppCommand::submit_sm_resp, status, sequence, SmppSmResp{"id", {}}});
    }
    void deliver(std::uint8_t detail, std::string_view raw) {
        SmppSm unit{.esm_class = detail, .short_message = std::string{raw}};
        say({SmppCommand::deliver_sm, 0, detail, unit});
    }
    void write(std::size_t most) {
        auto out = session_->output(now_);
        require(out.size() <= output_max);
        if (hold_) out = out.substr(0, most % 64);
        reader_.add(out);
        session_->wrote(out.size(), out.size(), now_);
        for (auto unit = reader_.next();; unit = reader_.next()) {
            require(unit.has_value());
            if (!*unit) return;
            const auto pdu = decode(**unit);
            require(pdu.has_value());
            submits_ += pdu->command == SmppCommand::submit_sm ? 1 : 0;
        }
    }
    void collect() {
        for (const auto& report : session_->take_reports()) {
            ++reports_[report.id.value];
            const bool settled = std::holds_alternative<Accepted>(report.outcome) ||
                                 std::holds_alternative<Uncertain>(report.outcome);
            settled_ += settled ? 1 : 0;
            require(settled_ <= submits_);
        }
        for (const auto& late : session_->take_late()) inbox_.late(late);
        for (auto& delivery : session_->take_deliveries())
            inbox_.take({1, delivery.sequence, delivery.command}, std::move(delivery), now_, {});
        inbox_.tick(now_, {});
        inbox_.receipts_stored(now_.time_since_epoch().count() % 2 == 0, now_);
        inbox_.inbound_stored(now_.time_since_epoch().count() % 3 == 0, now_);
        for (const auto& answer : inbox_.take_answers())
            session_->answer(answer.ticket.sequence, answer.ticket.command, answer.status);
    }

    SmppDialogue dialogue_;
    SmppPace pace_;
    std::optional<SmppSession> session_;
    SmppInbox inbox_{{}};
    SmppReader reader_;
    base::Steady now_;
    bool hold_{false};
    int next_{1};
    int begun_{0};
    int settled_{0};
    int submits_{0};
    std::map<std::int64_t, int> reports_;
};

}  // namespace

// The input is options, then (event, detail, bytes if the event takes any) again and again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view all{reinterpret_cast<const char*>(data), size};
    check_codec(all);
    Game game{data[0]};
    std::size_t at = 1;
    while (at + 2 <= size) at += 2 + game.step(data[at], data[at + 1], all.substr(at + 2));
    game.finish();
    return 0;
}
