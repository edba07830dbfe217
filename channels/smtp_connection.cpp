#include "channels/smtp_connection.h"

#include <poll.h>

#include <array>

namespace carillon::channels {

namespace {

// One connection may not keep the thread from the others with an endless stream.
constexpr int reads_per_turn = 8;
constexpr std::size_t read_size = 16 * 1024;

bool is_writable(int descriptor) {
    pollfd entry{.fd = descriptor, .events = POLLOUT, .revents = 0};
    return ::poll(&entry, 1, 0) > 0;
}

}  // namespace

SmtpConnection::SmtpConnection(std::unique_ptr<SocketLink> link, const SmtpDialogue& dialogue,
                               const TlsClient* tls, base::Steady now)
    : tls_(tls),
      link_(std::move(link)),
      session_(dialogue, now),
      connect_by_(now + dialogue.timeouts.connect),
      idle_since_(now) {}

void SmtpConnection::advance(base::Steady now, const NextMessage& next) {
    if (connecting_ && !finish_connect(now)) return;
    if (session_.need() == SmtpSession::Need::start_tls && !handshake(now)) return;
    read(now);
    // The server may have asked for TLS within what was read.
    if (session_.need() == SmtpSession::Need::start_tls && !handshake(now)) return;
    while (session_.has_room()) {
        auto message = next();
        if (!message) break;
        session_.begin(std::move(*message), now);
    }
    write(now);
    if (!session_.idle()) idle_since_ = now;
}

void SmtpConnection::tick(base::Steady now) {
    if (connecting_ && now >= connect_by_) session_.lost("timed out connecting");
    session_.tick(now);
}

bool SmtpConnection::wants_write() const {
    return connecting_ || link_->wants_write();
}

base::Steady SmtpConnection::wakes_at() const {
    return connecting_ ? std::min(connect_by_, session_.wakes_at()) : session_.wakes_at();
}

bool SmtpConnection::finish_connect(base::Steady now) {
    if (!is_writable(descriptor())) return false;
    if (auto connected = link_->finish_connect(); !connected) {
        session_.lost(connected.error().text());
        return false;
    }
    connecting_ = false;
    idle_since_ = now;
    return true;
}

bool SmtpConnection::handshake(base::Steady now) {
    if (!tls_started_) {
        auto started = tls_ != nullptr ? link_->start_tls(*tls_)
                                       : base::fail("tls.handshake", "no TLS configured");
        if (!started) {
            session_.lost("TLS: " + started.error().text());
            return false;
        }
        tls_started_ = true;
    }
    const auto done = link_->handshake();
    if (!done) {
        session_.lost("TLS: " + done.error().text());
        return false;
    }
    if (*done) session_.tls_established(now);
    return *done;
}

void SmtpConnection::read(base::Steady now) {
    std::array<char, read_size> buffer;
    for (int turn = 0; turn < reads_per_turn && session_.need() == SmtpSession::Need::nothing;
         ++turn) {
        const auto size = link_->read(buffer.data(), buffer.size());
        if (!size) return session_.lost(size.error().text());
        if (*size == 0) return;
        session_.receive({buffer.data(), *size}, now);
        // A short read of a plain socket has emptied it; TLS may hold another record.
        if (*size < buffer.size() && !link_->secure()) return;
    }
}

void SmtpConnection::write(base::Steady now) {
    while (true) {
        const auto bytes = session_.output(now);
        if (bytes.empty()) return;
        const auto written = link_->write(bytes);
        session_.wrote(written.taken, written.perhaps, now);
        if (written.broken) {
            // The server may have said why before it closed.
            read(now);
            session_.lost("the connection broke");
            return;
        }
        if (written.taken == 0) return;  // the socket is full
    }
}

}  // namespace carillon::channels
