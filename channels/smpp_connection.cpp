#include "channels/smpp_connection.h"

#include <poll.h>

#include <algorithm>
#include <array>

namespace carillon::channels {

namespace {

// One connection may not keep the thread from the others with an endless stream.
constexpr int reads_per_turn = 8;
constexpr std::size_t read_size = 32 * 1024;

bool is_writable(int descriptor) {
    pollfd entry{.fd = descriptor, .events = POLLOUT, .revents = 0};
    return ::poll(&entry, 1, 0) > 0;
}

}  // namespace

SmppConnection::SmppConnection(std::unique_ptr<SocketLink> link, const Wiring& wiring,
                               SmppMode mode, base::Steady now)
    : wiring_(wiring),
      link_(std::move(link)),
      session_(wiring_.dialogue, mode, wiring_.pace, now),
      connect_by_(now + wiring_.dialogue.timeouts.connect) {}

void SmppConnection::advance(base::Steady now, const NextMessage& next) {
    if (closed() || (connecting_ && !open(now))) return;
    read(now);
    while (session_.has_room(now)) {
        auto message = next();
        if (!message) break;
        session_.begin(std::move(*message), now, wiring_.clock.now());
    }
    write(now);
}

void SmppConnection::tick(base::Steady now) {
    if (connecting_) {
        if (now >= connect_by_) session_.lost("timed out connecting");
        return;
    }
    session_.tick(now);
    write(now);
}

void SmppConnection::flush(base::Steady now) {
    if (!connecting_) write(now);
}

base::Steady SmppConnection::wakes_at(base::Steady now) const {
    return connecting_ ? connect_by_ : session_.wakes_at(now);
}

// True when bytes may flow.
bool SmppConnection::open(base::Steady now) {
    if (!reached_) {
        if (!is_writable(descriptor())) return false;
        auto done = link_->finish_connect();
        if (done && wiring_.tls != nullptr) done = link_->start_tls(*wiring_.tls);
        if (!done) {
            session_.lost(done.error().text());
            return false;
        }
        reached_ = true;
    }
    if (wiring_.tls != nullptr) {
        const auto done = link_->handshake();
        if (!done) {
            session_.lost("TLS: " + done.error().text());
            return false;
        }
        if (!*done) return false;
    }
    connecting_ = false;
    session_.connected(now);
    return true;
}

void SmppConnection::read(base::Steady now) {
    std::array<char, read_size> buffer;
    for (int turn = 0; turn < reads_per_turn && !session_.wants_close(); ++turn) {
        const auto size = link_->read(buffer.data(), buffer.size());
        if (!size) return session_.lost(size.error().text());
        if (*size == 0) return;
        session_.receive({buffer.data(), *size}, now);
        // A short read of a plain socket has emptied it; TLS may hold another record.
        if (*size < buffer.size() && !link_->secure()) return;
    }
}

void SmppConnection::write(base::Steady now) {
    while (true) {
        const auto bytes = session_.output(now);
        if (bytes.empty()) return;
        const auto written = link_->write(bytes);
        session_.wrote(written.taken, written.perhaps, now);
        if (written.broken) {
            // The centre may have answered before it closed.
            read(now);
            session_.lost("the connection broke");
            return;
        }
        if (written.taken == 0) return;  // the socket is full
    }
}

}  // namespace carillon::channels
