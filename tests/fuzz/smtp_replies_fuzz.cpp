// Any bytes from a server, cut anywhere, with time passing and the line breaking at any moment:
// every message ends in exactly one report, none is accepted before its dot could have left, and
// memory stays bounded.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>

#include "channels/smtp_session.h"

using namespace carillon;
using namespace carillon::channels;

namespace {

constexpr int messages = 3;
// What servers say, so that the fuzzer gets beyond the greeting; raw bytes come as well.
constexpr std::array<std::string_view, 20> replies{
    "220 hi\r\n",
    "250 ok\r\n",
    "250-x\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    "354 go\r\n",
    "250-x\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n",
    "235 ok\r\n",
    "334 x\r\n",
    "550 5.1.1 no\r\n",
    "421 bye\r\n",
    "450 4.2.0 later\r\n",
    "250 ok\r\n250 ok\r\n354 go\r\n",
    "503 no\r\n",
    "250 ok\r\n550 5.1.1 no\r\n354 go\r\n",
    "554 5.7.1 spam\r\n",
    "250-part",
    "220 x\r\n250 y\r\n",
    "250-x\r\n250 SIZE 5\r\n",
    "250-x\r\n250-DSN\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n",
    "\r\n",
    "530 no\r\n"};
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

    // Returns how many of the bytes it used.
    std::size_t step(std::uint8_t event, std::uint8_t detail, std::string_view rest) {
        now_ += std::chrono::milliseconds{event};
        const auto raw = rest.substr(0, detail);
        std::size_t used = 0;
        switch (event % 8) {
            case 0: session_->tls_established(now_); break;
            case 1: hold_ = !hold_; break;
            case 2: now_ += std::chrono::minutes{detail % 12}; break;
            case 3:
                if (session_->idle()) session_->quit(now_);
                break;
            case 4:
                session_->receive(raw, now_);
                used = raw.size();
                break;
            default: session_->receive(replies[detail % replies.size()], now_); break;
        }
        session_->tick(now_);
        while (next_ <= messages && session_->has_room()) {
            session_->begin(message_of(next_), now_);
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
    void write(std::size_t most) {
        auto out = session_->output(now_);
        require(out.size() <= output_max);
        if (hold_) out = out.substr(0, most % 8);
        said_ += out;
        session_->wrote(out.size(), out.size(), now_);
    }
    // Dots that ended data, as far as they were written.
    int dots() const {
        int count = 0;
        for (auto at = said_.find("\r\n."); at != std::string::npos;
             at = said_.find("\r\n.", at + 1))
            count += said_.compare(at, 4, "\r\n..") == 0 ? 0 : 1;
        return count;
    }
    void collect() {
        for (const auto& report : session_->take_reports()) {
            ++reports_[report.id.value];
            const bool settled = std::holds_alternative<Accepted>(report.outcome) ||
                                 std::holds_alternative<Uncertain>(report.outcome);
            settled_ += settled ? 1 : 0;
            require(settled_ <= dots());
        }
    }

    SmtpDialogue dialogue_;
    std::optional<SmtpSession> session_;
    base::Steady now_;
    bool hold_{false};
    int next_{1};
    int begun_{0};
    int settled_{0};
    std::string said_;
    std::map<std::int64_t, int> reports_;
};

}  // namespace

// The input is options, then (event, detail, bytes if the event takes any) again and again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    Game game{data[0]};
    std::size_t at = 1;
    while (at + 2 <= size) {
        const std::string_view rest{reinterpret_cast<const char*>(data) + at + 2, size - at - 2};
        at += 2 + game.step(data[at], data[at + 1], rest);
    }
    game.finish();
    return 0;
}
