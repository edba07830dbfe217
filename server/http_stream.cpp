#include "server/http_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

namespace carillon::server {

namespace {

constexpr int backlog = 1024;

std::string address_of(const sockaddr_storage& storage) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (storage.ss_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &storage, sizeof in);
        inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
    } else {
        sockaddr_in6 in6{};
        std::memcpy(&in6, &storage, sizeof in6);
        inet_ntop(AF_INET6, &in6.sin6_addr, text.data(), text.size());
    }
    const std::string address{text.data()};
    constexpr std::string_view mapped = "::ffff:";
    return address.starts_with(mapped) && address.find('.') != std::string::npos
               ? address.substr(mapped.size())
               : address;
}

// What the listening socket is bound to; length 0: not an address in figures.
std::pair<sockaddr_storage, socklen_t> parse_address(const std::string& address, int port) {
    sockaddr_storage storage{};
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(static_cast<std::uint16_t>(port));
    if (inet_pton(AF_INET, address.c_str(), &in.sin_addr) == 1) {
        std::memcpy(&storage, &in, sizeof in);
        return {storage, sizeof in};
    }
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(static_cast<std::uint16_t>(port));
    if (inet_pton(AF_INET6, address.c_str(), &in6.sin6_addr) == 1) {
        std::memcpy(&storage, &in6, sizeof in6);
        return {storage, sizeof in6};
    }
    return {storage, 0};
}

int port_of(int descriptor) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &length);
    sockaddr_in in{};  // the port stands at the same place for both families
    std::memcpy(&in, &storage, sizeof in);
    return ntohs(in.sin_port);
}

}  // namespace

struct TlsIdentity::Context {
    Context() : ssl(SSL_CTX_new(TLS_server_method())) {}
    ~Context() { SSL_CTX_free(ssl); }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    SSL_CTX* ssl;
};

base::Result<TlsIdentity> TlsIdentity::load(const std::string& certificate_file,
                                            const std::string& key_file) {
    auto context = std::make_shared<Context>();
    auto* ssl = context->ssl;
    SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_use_certificate_chain_file(ssl, certificate_file.c_str()) != 1)
        return base::fail("tls.certificate", "expected a PEM file with a certificate chain",
                          certificate_file);
    if (SSL_CTX_use_PrivateKey_file(ssl, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(ssl) != 1)
        return base::fail("tls.key", "expected a PEM file with the certificate's private key",
                          key_file);
    return TlsIdentity{std::move(context)};
}

struct Stream::Session {
    explicit Session(SSL_CTX* context) : ssl(SSL_new(context)) {}
    ~Session() { SSL_free(ssl); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    SSL* ssl;
};

Stream::Stream(int descriptor, const TlsIdentity* tls) : descriptor_(descriptor) {
    if (tls == nullptr) return;
    session_ = std::make_unique<Session>(tls->context().ssl);
    SSL_set_fd(session_->ssl, descriptor);
    SSL_set_accept_state(session_->ssl);
}

Stream::~Stream() {
    ::close(descriptor_);
}

IoResult Stream::result_of(int returned) {
    if (returned > 0) return {Io::done, static_cast<std::size_t>(returned)};
    const int error = SSL_get_error(session_->ssl, returned);
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ) return {Io::wants_read, 0};
    if (error == SSL_ERROR_WANT_WRITE) return {Io::wants_write, 0};
    return {Io::over, 0};
}

IoResult Stream::read(char* to, std::size_t size) {
    if (session_) return result_of(SSL_read(session_->ssl, to, static_cast<int>(size)));
    const auto got = ::recv(descriptor_, to, size, 0);
    if (got > 0) return {Io::done, static_cast<std::size_t>(got)};
    const bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
    return {later ? Io::wants_read : Io::over, 0};
}

IoResult Stream::write(std::string_view bytes) {
    if (session_) {
        constexpr std::size_t most = std::numeric_limits<int>::max();
        const auto size = static_cast<int>(std::min(bytes.size(), most));
        return result_of(SSL_write(session_->ssl, bytes.data(), size));
    }
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) return {Io::done, static_cast<std::size_t>(sent)};
    const bool later = sent < 0 && (errno == EAGAIN || errno == EINTR);
    return {later ? Io::wants_write : Io::over, 0};
}

void Stream::end_writing() {
    if (session_) {
        SSL_shutdown(session_->ssl);
        ERR_clear_error();
    }
    ::shutdown(descriptor_, SHUT_WR);
}

base::Result<Listener> Listener::open(const std::string& address, int port) {
    const auto [storage, length] = parse_address(address, port);
    if (length == 0)
        return base::fail("server.address",
                          "expected an IPv4 or IPv6 address, found '" + address + "'",
                          "server.address");
    const int descriptor =
        ::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (descriptor >= 0) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (descriptor < 0 ||
        ::bind(descriptor, reinterpret_cast<const sockaddr*>(&storage), length) != 0 ||
        ::listen(descriptor, backlog) != 0) {
        const std::string why = std::strerror(errno);
        if (descriptor >= 0) ::close(descriptor);
        return base::fail("server.listen", "cannot listen on " + address + " port " +
                                               std::to_string(port) + ": " + why);
    }
    return Listener{descriptor, port_of(descriptor)};
}

Listener::~Listener() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Listener::Listener(Listener&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), port_(other.port_) {}

Listener::Accepted Listener::accept() {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    const int descriptor = ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&storage), &length,
                                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return {-1, errno == EMFILE || errno == ENFILE || errno == ENOBUFS, {}};
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return {descriptor, false, address_of(storage)};
}

}  // namespace carillon::server
