// A link and its session, moved on whenever the socket is ready. The thin part between sockets and
// SMPP.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "channels/smpp_session.h"
#include "channels/socket_link.h"

namespace carillon::channels {

// Used from one thread.
class SmppConnection {
public:
    // Gives the next message, or nothing. Called as long as the session has room.
    using NextMessage = std::function<std::optional<Message>()>;

    // All references are borrowed; `tls` is nullptr for a connection in clear.
    struct Wiring {
        const SmppDialogue& dialogue;
        SmppPace& pace;
        const TlsClient* tls;
        const base::Clock& clock;
    };
    SmppConnection(std::unique_ptr<SocketLink> link, const Wiring& wiring, SmppMode mode,
                   base::Steady now);

    // Reads, asks for messages and writes until the socket blocks.
    void advance(base::Steady now, const NextMessage& next);
    void tick(base::Steady now);
    void flush(base::Steady now);

    int descriptor() const { return link_->descriptor(); }
    bool wants_write() const { return connecting_ || link_->wants_write(); }
    bool closed() const { return session_.wants_close(); }
    bool connecting() const { return connecting_ || !session_.established(); }
    base::Steady wakes_at(base::Steady now) const;
    bool secure() const { return link_->secure(); }
    SmppSession& session() { return session_; }
    const SmppSession& session() const { return session_; }

private:
    bool open(base::Steady now);
    void read(base::Steady now);
    void write(base::Steady now);

    Wiring wiring_;
    std::unique_ptr<SocketLink> link_;
    SmppSession session_;
    bool connecting_{true};  // TCP, then TLS
    bool reached_{false};
    base::Steady connect_by_;
};

}  // namespace carillon::channels
