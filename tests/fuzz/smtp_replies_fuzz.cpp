// Any bytes from a server, cut anywhere, with time passing and the line breaking at any moment:
// every message ends in exactly one report, none is accepted before its dot could have left, and
// memory stays bounded.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>

#include "channels/smtp_session.h"

using namespace carillon;
using namespace carillon::channels;

namespace {

constexpr int messages = 3;
constexpr std::size_t output_max = 64 * 1024;

void require(bool condition) {
    if (!condition) std::abort();
}

Message message_of(std::int64_t id) {
    Message message;
    message.id.value = id;
    message.key = "k" + std::to_string(id);
    message.to = "a@b.test";
    message.payload =
        EmailPayload{.envelope_from = "c@d.test", .bytes = "Subject: x\r\n\r\n.body\r\n"};
    return message;
}

class Game {
public:
    explicit Game(std::uint8_t options) : now_(std::chrono::hours{1}) {
        dialogue_.tls = static_cast<SmtpTls>(options & 3);
        if ((options & 4) != 0) dialogue_.user = "user";
        dialogue_.auth_without_tls = (options & 8) != 0;
        session_.emplace(dialogue_, now_);
    }

    void step(std::uint8_t event, std::string_view bytes) {
        now_ += std::chrono::milliseconds{event};
        switch (event % 8) {
            case 0: session_->tls_established(now_); break;
            case 1: hold_ = !hold_; break;
            case 2: now_ += std::chrono::minutes{1}; break;
            case 3:
                if (session_->idle()) session_->quit(now_);
                break;
            default: session_->receive(bytes, now_); break;
        }
        session_->tick(now_);
        while (next_ <= messages && session_->has_room()) {
            session_->begin(message_of(next_), now_);
            begun_ = next_++;
        }
        write();
        collect();
    }

    void finish() {
        session_->lost("the end");
        collect();
        for (std::int64_t id = 1; id <= begun_; ++id) require(reports_[id] == 1);
        require(reports_.size() == static_cast<std::size_t>(begun_));
        require(session_->output(now_).empty());
    }

private:
    void write() {
        const auto out = session_->output(now_);
        require(out.size() <= output_max);
        if (hold_ || out.empty()) return;
        for (std::size_t at = out.find("\r\n.\r\n"); at != std::string_view::npos;
             at = out.find("\r\n.\r\n", at + 1))
            ++dots_;
        session_->wrote(out.size(), out.size(), now_);
    }
    void collect() {
        for (const auto& report : session_->take_reports()) {
            ++reports_[report.id.value];
            const bool settled = std::holds_alternative<Accepted>(report.outcome) ||
                                 std::holds_alternative<Uncertain>(report.outcome);
            if (settled) require(--dots_ >= 0);
        }
    }

    SmtpDialogue dialogue_;
    std::optional<SmtpSession> session_;
    base::Steady now_;
    bool hold_{false};
    int next_{1};
    int begun_{0};
    int dots_{0};
    std::map<std::int64_t, int> reports_;
};

}  // namespace

// The input is options, then (event, length, bytes) again and again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    Game game{data[0]};
    std::size_t at = 1;
    while (at + 2 <= size) {
        const auto event = data[at];
        const auto length = std::min<std::size_t>(data[at + 1], size - at - 2);
        game.step(event, {reinterpret_cast<const char*>(data) + at + 2, length});
        at += 2 + length;
    }
    game.finish();
    return 0;
}
