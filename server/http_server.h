// An HTTP/1.1 server: one thread drives all connections with epoll, so that an idle or slow one
// costs a few kilobytes and never a thread. Why not the server of Poco: docs/adr/0010.
//
// Everything is bounded: bytes of head and body, time for head, body and answer, idle time,
// requests on one connection, connections. When all connections are taken, the one that has been
// idle longest makes room; when none is idle, a newcomer still gets in for a moment (a burst ends
// by itself), up to twice the number; after that he is told 503.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "server/http_message.h"
#include "server/http_parser.h"
#include "server/http_stream.h"

namespace carillon::server {

struct HttpServerSettings {
    std::string address{"127.0.0.1"};
    int port{0};
    std::optional<TlsIdentity> tls{};
    ParserLimits limits{};
    std::size_t connections_max{1024};
    int requests_per_connection{100'000};
    std::chrono::milliseconds idle_time{std::chrono::seconds{15}};  // between requests
    std::chrono::milliseconds head_time{std::chrono::seconds{10}};  // from the first byte on
    std::chrono::milliseconds body_time{std::chrono::seconds{30}};
    std::chrono::milliseconds answer_time{std::chrono::seconds{30}};  // for the client to take it
};

// The one answer to one request. Whoever lets go of it without an answer has answered 500. May be
// used from any thread, also after the server has ended.
class Responder {
public:
    struct Mailbox;
    struct Ticket {
        std::uint64_t connection{};
        bool head_only{};
        bool keep_alive{};
    };
    Responder(std::shared_ptr<Mailbox> mailbox, Ticket ticket)
        : mailbox_(std::move(mailbox)), ticket_(ticket) {}
    ~Responder();
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&&) = delete;
    void answer(Response response);

    // Many answers at one go: the server is woken once.
    static void answer_all(std::vector<std::pair<Responder, Response>>&& answers);

private:
    std::shared_ptr<Mailbox> mailbox_;
    Ticket ticket_;
};

struct ServerCounts {
    std::uint64_t connections{};  // accepted so far
    std::uint64_t refused{};      // told 503 because all were taken
    std::uint64_t displaced{};    // idle ones that made room
    std::uint64_t timeouts{};
    std::uint64_t malformed{};  // requests refused by the parser
    std::size_t open{};         // now
};

class HttpServer {
public:
    // Called by the server's own thread: must not block. It answers at once, or hands the responder
    // to a thread that does.
    using OnRequest = std::function<void(Request request, Responder responder)>;
    // The body of answers that the server gives by itself (400, 408, 413, 503 ...).
    using OnRefusal = std::function<Response(int status)>;

    // Listens when this returns. Errors: those of Listener::open.
    static base::Result<std::unique_ptr<HttpServer>> start(HttpServerSettings settings,
                                                           const base::Clock& clock,
                                                           OnRequest on_request,
                                                           OnRefusal on_refusal);
    ~HttpServer();  // stop() without patience

    int port() const;
    ServerCounts counts() const;
    // Accepts no more, closes what is idle, lets requests in work be answered within `patience`.
    void stop(std::chrono::milliseconds patience);

private:
    class Loop;
    explicit HttpServer(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

}  // namespace carillon::server
