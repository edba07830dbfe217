// HTTP/1.1 requests out of a stream of bytes (RFC 9112), read strictly: what two programs could
// read differently is refused, so that no proxy in front sees other requests than we do.
//
// Refused are: bare CR or LF, NUL and other control characters, folded headers, white space before
// a colon, Content-Length together with Transfer-Encoding, a length given twice or not in digits,
// any coding but "chunked", chunk sizes that are not 1 to 8 hexadecimal digits, a missing or second
// Host, targets with bytes outside of printable ASCII.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/http_message.h"

namespace carillon::server {

struct ParserLimits {
    std::size_t head_bytes{16 * 1024};   // request line and headers; trailers as well
    std::size_t body_bytes{256 * 1024};  // after the removal of chunks
    std::size_t headers{64};
    // Files that somebody who shows a session or a token sends to exactly this path.
    struct Upload {
        std::string_view path{};  // a constant of the program
        std::size_t bytes{0};
    };
    std::array<Upload, 2> uploads{};
};

// Not thread-safe. Memory stays below head_bytes + body_bytes + what one receive() brings.
class RequestParser {
public:
    enum class State {
        head,      // more bytes are needed
        body,      // the head is whole, the body is not
        complete,  // take() it
        failed     // status() says why; nothing more will be read
    };

    explicit RequestParser(ParserLimits limits) : limits_(limits) {}

    // Takes all of the bytes. What follows a complete request waits for take().
    void receive(std::string_view bytes);
    State state() const { return state_; }
    int status() const { return status_; }  // 400, 413, 414, 417, 431, 501 or 505
    // No byte of a request has come since the last one was taken.
    bool is_idle() const { return state_ == State::head && buffer_.empty(); }
    // True once for a request whose sender waits for "100 Continue".
    bool take_continue();
    // The complete request; then goes on with what followed it.
    Request take();

private:
    std::size_t body_max() const;
    enum class Part { head, sized_body, chunk_size, chunk_data, chunk_end, trailers };

    void advance();
    bool step();  // false: more bytes are needed, or it is over
    bool read_head();
    bool read_sized_body();
    bool read_chunk_size();
    bool read_chunk_data();
    bool read_chunk_end();
    bool read_trailers();
    bool parse_head(std::string_view head);
    bool parse_request_line(std::string_view line);
    bool parse_target(std::string_view target);
    bool parse_header(std::string_view line);
    bool begin_body();
    bool fail(int status);
    bool complete();

    ParserLimits limits_;
    State state_{State::head};
    Part part_{Part::head};
    int status_{0};
    std::string buffer_;
    std::size_t scanned_{0};  // of buffer_, without the end of the head
    bool skipped_line_{false};
    std::size_t remaining_{0};
    std::size_t trailer_bytes_{0};
    bool wants_continue_{false};
    bool is_1_0_{false};
    Request request_;
};

}  // namespace carillon::server
