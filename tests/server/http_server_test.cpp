// The traps of HTTP servers, each with a raw socket against the real one.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <mutex>
#include <thread>

#include "server/router.h"

using namespace carillon;
using namespace carillon::server;
using namespace std::chrono_literals;

namespace {

class Caller {
public:
    explicit Caller(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    }
    ~Caller() { ::close(socket_); }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    void say(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void say_no_more() { ::shutdown(socket_, SHUT_WR); }
    // What comes until the other side closes, or nothing comes for `patience`.
    std::string hear(std::chrono::milliseconds patience = 300ms) {
        std::string heard;
        pollfd one{socket_, POLLIN, 0};
        while (::poll(&one, 1, static_cast<int>(patience.count())) > 0) {
            char buffer[4096];
            const auto got = ::recv(socket_, buffer, sizeof buffer, 0);
            closed_ = got <= 0;
            if (closed_) break;
            heard.append(buffer, static_cast<std::size_t>(got));
        }
        return heard;
    }
    bool closed() const { return closed_; }

private:
    int socket_;
    bool closed_{false};
};

int count_of(std::string_view text, std::string_view word) {
    int count = 0;
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
        ++count;
    return count;
}

struct House {
    explicit House(HttpServerSettings settings = {}, RouterSettings routing = {})
        : router{routes(), std::move(routing), [this](const Access& access) {
                     const std::scoped_lock lock{mutex};
                     log.push_back(std::string{access.method} + " " + std::string{access.pattern} +
                                   " " + std::to_string(access.status) + " " + access.problem);
                 }} {
        server = HttpServer::start(
                     std::move(settings), clock,
                     [this](Request request, Responder responder) {
                         router.dispatch(std::move(request), std::move(responder));
                     },
                     [](int status) { return problem(status); })
                     .value();
    }
    std::vector<Route> routes() {
        const auto text = [](std::string body) {
            return Response::of(200, "text/plain", std::move(body));
        };
        return {
            {"GET", "/hello", Policy::everybody,
             Handler{[=](const Request&) { return text("hi"); }}},
            {"POST", "/echo", Policy::everybody,
             Handler{[=](const Request& request) { return text(request.body); }}},
            {"GET", "/throws", Policy::everybody, Handler{[](const Request&) -> Response {
                 throw std::runtime_error{"secret detail"};
             }}},
            {"GET", "/throws-odd", Policy::everybody,
             Handler{[](const Request&) -> Response { throw 42; }}},
            {"GET", "/inject/{value}", Policy::everybody, Handler{[](const Request& request) {
                 return Response{204}.set("X-Value", request.parameters.at("value"));
             }}},
            {"PUT", "/inject/{value}", Policy::everybody,
             Handler{[](const Request&) { return Response{204}; }}},
            {"GET", "/inject/fixed", Policy::everybody,
             Handler{[=](const Request&) { return text("fixed"); }}},
            {"GET", "/slow", Policy::everybody, Handler{[=](const Request&) {
                 std::this_thread::sleep_for(200ms);
                 return text("at last");
             }}},
            {"GET", "/until-gone", Policy::everybody, Handler{[this, text](const Request& request) {
                 // Generous: only a server that does not notice comes near the end of it.
                 for (int i = 0; i < 6'000 && !request.gone->load() && !answer_now; ++i)
                     std::this_thread::sleep_for(10ms);
                 was_gone = request.gone->load();
                 is_done = true;
                 return text("at last");
             }}},
            {"GET", "/local", Policy::local, Handler{[=](const Request&) { return text("in"); }}},
            {"GET", "/peer", Policy::everybody,
             Handler{[=](const Request& request) { return text(request.peer); }}},
            {"GET", "/forgets", Policy::everybody,
             LiveHandler{[](const Request&, const Responder&) {}}},
            {"GET", "/throws-live", Policy::everybody,
             LiveHandler{
                 [](const Request&, const Responder&) { throw std::runtime_error{"live"}; }}}};
    }
    std::string ask(std::string_view bytes, std::chrono::milliseconds patience = 300ms) {
        Caller caller{server->port()};
        caller.say(bytes);
        return caller.hear(patience);
    }

    std::atomic<bool> answer_now{false};
    std::atomic<bool> was_gone{false};
    std::atomic<bool> is_done{false};
    base::SystemClock clock;
    std::mutex mutex;
    std::vector<std::string> log;
    Router router;
    std::unique_ptr<HttpServer> server;
};

std::string get(std::string_view path, std::string_view headers = "Connection: close\r\n") {
    return "GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n" + std::string{headers} + "\r\n";
}

}  // namespace

TEST_CASE("answers, keeps the line, and closes when asked") {
    House house;
    Caller caller{house.server->port()};
    caller.say(get("/hello", ""));
    const auto first = caller.hear(100ms);
    CHECK(first.starts_with("HTTP/1.1 200 OK\r\nDate: "));
    CHECK(first.ends_with("\r\nContent-Length: 2\r\n\r\nhi"));
    caller.say(get("/hello") + get("/hello"));
    CHECK(count_of(caller.hear(), "200 OK") == 1);  // what follows a "close" is not answered
    CHECK(caller.closed());
}

TEST_CASE("pipelined requests are answered in order, also behind a slow one") {
    House house;
    const auto heard = house.ask(get("/slow", "") + get("/hello", "") +
                                     "POST /echo HTTP/1.1\r\nHost: x\r\n"
                                     "Content-Length: 3\r\n\r\nabc" +
                                     get("/nothing"),
                                 600ms);
    CHECK(count_of(heard, "HTTP/1.1 ") == 4);
    CHECK(heard.find("at last") < heard.find("hi"));
    CHECK(heard.find("abc") < heard.find("404"));
}

TEST_CASE("HEAD, unknown paths, methods and OPTIONS") {
    House house;
    const auto head = house.ask("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(head.find("Content-Length: 2\r\n") != std::string::npos);
    CHECK(head.ends_with("\r\n\r\n"));
    CHECK(house.ask(get("/other")).starts_with("HTTP/1.1 404 "));
    CHECK(house.ask(get("/hello/")).starts_with("HTTP/1.1 404 "));
    const auto wrong = house.ask("DELETE /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(wrong.starts_with("HTTP/1.1 405 "));
    CHECK(wrong.find("\r\nAllow: GET, HEAD\r\n") != std::string::npos);
    CHECK(wrong.find("application/problem+json") != std::string::npos);
    for (const std::string method : {"TRACE", "QUERY", "BREW"}) {
        const auto rest = "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        CHECK(house.ask(method + " /hello " + rest).starts_with("HTTP/1.1 405 "));
        CHECK(house.ask(method + " /other " + rest).starts_with("HTTP/1.1 404 "));
    }
    CHECK(house.ask("OPTIONS /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
              .find("Allow: POST\r\n") != std::string::npos);
}

TEST_CASE("a fixed path stands before one with a parameter, for every method") {
    House house;
    const auto ask = [&](const std::string& what) {
        return house.ask(what + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    };
    CHECK(ask("GET /inject/fixed").ends_with("fixed"));
    const auto wrong = ask("PUT /inject/fixed");
    CHECK(wrong.starts_with("HTTP/1.1 405 "));
    CHECK(wrong.find("\r\nAllow: GET, HEAD\r\n") != std::string::npos);
    CHECK(ask("PUT /inject/other").starts_with("HTTP/1.1 204 "));
    CHECK(ask("PATCH /inject/other").find("\r\nAllow: GET, HEAD, PUT\r\n") != std::string::npos);
}

TEST_CASE("an exception is a 500 that tells nothing, and the line lives on") {
    House house;
    Caller caller{house.server->port()};
    for (const char* path : {"/throws", "/throws-odd", "/forgets", "/throws-live"}) {
        caller.say(get(path, ""));
        const auto heard = caller.hear(150ms);
        CHECK(heard.starts_with("HTTP/1.1 500 "));
        CHECK(heard.find("secret") == std::string::npos);
    }
    caller.say(get("/hello", ""));
    CHECK(caller.hear(150ms).ends_with("hi"));
    const std::scoped_lock lock{house.mutex};
    CHECK(std::ranges::find(house.log, "GET /throws 500 secret detail") != house.log.end());
}

TEST_CASE("a value from outside cannot begin a header") {
    House house;
    const auto heard = house.ask(get("/inject/a%0d%0aSet-Cookie:%20b=1"));
    CHECK(heard.starts_with("HTTP/1.1 500 "));
    CHECK(heard.find("Set-Cookie") == std::string::npos);
    CHECK(house.ask(get("/inject/fine")).find("X-Value: fine") != std::string::npos);
}

TEST_CASE("smuggled requests are never seen") {
    House house;
    const auto both = house.ask(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked"
        "\r\n\r\n0\r\n\r\n" +
        get("/hello"));
    CHECK(count_of(both, "HTTP/1.1 ") == 1);
    CHECK(both.starts_with("HTTP/1.1 400 "));
    // A body that no handler asked for is not the next request.
    const auto unread = house.ask(
        "GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 37\r\n\r\n"
        "GET /throws HTTP/1.1\r\nHost: smuggle\r\n" +
        get("/hello"));
    CHECK(count_of(unread, "200 OK") == 2);
    CHECK(unread.find("500") == std::string::npos);
}

TEST_CASE("bodies are bounded, and the refusal is heard by who is still sending") {
    HttpServerSettings settings;
    settings.limits.body_bytes = 1000;
    House house{std::move(settings)};
    const auto post = [](const std::string& length) {
        return "POST /echo HTTP/1.1\r\nHost: x\r\n" + length + "\r\n\r\n";
    };
    Caller large{house.server->port()};
    large.say(post("Content-Length: 500000") + std::string(500'000, 'x'));
    CHECK(large.hear().starts_with("HTTP/1.1 413 "));
    CHECK(large.closed());
    Caller chunked{house.server->port()};
    chunked.say(post("Transfer-Encoding: chunked"));
    for (int i = 0; i < 100; ++i) chunked.say("64\r\n" + std::string(100, 'x') + "\r\n");
    CHECK(chunked.hear().starts_with("HTTP/1.1 413 "));
    Caller polite{house.server->port()};
    polite.say(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    CHECK(polite.hear(100ms) == "HTTP/1.1 100 Continue\r\n\r\n");
    polite.say("abc");
    CHECK(polite.hear(100ms).ends_with("\r\n\r\nabc"));
}

TEST_CASE("idle connections starve nobody") {
    HttpServerSettings settings;
    settings.connections_max = 20;
    House house{std::move(settings)};
    std::vector<std::unique_ptr<Caller>> idle;
    for (int i = 0; i < 60; ++i) {
        idle.push_back(std::make_unique<Caller>(house.server->port()));
        if (i % 3 == 1) idle.back()->say("GET /hel");
        if (i % 3 == 2) idle.back()->say(get("/hello", ""));
    }
    const auto started = base::steady_now();
    CHECK(house.ask(get("/hello")).ends_with("hi"));
    CHECK(base::steady_now() - started < 250ms);
    std::this_thread::sleep_for(600ms);
    CHECK(house.server->counts().displaced >= 40);
    CHECK(house.server->counts().open <= 20);
}

TEST_CASE("when all are at work the newcomer is told so") {
    HttpServerSettings settings;
    settings.connections_max = 2;
    House house{std::move(settings)};
    std::vector<std::unique_ptr<Caller>> working;
    for (int i = 0; i < 4; ++i) {
        working.push_back(std::make_unique<Caller>(house.server->port()));
        working.back()->say(get("/slow"));
    }
    std::this_thread::sleep_for(50ms);
    CHECK(house.ask(get("/hello")).starts_with("HTTP/1.1 503 "));
    for (auto& caller : working) CHECK(caller->hear(900ms).ends_with("at last"));
}

TEST_CASE("slow heads and bodies are cut, a byte now and then buys nothing") {
    HttpServerSettings settings;
    settings.head_time = 300ms;
    settings.body_time = 300ms;
    settings.idle_time = 300ms;
    House house{std::move(settings)};
    Caller head{house.server->port()};
    Caller body{house.server->port()};
    Caller idle{house.server->port()};
    idle.say(get("/hello", ""));
    CHECK(idle.hear(50ms).ends_with("hi"));
    body.say("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n");
    for (const char c : std::string_view{"GET /hello"}) {
        head.say({&c, 1});
        body.say({&c, 1});
        std::this_thread::sleep_for(80ms);
    }
    CHECK(head.hear(50ms).starts_with("HTTP/1.1 408 "));
    CHECK(body.hear(50ms).starts_with("HTTP/1.1 408 "));
    CHECK(idle.hear(50ms).empty());
    CHECK(idle.closed());
}

TEST_CASE("a client that has shut its side still gets its answer") {
    House house;
    Caller caller{house.server->port()};
    caller.say(get("/slow", ""));
    caller.say_no_more();
    CHECK(caller.hear(500ms).ends_with("at last"));
}

TEST_CASE("who works on an answer is told when nobody waits for it any more") {
    House house;
    {
        Caller leaves{house.server->port()};
        leaves.say(get("/until-gone", ""));
        std::this_thread::sleep_for(50ms);
        CHECK_FALSE(house.is_done.load());  // as long as he waits
    }
    for (int i = 0; i < 6'000 && !house.is_done; ++i) std::this_thread::sleep_for(10ms);
    CHECK(house.is_done.load());
    CHECK(house.was_gone.load());
    // Control: who stays is waited for.
    house.is_done = false;
    Caller stays{house.server->port()};
    stays.say(get("/until-gone"));
    std::this_thread::sleep_for(300ms);
    CHECK_FALSE(house.is_done.load());
    house.answer_now = true;
    CHECK(stays.hear(20s).ends_with("at last"));
    CHECK_FALSE(house.was_gone.load());
}

TEST_CASE("some routes are for the machine itself") {
    House house;
    CHECK(house.ask(get("/local")).ends_with("in"));
    CHECK(house.ask(get("/local", "X-Forwarded-For: 10.0.0.1\r\nConnection: close\r\n"))
              .starts_with("HTTP/1.1 403 "));
}

TEST_CASE("a route without a policy is not served") {
    const auto empty = Handler{[](const Request&) { return Response{200}; }};
    CHECK_THROWS_AS(Router({{"GET", "/x", {}, empty}}, {}, {}), std::logic_error);
    CHECK_NOTHROW(Router({{"GET", "/x", Policy::everybody, empty}}, {}, {}));
}

TEST_CASE("an address is believed from a trusted proxy only") {
    const auto asked = get("/peer", "X-Forwarded-For: 1.1.1.1, 10.0.0.7\r\nConnection: close\r\n");
    House unknown;
    CHECK(unknown.ask(asked).ends_with("\r\n\r\n127.0.0.1"));
    House known{{}, {2, {"127.0.0.1"}}};
    CHECK(known.ask(asked).ends_with("\r\n\r\n10.0.0.7"));
}

TEST_CASE("a stop lets work in hand be answered") {
    House house;
    Caller working{house.server->port()};
    Caller idle{house.server->port()};
    working.say(get("/slow", ""));
    std::this_thread::sleep_for(50ms);
    const auto started = base::steady_now();
    house.server->stop(5s);
    CHECK(base::steady_now() - started < 4s);
    CHECK(working.hear().ends_with("at last"));
    CHECK(idle.hear(100ms).empty());
    CHECK(idle.closed());
}
