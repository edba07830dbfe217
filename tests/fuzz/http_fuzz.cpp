// Any bytes, cut anywhere: the parser never crashes, reads the same whole as in pieces, stays
// within its limits, and what it lets through has no control character outside of the body.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "server/http_parser.h"

using namespace carillon::server;

namespace {

constexpr ParserLimits limits{400, 200, 10};

void require(bool condition) {
    if (!condition) std::abort();
}

bool is_clean(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\t') || byte == 0x7f) return false;
    }
    return true;
}

struct Reading {
    std::vector<Request> requests{};
    int status{};
    bool is_idle{};
};

Reading read(std::string_view bytes, std::size_t step) {
    RequestParser parser{limits};
    Reading reading;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        parser.receive(bytes.substr(at, step));
        while (parser.state() == RequestParser::State::complete)
            reading.requests.push_back(parser.take());
    }
    if (parser.state() == RequestParser::State::failed) reading.status = parser.status();
    reading.is_idle = parser.is_idle();
    return reading;
}

void check(const Request& request) {
    require(request.body.size() <= limits.body_bytes);
    require(request.headers.size() <= limits.headers);
    require(request.path == "*" || request.path.starts_with('/'));
    require(is_clean(request.method) && is_clean(request.path) && is_clean(request.query));
    for (const auto& [name, value] : request.headers) require(is_clean(name) && is_clean(value));
    std::string decoded;
    if (percent_decode(request.path, false, decoded))
        require(decoded.find('\0') == std::string::npos);
    for (const auto& [name, value] : form_fields(request.query))
        require(name.size() + value.size() <= request.query.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    const auto whole = read(bytes, bytes.size() + 1);
    const auto pieces = read(bytes, data[0] % 16 + 1U);
    require(whole.status == pieces.status && whole.is_idle == pieces.is_idle);
    require(whole.requests.size() == pieces.requests.size());
    for (std::size_t i = 0; i < whole.requests.size(); ++i) {
        require(whole.requests[i].body == pieces.requests[i].body);
        require(whole.requests[i].headers == pieces.requests[i].headers);
        require(whole.requests[i].url() == pieces.requests[i].url());
        check(whole.requests[i]);
    }
    return 0;
}
