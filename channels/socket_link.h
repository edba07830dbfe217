// The wire under SMTP and SMPP: a non-blocking socket that may turn to TLS. Knows no protocol.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace carillon::channels {

// Whom we insist on talking to. Immutable and shared by all connections of a channel.
class TlsClient {
public:
    struct Settings {
        std::string
            host{};  // must be a name (or IP address) in the server's certificate; sent as SNI
        std::string ca_file{};  // PEM; empty: the authorities the system trusts
        bool verify{true};      // false is for tests and for servers on the same machine
    };
    // Errors: tls.ca_invalid. TLS 1.2 or newer.
    static base::Result<TlsClient> create(const Settings& settings);

private:
    friend class SocketLink;
    struct State;
    explicit TlsClient(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;  // shared: links may outlive the channel's own copy
};

// Used from one thread. Failures carry a sentence for people; after one the link is only good for
// closing.
class SocketLink {
public:
    // Begins to connect to "192.0.2.1:25" or "[2001:db8::1]:25". Errors: link.connect.
    static base::Result<std::unique_ptr<SocketLink>> connect(const std::string& address);
    ~SocketLink();
    SocketLink(const SocketLink&) = delete;
    SocketLink& operator=(const SocketLink&) = delete;

    int descriptor() const;
    // Called when the descriptor is writable for the first time.
    base::Result<void> finish_connect();

    // From now on all bytes are TLS.
    base::Result<void> start_tls(const TlsClient& client);
    // true: done; false: wait for the descriptor and call again. Errors: tls.handshake.
    base::Result<bool> handshake();
    bool secure() const;

    // Bytes read; 0: none for now. Errors: link.closed.
    base::Result<std::size_t> read(char* buffer, std::size_t size);

    struct Written {
        std::size_t taken{0};
        std::size_t perhaps{0};  // may have left although not all is `taken`
        bool broken{false};
    };
    Written write(std::string_view bytes);
    // The last call could not go on until the descriptor is writable, whatever it did.
    bool wants_write() const;

private:
    struct State;
    explicit SocketLink(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// The addresses of a host as connect() takes them. Blocks as long as the resolver does.
// Errors: link.host_unknown.
base::Result<std::vector<std::string>> resolve(const std::string& host, int port);

}  // namespace carillon::channels
