// One connection's way through its requests, without sockets' events: bytes in, bytes out, and when
// its patience ends. Owned and called by the server's thread only.
#pragma once

#include <string>

#include "server/http_server.h"

namespace carillon::server {

class Connection {
public:
    enum class Phase {
        reading,    // a request, or waiting for one
        answering,  // somebody works on the answer
        writing,    // the answer is on its way
        draining,   // said the last word; reads what is still coming, so that it is heard
        closed
    };

    Connection(std::uint64_t id, int descriptor, std::string peer,
               const HttpServerSettings& settings, base::Steady now);

    std::uint64_t id() const { return id_; }
    int descriptor() const { return stream_.descriptor(); }
    const std::string& peer() const { return peer_; }
    Phase phase() const { return phase_; }
    base::Steady deadline() const { return deadline_; }
    base::Steady idle_since() const { return idle_since_; }
    bool is_idle() const { return phase_ == Phase::reading && parser_.is_idle(); }
    // Waits for the first bytes of a request, or for the rest of its head.
    bool is_waiting() const {
        return phase_ == Phase::reading && parser_.state() == RequestParser::State::head;
    }
    void set_readable() { readable_ = true; }
    // The other end has closed: it waits for no answer.
    void set_gone() { gone_->store(true); }

    // Reads what is there; true when a request is complete, or refused (status() != 0).
    bool read(base::Steady now);
    int status() const {
        return parser_.state() == RequestParser::State::failed ? parser_.status() : 0;
    }
    Request take_request();
    // Is a request, or the reason for refusing one, here already?
    bool has_request() const {
        return phase_ == Phase::reading && parser_.state() != RequestParser::State::head &&
               parser_.state() != RequestParser::State::body;
    }
    // The answer's bytes; afterwards the connection lives on or ends.
    void answer(const Response& response, const Delivery& delivery, base::Steady now);
    void write(base::Steady now);
    void close() { phase_ = Phase::closed; }
    // The deadline has passed: what to say, or 0 to close without a word.
    int timeout_status() const;

private:
    void await_request(base::Steady now);
    void measure(base::Steady now);

    std::uint64_t id_;
    Stream stream_;
    std::shared_ptr<std::atomic<bool>> gone_{std::make_shared<std::atomic<bool>>(false)};
    std::string peer_;
    const HttpServerSettings& settings_;
    RequestParser parser_;
    Phase phase_{Phase::reading};
    std::string out_;
    std::size_t written_{0};
    bool readable_{true};  // the system has said so, and it has not been read to the end since
    bool last_{false};     // the answer being written ends the connection
    bool in_head_{false};  // which patience is running
    bool in_body_{false};
    int requests_{0};
    std::size_t drained_{0};
    base::Steady deadline_;
    base::Steady idle_since_;
};

}  // namespace carillon::server
