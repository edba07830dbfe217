#include "channels/hfaxd_session.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "base/clock.h"

namespace carillon::channels {

namespace {

using base::Result;
using Poco::Net::Socket;
using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;
using namespace std::chrono_literals;

constexpr std::size_t listing_max = 64'000'000;
// How long a wait lasts before it is asked whether it is still wanted.
constexpr auto slice = 100ms;

Poco::Timespan timespan(std::chrono::milliseconds duration) {
    return Poco::Timespan{std::chrono::microseconds{duration}.count()};
}

tl::unexpected<base::Failure> ended(const std::string& why) {
    return base::fail("fax.session_ended", why);
}

// `during`: what was asked, or nothing. A wait that was given up says nothing about the session.
tl::unexpected<base::Failure> lost(const std::string& during, const Poco::Exception& error) {
    const auto why = during.empty() ? error.displayText() : during + ": " + error.displayText();
    if (dynamic_cast<const Poco::TimeoutException*>(&error) == nullptr) return ended(why);
    return base::fail("fax.server_lost", why);
}

tl::unexpected<base::Failure> refused(const std::string& verb, const HfaxdReply& reply) {
    return base::fail("fax.server_refused", verb + ": " + describe(reply));
}

std::string verb_of(const std::string& line) {
    const auto first = line.find(' ');
    // "JPARM DIALSTRING", but not what a PASS or USER is followed by.
    return line.substr(0, line.starts_with("JPARM ") ? line.find(' ', first + 1) : first);
}

}  // namespace

// The two sockets. Every method throws Poco exceptions on trouble; nothing of Poco leaves the file.
class HfaxdSession::Wire {
public:
    explicit Wire(const HfaxdServer& server) : server_(server) {
        const SocketAddress address{server.host, static_cast<Poco::UInt16>(server.port)};
        peer_ = address.host();
        control_.connect(address, timespan(server.connect_timeout));
        control_.setNoDelay(true);
        control_.setSendTimeout(timespan(server.reply_timeout));
    }

    void send_line(const std::string& line) {
        const auto bytes = line + "\r\n";
        send(control_, bytes);
    }

    HfaxdReply reply() {
        HfaxdReply reply;
        const auto until = base::steady_now() + server_.reply_timeout;
        while (true) {
            switch (parser_.next(reply)) {
                case HfaxdReplyParser::Found::reply: return reply;
                case HfaxdReplyParser::Found::garbage:
                    throw Poco::IOException{"the server does not speak hfaxd's protocol"};
                case HfaxdReplyParser::Found::nothing: break;
            }
            const auto bytes = receive(control_, until);
            if (bytes.empty()) throw Poco::IOException{"the server closed the connection"};
            parser_.feed(bytes);
        }
    }

    void open_data(int port) {
        data_.emplace();
        data_->connect(SocketAddress{peer_, static_cast<Poco::UInt16>(port)},
                       timespan(server_.connect_timeout));
        data_->setSendTimeout(timespan(server_.data_timeout));
    }
    void close_data() { data_.reset(); }

    void send_data(std::string_view bytes) {
        send(*data_, bytes);
        data_->shutdownSend();
        close_data();
    }

    std::string receive_data() {
        std::string all;
        while (true) {
            const auto bytes = receive(*data_, base::steady_now() + server_.data_timeout);
            if (bytes.empty()) break;
            all += bytes;
            if (all.size() > listing_max) throw Poco::IOException{"the listing has no end"};
        }
        close_data();
        return all;
    }

private:
    // Bytes, or nothing at the end of the stream.
    std::string_view receive(StreamSocket& socket, base::Steady until) {
        while (!socket.poll(timespan(slice), Socket::SELECT_READ)) {
            if (base::steady_now() >= until)
                throw Poco::TimeoutException{"the server did not answer in time"};
            if (server_.interrupted && server_.interrupted())
                throw Poco::TimeoutException{"the wait was interrupted"};
        }
        const int size = socket.receiveBytes(buffer_.data(), static_cast<int>(buffer_.size()));
        return {buffer_.data(), static_cast<std::size_t>(std::max(size, 0))};
    }

    static void send(StreamSocket& socket, std::string_view bytes) {
        constexpr std::size_t block = 65536;
        while (!bytes.empty()) {
            const auto size = static_cast<int>(std::min(bytes.size(), block));
            const int sent = socket.sendBytes(bytes.data(), size);
            if (sent <= 0) throw Poco::IOException{"the server took no more bytes"};
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    const HfaxdServer server_;
    Poco::Net::IPAddress peer_;
    StreamSocket control_;
    std::optional<StreamSocket> data_;
    HfaxdReplyParser parser_;
    std::array<char, 16384> buffer_{};
};

HfaxdSession::HfaxdSession(std::unique_ptr<Wire> wire) : wire_(std::move(wire)) {}

HfaxdSession::~HfaxdSession() = default;

Result<std::unique_ptr<HfaxdSession>> HfaxdSession::open(const HfaxdServer& server) {
    std::unique_ptr<HfaxdSession> session;
    try {
        session.reset(new HfaxdSession{std::make_unique<Wire>(server)});
    } catch (const Poco::Exception& error) {
        return base::fail("fax.server_unreachable", error.displayText(),
                          fmt::format("{}:{}", server.host, server.port));
    }
    if (auto done = session->log_in(server); !done) return base::fail(std::move(done.error()));
    return session;
}

Result<void> HfaxdSession::log_in(const HfaxdServer& server) {
    try {
        auto greeting = wire_->reply();
        // 130: "Warning, client address ... is not listed": some servers say it before 220.
        while (greeting.preliminary()) greeting = wire_->reply();
        if (!greeting.positive()) return refused("greeting", greeting);
    } catch (const Poco::Exception& error) {
        return lost("", error);
    }
    auto answer = command("USER " + hfaxd_quoted(server.user));
    if (answer && answer->code == 331) answer = command("PASS " + hfaxd_quoted(server.password));
    if (!answer) return base::fail(std::move(answer.error()));
    if (answer->code != 230) return base::fail("fax.login_refused", describe(*answer));
    // TYPE I and FORM are hfaxd's own defaults, yet an administrator may have changed them.
    for (const auto* line : {"TYPE I", "MODE S", "STRU F"})
        if (auto done = demand(line); !done) return base::fail(std::move(done.error()));
    return {};
}

Result<HfaxdReply> HfaxdSession::command(const std::string& line) {
    if (!wire_) return ended("the session has ended");
    try {
        wire_->send_line(line);
        return wire_->reply();
    } catch (const Poco::Exception& error) {
        wire_.reset();
        return lost(verb_of(line), error);
    }
}

Result<HfaxdReply> HfaxdSession::demand(const std::string& line) {
    auto reply = command(line);
    if (reply && reply->code == 421) {  // the server is going away, or tired of waiting
        wire_.reset();
        return ended(verb_of(line) + ": " + describe(*reply));
    }
    if (reply && !reply->positive()) return refused(verb_of(line), *reply);
    return reply;
}

Result<void> HfaxdSession::open_data() {
    const auto reply = demand("PASV");
    if (!reply) return base::fail(reply.error());
    const auto port = passive_port(*reply);
    if (!port) return refused("PASV", *reply);
    try {
        wire_->open_data(*port);
    } catch (const Poco::Exception& error) {
        wire_.reset();
        return lost("data connection", error);
    }
    return {};
}

Result<std::string> HfaxdSession::upload(std::string_view bytes) {
    if (auto opened = open_data(); !opened) return base::fail(std::move(opened.error()));
    const auto begun = command("STOT");
    if (!begun) return base::fail(begun.error());
    const auto name = stored_name(*begun);
    if (!name) {
        wire_->close_data();
        return refused("STOT", *begun);
    }
    try {
        wire_->send_data(bytes);
        const auto done = wire_->reply();
        if (!done.positive()) return refused("STOT", done);
    } catch (const Poco::Exception& error) {
        wire_.reset();
        return lost("STOT", error);
    }
    return *name;
}

Result<std::string> HfaxdSession::create(const FaxJobOrder& order, const std::string& document) {
    // Page sizes in millimetres; 196 lines an inch is what fax calls fine.
    const auto lifetime = std::clamp(order.lifetime, 1min, std::chrono::minutes{99 * 24h});
    const auto days = std::chrono::floor<std::chrono::days>(lifetime);
    const auto hours = std::chrono::floor<std::chrono::hours>(lifetime - days);
    const auto minutes = lifetime - days - hours;
    const std::array parameters{
        "JOBINFO " + hfaxd_quoted(order.tag),
        std::string{"FROMUSER "} + hfaxd_quoted(order.sender.empty() ? "-" : order.sender),
        "LASTTIME " + fmt::format("{:02}{:02}{:02}", days.count(), hours.count(), minutes.count()),
        "MAXDIALS " + std::to_string(order.dials_max),
        "MAXTRIES " + std::to_string(order.tries_max),
        "SCHEDPRI " + std::to_string(order.priority),
        "DIALSTRING " + hfaxd_quoted(order.dial_string),
        "EXTERNAL " + hfaxd_quoted(order.number),
        "TOUSER " + hfaxd_quoted(order.recipient),
        "MODEM " + hfaxd_quoted(order.modem),
        std::string{"NOTIFYADDR \"-\""},  // hfaxd insists on one; NOTIFY NONE keeps it unused
        std::string{"NOTIFY NONE"},
        std::string{"VRES 196"},
        std::string{"PAGEWIDTH 210"},
        std::string{"PAGELENGTH 297"},
        std::string{"PAGECHOP NONE"},  // the server's usual setting cuts white space off pages
        std::string{order.header_line ? "USETAGLINE YES" : "USETAGLINE NO"}};
    // A new job inherits from the current one. Until it has a number, a sender and a tag no listing
    // shows it, so the default job is given them all before.
    if (auto done = demand("JOB default"); !done) return base::fail(std::move(done.error()));
    for (const auto& parameter : parameters)
        if (auto done = demand("JPARM " + parameter); !done)
            return base::fail(std::move(done.error()));
    const auto created = demand("JNEW");
    if (!created) return base::fail(created.error());
    const auto job = created_job(*created);
    if (!job) return refused("JNEW", *created);
    if (auto done = demand("JPARM DOCUMENT " + document); !done)
        return base::fail(std::move(done.error()));
    return *job;
}

HfaxdSession::Answer HfaxdSession::submit(const std::string& job) {
    const auto reply = command("JSUBM " + job);
    if (!reply) return {Submitted::unknown, reply.error().detail};
    if (reply->positive()) return {Submitted::submitted, describe(*reply)};
    // 460: the scheduler did not say yes. It may have rejected the job, or not have answered in
    // time. 421: the session ended on the server's side before or after it read the command.
    if (reply->code == 460 || reply->code == 421 || reply->preliminary()) {
        wire_.reset();
        return {Submitted::unknown, describe(*reply)};
    }
    return {Submitted::refused, describe(*reply)};
}

Result<std::string> HfaxdSession::list(const std::string& queue) {
    if (auto opened = open_data(); !opened) return base::fail(std::move(opened.error()));
    const auto begun = command("LIST " + queue);
    if (!begun) return base::fail(begun.error());
    if (!begun->preliminary()) {
        wire_->close_data();
        return refused("LIST", *begun);
    }
    try {
        auto listing = wire_->receive_data();
        const auto done = wire_->reply();
        if (!done.positive()) return refused("LIST", done);
        return listing;
    } catch (const Poco::Exception& error) {
        wire_.reset();
        return lost("LIST", error);
    }
}

Result<std::vector<FaxJob>> HfaxdSession::jobs() {
    if (auto done = demand("JOBFMT \"" + std::string{fax_job_format} + "\""); !done)
        return base::fail(std::move(done.error()));
    std::vector<FaxJob> all;
    for (const auto* queue : {"sendq", "doneq"}) {
        const auto listing = list(queue);
        if (!listing) return base::fail(listing.error());
        auto jobs = parse_fax_jobs(*listing);
        std::move(jobs.begin(), jobs.end(), std::back_inserter(all));
    }
    return all;
}

Result<void> HfaxdSession::kill(const std::string& job) {
    if (auto done = demand("JKILL " + job); !done) return base::fail(std::move(done.error()));
    return {};
}

void HfaxdSession::quit() {
    (void)command("QUIT");
    wire_.reset();
}

}  // namespace carillon::channels
