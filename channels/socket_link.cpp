#include "channels/socket_link.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <mutex>
#include <optional>

namespace carillon::channels {

namespace net = Poco::Net;

namespace {

int to_int(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

// Poco needs its OpenSSL start-up once per process and never undone while channels live.
void initialize_tls() {
    static std::once_flag once;
    std::call_once(once, [] { net::initializeSSL(); });
}

// Why the last certificate of this thread was refused; OpenSSL's own error says only that it was.
thread_local std::string refusal;

int note_refusal(int accepted, X509_STORE_CTX* store) {
    if (accepted != 1) refusal = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
    return accepted;
}

}  // namespace

struct TlsClient::State {
    net::Context::Ptr context;
    std::string host;
};

base::Result<TlsClient> TlsClient::create(const Settings& settings) try {
    initialize_tls();
    net::Context::Params params;
    params.caLocation = settings.ca_file;
    params.loadDefaultCAs = settings.ca_file.empty();
    params.verificationMode =
        settings.verify ? net::Context::VERIFY_STRICT : net::Context::VERIFY_NONE;
    params.cipherList = "HIGH:!aNULL:!eNULL:!MD5:!RC4:!3DES";
    net::Context::Ptr context = new net::Context(net::Context::TLS_CLIENT_USE, params);
    context->requireMinimumProtocol(net::Context::PROTO_TLSV1_2);
    // OpenSSL itself checks the name, within the handshake. Poco's own check comes later and leaves
    // out local hosts.
    context->enableExtendedCertificateVerification(false);
    auto* native = context->sslContext();
    // The bytes to write may move and grow between two tries of one write.
    SSL_CTX_set_mode(native, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (settings.verify) {
        SSL_CTX_set_verify(native, SSL_VERIFY_PEER, note_refusal);
        auto* param = SSL_CTX_get0_param(native);
        X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        net::IPAddress address;
        const bool named = net::IPAddress::tryParse(settings.host, address)
                               ? X509_VERIFY_PARAM_set1_ip_asc(param, settings.host.c_str()) == 1
                               : X509_VERIFY_PARAM_set1_host(param, settings.host.c_str(), 0) == 1;
        if (!named)
            return base::fail("tls.host_invalid", "'" + settings.host + "' is no host name.");
    }
    return TlsClient{std::make_shared<const State>(State{context, settings.host})};
} catch (const Poco::Exception& error) {
    return base::fail("tls.ca_invalid",
                      "The certificate authorities could not be read: " + error.displayText(),
                      settings.ca_file);
}

struct SocketLink::State {
    net::StreamSocket socket;
    std::optional<net::SecureStreamSocket> secure{};  // owns the same descriptor once TLS begins
    bool wants_write{true};                           // while connecting
};

SocketLink::SocketLink(std::unique_ptr<State> state) : state_(std::move(state)) {}
SocketLink::~SocketLink() {
    try {
        // Not shutdown(): it may wait for the peer.
        if (state_->secure) state_->secure->abort();
        state_->socket.close();
    } catch (const Poco::Exception&) {
        // The descriptor is gone either way.
    }
}

base::Result<std::unique_ptr<SocketLink>> SocketLink::connect(const std::string& address) try {
    const net::SocketAddress peer{address};
    auto state = std::make_unique<State>();
    state->socket = net::StreamSocket{peer.family()};
    state->socket.connectNB(peer);
    return std::unique_ptr<SocketLink>{new SocketLink{std::move(state)}};
} catch (const Poco::Exception& error) {
    return base::fail("link.connect", error.displayText(), address);
}

int SocketLink::descriptor() const {
    return state_->socket.impl()->sockfd();
}

base::Result<void> SocketLink::finish_connect() try {
    if (const int error = state_->socket.impl()->socketError(); error != 0)
        return base::fail("link.connect", std::strerror(error),
                          state_->socket.address().toString());
    state_->socket.setNoDelay(true);
    state_->socket.setBlocking(false);
    state_->wants_write = false;
    return {};
} catch (const Poco::Exception& error) {
    return base::fail("link.connect", error.displayText());
}

base::Result<void> SocketLink::start_tls(const TlsClient& client) try {
    // On a non-blocking socket this only prepares the handshake.
    state_->secure = net::SecureStreamSocket::attach(state_->socket, client.state_->host,
                                                     client.state_->context);
    return {};
} catch (const Poco::Exception& error) {
    return base::fail("tls.handshake", error.displayText());
}

base::Result<bool> SocketLink::handshake() try {
    refusal.clear();
    const int result = state_->secure->completeHandshake();
    state_->wants_write = result == net::SecureStreamSocket::ERR_SSL_WANT_WRITE;
    if (result == 0) return base::fail("tls.handshake", "the server closed the connection");
    return result > 0;
} catch (const Poco::Exception& error) {
    if (!refusal.empty())
        return base::fail("tls.certificate", "the certificate was refused: " + refusal);
    return base::fail("tls.handshake", error.displayText());
}

bool SocketLink::secure() const {
    return state_->secure.has_value();
}

base::Result<std::size_t> SocketLink::read(char* buffer, std::size_t size) try {
    net::StreamSocket& socket = state_->secure ? *state_->secure : state_->socket;
    const int result = socket.receiveBytes(buffer, to_int(size));
    state_->wants_write =
        state_->secure.has_value() && result == net::SecureStreamSocket::ERR_SSL_WANT_WRITE;
    if (result == 0) return base::fail("link.closed", "the server closed the connection");
    return result > 0 ? static_cast<std::size_t>(result) : std::size_t{0};
} catch (const Poco::Exception& error) {
    return base::fail("link.closed", error.displayText());
}

SocketLink::Written SocketLink::write(std::string_view bytes) try {
    if (!state_->secure) {
        const int result =
            state_->socket.sendBytes(bytes.data(), to_int(bytes.size()), MSG_NOSIGNAL);
        const auto taken = result > 0 ? static_cast<std::size_t>(result) : std::size_t{0};
        state_->wants_write = taken < bytes.size();
        return {.taken = taken, .perhaps = taken};
    }
    const int result = state_->secure->sendBytes(bytes.data(), to_int(bytes.size()));
    const auto taken = result > 0 ? static_cast<std::size_t>(result) : std::size_t{0};
    state_->wants_write = result == net::SecureStreamSocket::ERR_SSL_WANT_WRITE ||
                          (taken > 0 && taken < bytes.size());
    // A record may be half on its way when the socket is full.
    return {.taken = taken, .perhaps = taken > 0 ? taken : bytes.size()};
} catch (const Poco::Exception&) {
    // The kernel took none of a plain write that failed; of TLS nobody knows.
    return {.taken = 0, .perhaps = state_->secure ? bytes.size() : 0, .broken = true};
}

bool SocketLink::wants_write() const {
    return state_->wants_write;
}

base::Result<std::vector<std::string>> resolve(const std::string& host, int port) try {
    std::vector<std::string> addresses;
    const auto entry = net::DNS::resolve(host);
    for (const auto& address : entry.addresses())
        addresses.push_back(
            net::SocketAddress{address, static_cast<Poco::UInt16>(port)}.toString());
    if (addresses.empty()) return base::fail("link.host_unknown", "The host has no address.", host);
    return addresses;
} catch (const Poco::Exception& error) {
    return base::fail("link.host_unknown", "The host was not found: " + error.displayText(), host);
}

}  // namespace carillon::channels
