// What the bare SMPP programs of the SMS benchmark share: as little as the protocol allows, and
// none of the channel's own code.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace smpp_wire {

inline void put32(char* at, std::uint32_t value) {
    value = htonl(value);
    std::memcpy(at, &value, sizeof value);
}
inline std::uint32_t get32(const char* at) {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return ntohl(value);
}

// A unit with its header; the sequence may be patched at offset 12.
inline std::string unit(std::uint32_t command, std::uint32_t sequence, std::string_view body) {
    std::string out(16, '\0');
    out += body;
    put32(out.data(), static_cast<std::uint32_t>(out.size()));
    put32(out.data() + 4, command);
    put32(out.data() + 12, sequence);
    return out;
}

inline bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto size = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

// Whole units out of a stream of reads.
class Input {
public:
    // False at the end of the stream.
    bool fill(int descriptor) {
        buffer_.erase(0, at_);
        at_ = 0;
        char bytes[64 * 1024];
        const auto size = ::recv(descriptor, bytes, sizeof bytes, 0);
        if (size <= 0) return false;
        buffer_.append(bytes, static_cast<std::size_t>(size));
        return true;
    }
    // Empty when no whole unit is there.
    std::string_view next() {
        const auto rest = std::string_view{buffer_}.substr(at_);
        if (rest.size() < 16 || rest.size() < get32(rest.data())) return {};
        const auto length = get32(rest.data());
        at_ += length;
        return rest.substr(0, length);
    }

private:
    std::string buffer_;
    std::size_t at_{0};
};

inline sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

inline void no_delay(int descriptor) {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace smpp_wire
