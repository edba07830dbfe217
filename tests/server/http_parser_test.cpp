// What the parser takes and what it refuses, whole and byte by byte.
#include <catch2/catch.hpp>

#include "server/http_parser.h"

using namespace carillon::server;

namespace {

const ParserLimits small{512, 100, 8};

// The status of what `bytes` become: 0 is a complete request, -1 an unfinished one.
int status_of(std::string_view bytes, std::size_t step) {
    RequestParser parser{small};
    for (std::size_t at = 0; at < bytes.size(); at += step) parser.receive(bytes.substr(at, step));
    if (parser.state() == RequestParser::State::complete) return 0;
    return parser.state() == RequestParser::State::failed ? parser.status() : -1;
}

// The same however the bytes are cut.
int status_of(std::string_view bytes) {
    const int whole = status_of(bytes, bytes.size());
    for (const std::size_t step : {1U, 2U, 3U, 7U}) REQUIRE(status_of(bytes, step) == whole);
    return whole;
}

std::string get(std::string_view headers) {
    return "GET /a?b=1 HTTP/1.1\r\nHost: x\r\n" + std::string{headers} + "\r\n";
}
std::string post(std::string_view headers, std::string_view body) {
    return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string{headers} + "\r\n" + std::string{body};
}

}  // namespace

TEST_CASE("a request is read into its parts") {
    RequestParser parser{small};
    parser.receive(
        "POST /a/b?c=d HTTP/1.1\r\nHost: x:80\r\nX-One:  1 \r\nContent-Length: 3\r\n\r\nabcGET");
    REQUIRE(parser.state() == RequestParser::State::complete);
    const auto request = parser.take();
    CHECK(request.method == "POST");
    CHECK(request.path == "/a/b");
    CHECK(request.query == "c=d");
    CHECK(request.url() == "/a/b?c=d");
    CHECK(request.header("x-one") == "1");
    CHECK(request.body == "abc");
    CHECK(request.keep_alive);
    CHECK_FALSE(parser.is_idle());  // what followed belongs to the next
    parser.receive(" / HTTP/1.1\r\nHost: y\r\nConnection: close\r\n\r\n");
    REQUIRE(parser.state() == RequestParser::State::complete);
    const auto next = parser.take();
    CHECK(next.method == "GET");
    CHECK(next.body.empty());
    CHECK_FALSE(next.keep_alive);
    CHECK(parser.is_idle());
}

TEST_CASE("chunks are put together") {
    RequestParser parser{small};
    parser.receive(post("Transfer-Encoding: chunked\r\n",
                        "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n"));
    REQUIRE(parser.state() == RequestParser::State::complete);
    CHECK(parser.take().body == "abc0123456789");
}

TEST_CASE("ordinary requests are taken") {
    CHECK(status_of(get("")) == 0);
    CHECK(status_of("\r\n" + get("")) == 0);
    CHECK(status_of("GET / HTTP/1.0\r\n\r\n") == 0);
    CHECK(status_of("GET http://x/a HTTP/1.1\r\nHost: x\r\n\r\n") == 0);
    CHECK(status_of("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n") == 0);
    CHECK(status_of(post("Content-Length: 100\r\n", std::string(100, 'x'))) == 0);
    CHECK(status_of(get("X: \xC3\xA9\r\n")) == 0);
    CHECK(status_of(get("X: a").substr(0, 30)) == -1);
}

TEST_CASE("what two programs could read differently is refused") {
    CHECK(status_of(post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")) ==
          400);
    CHECK(status_of(post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd")) == 400);
    CHECK(status_of(post("Content-Length: 3, 3\r\n", "abc")) == 400);
    for (const char* length : {"+3", "-3", "0x3", "3 3", "", "3a", "99999999999999999999999"})
        CHECK(status_of(post("Content-Length: " + std::string{length} + "\r\n", "abc")) == 400);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "")) ==
          400);
    CHECK(status_of(post("Transfer-Encoding: xchunked\r\n", "")) == 501);
    CHECK(status_of(post("Transfer-Encoding: gzip, chunked\r\n", "")) == 501);
    CHECK(status_of(post("Transfer-Encoding:\x0b"
                         "chunked\r\n",
                         "")) == 400);
    CHECK(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400);
    CHECK(status_of(get("X : 1\r\n")) == 400);
    CHECK(status_of(get("X: 1\r\n folded\r\n")) == 400);
    CHECK(status_of(get(" X: 1\r\n")) == 400);
    CHECK(status_of(get("X\r\n")) == 400);
    CHECK(status_of(get(": 1\r\n")) == 400);
    CHECK(status_of(get("X: a\rb\r\n")) == 400);
    CHECK(status_of(get("X: a\nY: b\r\n")) == 400);
    CHECK(status_of(get(std::string_view{"X: a\0b\r\n", 8})) == 400);
    CHECK(status_of("GET / HTTP/1.1\nHost: x\n\n") == 400);
    CHECK(status_of("\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
    CHECK(status_of(get("Host: y\r\n")) == 400);
    CHECK(status_of("GET / HTTP/1.1\r\nHost: a b\r\n\r\n") == 400);
}

TEST_CASE("chunk sizes are hexadecimal digits and nothing else") {
    for (const char* size : {"-1", "0x3", "", " 3", "3 ", "g", "000000003", "3;\x01", "+3", "3\rx"})
        CHECK(status_of(post("Transfer-Encoding: chunked\r\n",
                             std::string{size} + "\r\nabc\r\n0\r\n\r\n")) == 400);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", "3\nabc\r\n0\r\n\r\n")) == 400);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", "3\r\nabcd\r\n0\r\n\r\n")) == 400);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", "0\r\nbroken\r\n\r\n")) == 400);
}

TEST_CASE("the request line is read strictly") {
    CHECK(status_of("GET  / HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.1 \r\nHost: x\r\n\r\n") == 400);
    CHECK(status_of("GET /\x80 HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
    CHECK(status_of("GET /#a HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
    CHECK(status_of("GET a HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
    CHECK(status_of("G(T / HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
    CHECK(status_of("GET / http/1.1\r\nHost: x\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/2.0\r\nHost: x\r\n\r\n") == 505);
    CHECK(status_of("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n") == 501);
    CHECK(status_of("GET http://x?a/b HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
}

TEST_CASE("everything is bounded") {
    CHECK(status_of("GET /" + std::string(600, 'a')) == 414);
    CHECK(status_of("GET / HTTP/1.1\r\nHost: " + std::string(600, 'a')) == 431);
    CHECK(status_of(get("A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\nF: 1\r\nG: 1\r\nI: 1\r\n")) ==
          431);
    CHECK(status_of(post("Content-Length: 101\r\n", "")) == 413);
    CHECK(status_of(post("Content-Length: 1234567890123\r\n", "")) == 413);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", "65\r\n")) == 413);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", "FFFFFFFF\r\n")) == 413);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", "1;" + std::string(200, 'a'))) == 400);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", "0\r\nA: " + std::string(600, 'a'))) ==
          431);
    CHECK(status_of(get("Expect: a miracle\r\n")) == 417);
}

TEST_CASE("larger files are taken at their own paths, from those who show who they are") {
    const ParserLimits limits{512, 100, 8, {{{"/files", 150}, {"/pictures", 120}}}};
    const auto taken = [&](std::string_view path, std::size_t bytes, std::string_view who,
                           std::string_view method = "POST") {
        RequestParser parser{limits};
        parser.receive(std::string{method} + " " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n" +
                       std::string{who} + "Content-Length: " + std::to_string(bytes) + "\r\n\r\n" +
                       std::string(bytes, 'a'));
        return parser.state() == RequestParser::State::complete;
    };
    CHECK(taken("/files", 150, "Cookie: a=b\r\n"));
    CHECK_FALSE(taken("/files", 151, "Cookie: a=b\r\n"));
    CHECK(taken("/pictures?file=a", 120, "Authorization: Bearer a\r\n"));
    CHECK_FALSE(taken("/pictures?file=a", 121, "Authorization: Bearer a\r\n"));
    CHECK_FALSE(taken("/pictures", 120, ""));
    CHECK_FALSE(taken("/pictures", 120, "Cookie: a=b\r\n", "PUT"));
    CHECK_FALSE(taken("/pictures/1", 120, "Cookie: a=b\r\n"));
    CHECK_FALSE(taken("/", 101, "Cookie: a=b\r\n"));
}

TEST_CASE("a header cannot be smuggled into an answer") {
    Response response;
    CHECK_THROWS_AS(response.set("X", "a\r\nSet-Cookie: b"), std::invalid_argument);
    CHECK_THROWS_AS(response.set("X", std::string_view{"a\0b", 3}), std::invalid_argument);
    CHECK_THROWS_AS(response.set("X: y\r\nZ", "a"), std::invalid_argument);
    CHECK_THROWS_AS(response.set("", "a"), std::invalid_argument);
    CHECK_THROWS_AS(Response::redirect("https://a\n"), std::invalid_argument);
    CHECK(response.headers().empty());
}

TEST_CASE("dates are those of RFC 9110") {
    CHECK(http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("forms are decoded, broken fields left out") {
    const auto fields = form_fields("a=1&b=%D0%B0+c&%zz=1&d&e=%00");
    REQUIRE(fields.size() == 3);
    CHECK(field_of(fields, "b") == "а c");
    CHECK(field_of(fields, "d").empty());
}
