// The bytes of one accepted connection, plain or TLS, and the socket that accepts. Nothing here
// ever blocks.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace carillon::server {

// What TLS needs of the server: certificate chain and key, TLS 1.2 or later. Immutable; shared by
// all connections.
class TlsIdentity {
public:
    // PEM files. Errors: tls.certificate, tls.key.
    static base::Result<TlsIdentity> load(const std::string& certificate_file,
                                          const std::string& key_file);
    struct Context;  // of the library
    Context& context() const { return *context_; }

private:
    explicit TlsIdentity(std::shared_ptr<Context> context) : context_(std::move(context)) {}
    std::shared_ptr<Context> context_;
};

enum class Io { done, wants_read, wants_write, over };
struct IoResult {
    Io io{Io::over};
    std::size_t bytes{};
};

// Owns the descriptor. Not thread-safe.
class Stream {
public:
    Stream(int descriptor, const TlsIdentity* tls);  // tls == nullptr: plain
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    int descriptor() const { return descriptor_; }
    IoResult read(char* to, std::size_t size);
    IoResult write(std::string_view bytes);
    bool is_tls() const { return session_ != nullptr; }
    void end_writing();  // the other side learns that nothing more will come

private:
    struct Session;
    IoResult result_of(int returned);

    int descriptor_;
    std::unique_ptr<Session> session_;
};

// A listening socket, closed on destruction.
class Listener {
public:
    // `address`: IPv4 or IPv6 in figures; port 0 takes a free one. Errors: server.address,
    // server.listen.
    static base::Result<Listener> open(const std::string& address, int port);
    ~Listener();
    Listener(Listener&& other) noexcept;
    Listener& operator=(Listener&&) = delete;

    int descriptor() const { return descriptor_; }
    int port() const { return port_; }
    struct Accepted {
        int descriptor{-1};  // -1: nobody is waiting
        bool exhausted{};    // the process has no descriptors left
        std::string peer{};
    };
    Accepted accept();

private:
    Listener(int descriptor, int port) : descriptor_(descriptor), port_(port) {}
    int descriptor_;
    int port_;
};

}  // namespace carillon::server
