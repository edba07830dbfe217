// An SMTP server that keeps a witness: one line for each message it took, written and synced before
// the 250 is sent. What stands in its log has been received, whatever happens to the sender; what
// does not has been promised to nobody.
//
// Usage: durable_sink --log FILE [--port N] [--drop-after-dot SHARE] [--delay-ms N] [--seed N]
// [--keep FOLDER] Line:  MESSAGE-ID RECIPIENT SHA256 UNIX-MILLISECONDS answered|unanswered With
// --drop-after-dot that share of the messages gets no answer: the connection closes after the final
// dot. Half of those are taken all the same (`unanswered`), half are not: the sender cannot know.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::string log{};
    std::string keep{};  // folder of the messages themselves, named by their digest
    int port{0};
    double drop_after_dot{0};
    std::chrono::milliseconds delay{0};  // between the final dot and its answer
    unsigned seed{1};
};

volatile std::sig_atomic_t stop_requested = 0;

[[noreturn]] void die(const std::string& what) {
    std::perror(what.c_str());
    std::exit(2);
}

// The lines of one turn of the loop, made durable together.
class Witness {
public:
    Witness(const std::string& path, std::string keep) : keep_(std::move(keep)) {
        file_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (file_ < 0) die(path);
    }
    void add(std::string_view message, const std::string& recipient, bool answered) {
        const auto digest = carillon::base::sha256_hex(message);
        const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now().time_since_epoch());
        pending_ += message_id_of(message) + " " + recipient + " " + digest + " " +
                    std::to_string(now.count()) + (answered ? " answered\n" : " unanswered\n");
        if (!keep_.empty())
            std::ofstream{keep_ + "/" + digest + ".eml", std::ios::binary} << message;
    }
    void sync() {
        if (pending_.empty()) return;
        for (std::size_t done = 0; done < pending_.size();) {
            const auto count = write(file_, pending_.data() + done, pending_.size() - done);
            if (count < 0) die("the log cannot be written");
            done += static_cast<std::size_t>(count);
        }
        if (fdatasync(file_) != 0) die("the log cannot be synced");
        pending_.clear();
    }

private:
    static std::string message_id_of(std::string_view message) {
        const auto head = message.substr(0, message.find("\r\n\r\n") + 2);
        for (std::size_t at = 0; at < head.size(); at = head.find("\r\n", at) + 2) {
            auto line = head.substr(at, head.find("\r\n", at) - at);
            constexpr std::string_view name = "message-id:";
            if (line.size() < name.size()) continue;
            bool same = true;
            for (std::size_t i = 0; i < name.size(); ++i)
                same = same && std::tolower(static_cast<unsigned char>(line[i])) == name[i];
            const auto from = line.find('<');
            if (same && from != line.npos)
                return std::string{line.substr(from + 1, line.find('>') - from - 1)};
        }
        return "-";
    }

    int file_{-1};
    std::string keep_;
    std::string pending_;
};

class Session {
public:
    Session(int socket, const Options& options, Witness& witness, std::mt19937& random)
        : options_(options), witness_(witness), random_(random), socket_(socket) {
        out_ = "220 sink.test ESMTP\r\n";
    }
    ~Session() { close(socket_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // False when the peer is gone.
    bool read_some() {
        char buffer[65536];
        while (true) {
            const auto count = recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
            if (count == 0) return false;
            if (count < 0) return errno == EAGAIN || errno == EINTR;
            in_.append(buffer, static_cast<std::size_t>(count));
            if (!consume()) return true;
            if (count < static_cast<ssize_t>(sizeof buffer)) return true;
        }
    }

    // After the witness has synced. False when the connection is to be closed.
    bool write_some(Clock::time_point now) {
        if (now < answer_at_) return true;
        while (written_ < out_.size()) {
            const auto count = send(socket_, out_.data() + written_, out_.size() - written_,
                                    MSG_DONTWAIT | MSG_NOSIGNAL);
            if (count < 0) return errno == EAGAIN || errno == EINTR;
            written_ += static_cast<std::size_t>(count);
        }
        out_.clear();
        written_ = 0;
        return !closing_;
    }
    bool has_output() const { return written_ < out_.size() || closing_; }
    Clock::time_point answer_at() const { return answer_at_; }
    int socket() const { return socket_; }

private:
    // False when nothing more will be read.
    bool consume() {
        std::size_t at = 0;
        while (!closing_ && at < in_.size()) {
            const std::string_view rest = std::string_view{in_}.substr(at);
            const auto end = in_data_ ? end_of_data(rest) : rest.find("\r\n");
            if (end == rest.npos) break;
            if (in_data_) {
                on_message(rest.substr(0, end));
                at += end + 3;  // ".\r\n"
            } else {
                on_line(rest.substr(0, end));
                at += end + 2;
            }
        }
        in_.erase(0, at);
        scanned_ = 0;
        if (in_data_) scanned_ = in_.size() < 5 ? 0 : in_.size() - 5;
        return !closing_;
    }

    // Where the line ".\r\n" begins; each byte is looked at once.
    std::size_t end_of_data(std::string_view data) {
        if (data.starts_with(".\r\n")) return 0;
        const auto found = data.find("\r\n.\r\n", scanned_);
        scanned_ = 0;
        return found == data.npos ? found : found + 2;
    }

    void on_line(std::string_view line) {
        std::string verb{line.substr(0, 4)};
        for (char& c : verb) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        if (verb == "EHLO") {
            out_ += "250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n";
        } else if (verb == "RCPT") {
            const auto from = line.find('<');
            recipient_ = std::string{line.substr(from + 1, line.find('>') - from - 1)};
            out_ += "250 2.1.5 Ok\r\n";
        } else if (verb == "DATA") {
            out_ += "354 go on\r\n";
            in_data_ = true;
        } else if (verb == "QUIT") {
            out_ += "221 2.0.0 Bye\r\n";
            closing_ = true;
        } else {
            out_ += "250 2.0.0 Ok\r\n";  // HELO, MAIL, RSET, NOOP
        }
    }

    void on_message(std::string_view data) {
        in_data_ = false;
        std::string message;
        message.reserve(data.size());
        for (std::size_t at = 0; at < data.size();) {
            const auto end = std::min(data.find("\r\n", at), data.size() - 2) + 2;
            const auto line = data.substr(at, end - at);
            message += line.starts_with('.') ? line.substr(1) : line;
            at = end;
        }
        std::uniform_real_distribution<double> share{0, 1};
        const bool answered = share(random_) >= options_.drop_after_dot;
        if (answered || share(random_) < 0.5) witness_.add(message, recipient_, answered);
        if (answered)
            out_ += "250 2.0.0 taken\r\n";
        else
            closing_ = true;
        if (options_.delay.count() > 0) answer_at_ = Clock::now() + options_.delay;
    }

    const Options& options_;
    Witness& witness_;
    std::mt19937& random_;
    int socket_;
    std::string in_;
    std::string out_;
    std::string recipient_;
    std::size_t scanned_{0};
    std::size_t written_{0};
    bool in_data_{false};
    bool closing_{false};
    Clock::time_point answer_at_{};
};

class Server {
public:
    explicit Server(const Options& options)
        : options_(options), witness_(options.log, options.keep), random_(options.seed) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int on = 1;
        setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(options.port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            die("bind");
        if (listen(listener_, 256) != 0) die("listen");
        socklen_t size = sizeof address;
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        poll_ = epoll_create1(EPOLL_CLOEXEC);
        watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
        std::printf("ready %d\n", ntohs(address.sin_port));
        std::fflush(stdout);
    }

    void run() {
        while (stop_requested == 0) turn();
        witness_.sync();
    }

private:
    void watch(int action, int socket, std::uint32_t events) const {
        epoll_event event{};
        event.events = events;
        event.data.fd = socket;
        epoll_ctl(poll_, action, socket, &event);
    }

    int patience() const {
        auto wait = std::chrono::milliseconds{200};
        const auto now = Clock::now();
        for (const auto& [socket, session] : sessions_)
            if (session->has_output() && session->answer_at() > now)
                wait = std::min(
                    wait, std::chrono::ceil<std::chrono::milliseconds>(session->answer_at() - now));
        return static_cast<int>(wait.count());
    }

    void turn() {
        epoll_event events[128];
        const int count = epoll_wait(poll_, events, 128, patience());
        std::vector<int> gone;
        for (int i = 0; i < count; ++i) {
            const int socket = events[i].data.fd;
            if (socket == listener_)
                accept_all();
            else if ((events[i].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0 &&
                     !sessions_.at(socket)->read_some())
                gone.push_back(socket);
        }
        witness_.sync();
        for (const int socket : gone) sessions_.erase(socket);
        const auto now = Clock::now();
        for (auto session = sessions_.begin(); session != sessions_.end();) {
            const bool open = session->second->write_some(now);
            if (open)
                watch(EPOLL_CTL_MOD, session->first,
                      session->second->has_output() && session->second->answer_at() <= now
                          ? static_cast<std::uint32_t>(EPOLLIN | EPOLLOUT)
                          : static_cast<std::uint32_t>(EPOLLIN));
            session = open ? std::next(session) : sessions_.erase(session);
        }
    }

    void accept_all() {
        while (true) {
            const int socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (socket < 0) return;
            const int on = 1;
            setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            watch(EPOLL_CTL_ADD, socket, EPOLLIN);
            sessions_[socket] = std::make_unique<Session>(socket, options_, witness_, random_);
        }
    }

    const Options& options_;
    Witness witness_;
    std::mt19937 random_;
    int listener_{-1};
    int poll_{-1};
    std::map<int, std::unique_ptr<Session>> sessions_;
};

Options options_of(int argc, char** argv) {
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        const char* value = argv[i + 1];
        if (name == "--log")
            options.log = value;
        else if (name == "--keep")
            options.keep = value;
        else if (name == "--port")
            options.port = std::atoi(value);
        else if (name == "--drop-after-dot")
            options.drop_after_dot = std::atof(value);
        else if (name == "--delay-ms")
            options.delay = std::chrono::milliseconds{std::atoi(value)};
        else if (name == "--seed")
            options.seed = static_cast<unsigned>(std::atoi(value));
        else
            die("unknown option " + std::string{name});
    }
    if (options.log.empty()) die("--log FILE is missing");
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    const auto options = options_of(argc, argv);
    struct sigaction action {};
    action.sa_handler = [](int) { stop_requested = 1; };
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
    Server server{options};
    server.run();
    return 0;
}
