#include "server/http_connection.h"

#include <array>

namespace carillon::server {

namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t drain_max = 1024 * 1024;
constexpr std::chrono::seconds drain_time{2};

}  // namespace

Connection::Connection(std::uint64_t id, int descriptor, std::string peer,
                       const HttpServerSettings& settings, base::Steady now)
    : id_(id),
      stream_(descriptor, settings.tls ? &*settings.tls : nullptr),
      peer_(std::move(peer)),
      settings_(settings),
      parser_(settings.limits),
      deadline_(now + settings.head_time),
      idle_since_(now) {}

bool Connection::read(base::Steady now) {
    std::array<char, read_size> buffer;
    while (readable_ && (phase_ == Phase::reading || phase_ == Phase::draining)) {
        const auto got = stream_.read(buffer.data(), buffer.size());
        if (got.io == Io::over) {
            close();
            return false;
        }
        // Less than there was room for: that was all (a TLS record says nothing of the kind).
        readable_ = got.io == Io::done && (stream_.is_tls() || got.bytes == buffer.size());
        if (got.io != Io::done) return false;
        if (phase_ == Phase::draining) {
            drained_ += got.bytes;
            if (drained_ > drain_max) close();
            continue;
        }
        parser_.receive({buffer.data(), got.bytes});
        measure(now);
        if (parser_.take_continue()) {
            out_ += "HTTP/1.1 100 Continue\r\n\r\n";
            write(now);
        }
        if (has_request()) return true;
    }
    return false;
}

// Each part of a request has its own patience, counted from its beginning: a byte now and then does
// not buy more.
void Connection::measure(base::Steady now) {
    using State = RequestParser::State;
    if (parser_.state() == State::head && !parser_.is_idle() && !in_head_) {
        in_head_ = true;
        deadline_ = now + settings_.head_time;
    } else if (parser_.state() == State::body && !in_body_) {
        in_body_ = true;
        deadline_ = now + settings_.body_time;
    }
}

Request Connection::take_request() {
    auto request = parser_.take();
    request.peer = peer_;
    request.gone = gone_;
    if (++requests_ >= settings_.requests_per_connection) request.keep_alive = false;
    phase_ = Phase::answering;
    deadline_ = base::Steady::max();
    return request;
}

void Connection::answer(const Response& response, const Delivery& delivery, base::Steady now) {
    if (phase_ == Phase::closed) return;
    append_response(out_, response, delivery);
    last_ = !delivery.keep_alive;
    phase_ = Phase::writing;
    deadline_ = now + settings_.answer_time;
    write(now);
}

void Connection::write(base::Steady now) {
    while (written_ < out_.size()) {
        const auto sent = stream_.write(std::string_view{out_}.substr(written_));
        if (sent.io == Io::over) return close();
        if (sent.io != Io::done) return;
        written_ += sent.bytes;
    }
    out_.clear();
    written_ = 0;
    if (phase_ != Phase::writing) return;
    if (last_) {
        stream_.end_writing();
        phase_ = Phase::draining;
        deadline_ = now + drain_time;
        return;
    }
    await_request(now);
}

void Connection::await_request(base::Steady now) {
    phase_ = Phase::reading;
    in_head_ = false;
    in_body_ = false;
    idle_since_ = now;
    deadline_ = now + settings_.idle_time;
    measure(now);
}

int Connection::timeout_status() const {
    return phase_ == Phase::reading && !parser_.is_idle() ? 408 : 0;
}

}  // namespace carillon::server
