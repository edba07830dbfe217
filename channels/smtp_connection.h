// A link and its session, moved on whenever the socket is ready. The thin part between sockets and
// protocol.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "channels/smtp_session.h"
#include "channels/socket_link.h"

namespace carillon::channels {

// Used from one thread.
class SmtpConnection {
public:
    // Gives the next message, or nothing. Called as long as the session has room.
    using NextMessage = std::function<std::optional<Message>()>;

    // `dialogue` and `tls` are borrowed; tls may be nullptr when the dialogue needs none.
    SmtpConnection(std::unique_ptr<SocketLink> link, const SmtpDialogue& dialogue,
                   const TlsClient* tls, base::Steady now);

    // Reads, asks for messages and writes until the socket blocks.
    void advance(base::Steady now, const NextMessage& next);
    void tick(base::Steady now);

    int descriptor() const { return link_->descriptor(); }
    bool wants_write() const;
    bool closed() const { return session_.need() == SmtpSession::Need::close; }
    bool connecting() const { return connecting_ || !session_.established(); }
    base::Steady wakes_at() const;
    base::Steady idle_since() const { return idle_since_; }
    bool secure() const { return link_->secure(); }
    SmtpSession& session() { return session_; }
    const SmtpSession& session() const { return session_; }

private:
    bool finish_connect(base::Steady now);
    bool handshake(base::Steady now);
    void read(base::Steady now);
    void write(base::Steady now);

    const TlsClient* tls_;
    std::unique_ptr<SocketLink> link_;
    SmtpSession session_;
    bool connecting_{true};
    bool tls_started_{false};
    base::Steady connect_by_;
    base::Steady idle_since_;
};

}  // namespace carillon::channels
