// Plays the dialogues of tests/channels/conversations against SmtpSession. The language of those
// files:
//   with key=value ...         settings: tls, user, password, auth_without_tls
//   message KEY [to=] [utf8] [deadline=SECONDS] [bytes=N]   given to the session as soon as it has
//   room S: line                    the server says C: line                    the client must have
//   said exactly this next; "C: <body KEY>" is a whole message > tls | lost | hold | write N |
//   perhaps N | write | wait SECONDS | quit = KEY outcome text         exactly this report must
//   have come (text: a part of it) = closed text              the session must want to close, for
//   this reason (a part of it)
// Every dialogue is played three times: whole lines, byte by byte, and all server lines in a row at
// once.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>

#include "base/text.h"
#include "channels/smtp_session.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;

namespace {

enum class Feed { lines, bytes, together };

std::string body_of(const std::string& key) {
    return "Subject: " + key + "\r\n\r\nHello\r\n";
}

std::string text_of(const Outcome& outcome) {
    struct Text {
        std::string operator()(const Accepted& it) const { return "accepted " + it.provider_ref; }
        std::string operator()(const Deferred& it) const {
            return (it.consumed_attempt ? "deferred " : "deferred-free ") + it.reason;
        }
        std::string operator()(const Rejected& it) const {
            return (it.address_is_bad ? "rejected-address " : "rejected ") + it.reason;
        }
        std::string operator()(const Uncertain& it) const { return "uncertain " + it.reason; }
    };
    return std::visit(Text{}, outcome);
}

class Player {
public:
    Player(const std::filesystem::path& file, Feed feed) : feed_(feed) {
        std::ifstream in{file};
        for (std::string line; std::getline(in, line);) lines_.push_back(line);
        now_ += 1h;
    }

    void play() {
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            INFO("line " << i + 1 << ": " << lines_[i]);
            play_line(i);
        }
        pass_time();
        CHECK(said_ == "");
        CHECK(waiting_.empty());
        for (const auto& [key, text] : reports_) {
            INFO(key << " " << text);
            CHECK(false);  // a report nobody expected
        }
    }

private:
    void play_line(std::size_t& i) {
        const std::string& line = lines_[i];
        if (line.empty() || line[0] == '#') return;
        if (line.starts_with("with ")) return configure(line.substr(5));
        if (line.starts_with("message ")) return add_message(line.substr(8));
        start();
        if (line.starts_with("S: ")) return server_says(i);
        if (line.starts_with("C: ")) return client_said(line.substr(3));
        if (line.starts_with("> ")) return happen(line.substr(2));
        if (line.starts_with("= closed")) {
            CHECK(session_->need() == SmtpSession::Need::close);
            CHECK_THAT(session_->failure(),
                       Catch::Contains(line.substr(std::min<std::size_t>(9, line.size()))));
            return;
        }
        if (line.starts_with("= ")) return expect_report(line.substr(2));
        FAIL("unknown line");
    }

    void configure(const std::string& words) {
        for (const auto word : base::split(words, ' ')) {
            const auto at = word.find('=');
            const std::string key{word.substr(0, at)};
            const std::string value{word.substr(at + 1)};
            if (key == "tls")
                dialogue_.tls = value == "off"             ? SmtpTls::off
                                : value == "opportunistic" ? SmtpTls::opportunistic
                                : value == "implicit"      ? SmtpTls::implicit
                                                           : SmtpTls::required;
            else if (key == "user")
                dialogue_.user = value;
            else if (key == "password")
                dialogue_.password = value;
            else if (key == "auth_without_tls")
                dialogue_.auth_without_tls = value == "yes";
            else
                FAIL("unknown setting " << key);
        }
    }

    void add_message(const std::string& words) {
        const auto parts = base::split(words, ' ');
        Message message;
        message.key = std::string{parts[0]};
        message.id.value = static_cast<std::int64_t>(keys_.size()) + 1;
        message.to = message.key + "@client.test";
        EmailPayload payload{.envelope_from = "bounces@bank.test", .bytes = body_of(message.key)};
        for (std::size_t i = 1; i < parts.size(); ++i) {
            if (parts[i].starts_with("to=")) message.to = std::string{parts[i].substr(3)};
            if (parts[i] == "utf8") payload.smtputf8 = true;
            if (parts[i].starts_with("deadline="))
                message.deadline =
                    now_ + std::chrono::seconds{std::stoi(std::string{parts[i].substr(9)})};
            if (parts[i].starts_with("bytes="))
                payload.bytes +=
                    std::string(std::stoul(std::string{parts[i].substr(6)}), 'x') + "\r\n";
        }
        message.payload = std::move(payload);
        keys_[message.id.value] = message.key;
        waiting_.push_back(std::move(message));
        if (session_) pass_time();
    }

    void start() {
        if (session_) return;
        dialogue_.helo = "carillon.test";
        session_ = std::make_unique<SmtpSession>(dialogue_, now_);
        pass_time();
    }

    void server_says(std::size_t& i) {
        std::string bytes = lines_[i].substr(3) + "\r\n";
        while (feed_ == Feed::together && i + 1 < lines_.size() && lines_[i + 1].starts_with("S: "))
            bytes += lines_[++i].substr(3) + "\r\n";
        if (feed_ != Feed::bytes) {
            session_->receive(bytes, now_);
        } else {
            for (const char c : bytes) {
                session_->receive({&c, 1}, now_);
                pass_time();
            }
        }
        pass_time();
    }

    // What an event loop does after every event: give messages, write, take reports.
    void pass_time() {
        while (!waiting_.empty() && session_->has_room()) {
            auto message = std::move(waiting_.front());
            waiting_.erase(waiting_.begin());
            session_->begin(std::move(message), now_);
        }
        while (!held_) {
            const auto out = session_->output(now_);
            if (out.empty()) break;
            take(out.size());
        }
        for (auto& report : session_->take_reports()) {
            REQUIRE(reported_.insert(report.id.value).second);  // exactly one report each
            reports_.emplace_back(keys_.at(report.id.value), text_of(report.outcome));
        }
    }

    void take(std::size_t count) {
        const auto out = session_->output(now_).substr(0, count);
        said_ += out;
        session_->wrote(out.size(), out.size(), now_);
    }

    void client_said(std::string line) {
        if (line.starts_with("<body ")) {
            line = body_of(line.substr(6, line.size() - 7));
            line.resize(line.size() - 2);
        }
        line += "\r\n";
        CHECK(said_.substr(0, line.size()) == line);
        said_.erase(0, line.size());
    }

    void happen(const std::string& what) {
        if (what == "tls") {
            CHECK(session_->need() == SmtpSession::Need::start_tls);
            session_->tls_established(now_);
        } else if (what == "lost") {
            session_->lost("the server closed the connection");
        } else if (what == "hold") {
            held_ = true;
        } else if (what == "write") {
            held_ = false;
        } else if (what.starts_with("write ")) {
            take(std::stoul(what.substr(6)));
        } else if (what.starts_with("perhaps ")) {
            session_->wrote(0, std::stoul(what.substr(8)), now_);
        } else if (what.starts_with("wait ")) {
            now_ += std::chrono::seconds{std::stoi(what.substr(5))};
            session_->tick(now_);
        } else if (what == "quit") {
            CHECK(session_->idle());
            session_->quit(now_);
        } else {
            FAIL("unknown event " << what);
        }
        pass_time();
    }

    void expect_report(const std::string& words) {
        const auto space = words.find(' ');
        const auto key = words.substr(0, space);
        for (auto it = reports_.begin(); it != reports_.end(); ++it) {
            if (it->first != key) continue;
            const auto outcome = words.substr(space + 1, words.find(' ', space + 1) - space - 1);
            const auto text_at = words.find(' ', space + 1);
            CHECK_THAT(it->second, Catch::StartsWith(outcome + " "));
            if (text_at != std::string::npos)
                CHECK_THAT(it->second, Catch::Contains(words.substr(text_at + 1)));
            reports_.erase(it);
            return;
        }
        FAIL_CHECK("no report for " << key);
    }

    Feed feed_;
    std::vector<std::string> lines_;
    SmtpDialogue dialogue_{.tls = SmtpTls::off};
    base::Steady now_{};
    std::unique_ptr<SmtpSession> session_;
    std::vector<Message> waiting_;
    std::map<std::int64_t, std::string> keys_;
    std::set<std::int64_t> reported_;
    std::vector<std::pair<std::string, std::string>> reports_;
    std::string said_;
    bool held_{false};
};

}  // namespace

TEST_CASE("every SMTP dialogue goes as it is written down", "[channels][smtp]") {
    const std::filesystem::path folder = CARILLON_SOURCE_DIR "/tests/channels/conversations";
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.path().extension() != ".txt") continue;
        ++count;
        for (const auto feed : {Feed::lines, Feed::bytes, Feed::together}) {
            INFO(entry.path().filename().string() << ", feed " << static_cast<int>(feed));
            Player{entry.path(), feed}.play();
        }
    }
    CHECK(count >= 20);
}
