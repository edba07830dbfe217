// A centre that takes everything and sends a receipt for it at once, as fast as one thread for each
// connection can. Usage: bench_smpp_sink PORT. Ends when it is told to.
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "smpp_wire.h"

namespace {

using namespace std::string_literals;

void receipt_for(std::string& out, std::uint32_t id, std::uint32_t sequence) {
    char text[160];
    const int size = std::snprintf(text, sizeof text,
                                   "id:%08x sub:001 dlvrd:001 submit date:2311151200 done "
                                   "date:2311151200 stat:DELIVRD err:000 text:",
                                   id);
    auto body = "\0\x01\x01"s + "79160000001\0\x01\x01"s + "900\0"s;
    body += "\x04\0\0\0\0\0\0\0\0"s;
    body += static_cast<char>(size);
    body.append(text, static_cast<std::size_t>(size));
    out += smpp_wire::unit(0x00000005, sequence, body);
}

void serve(int peer) {
    smpp_wire::no_delay(peer);
    smpp_wire::Input input;
    std::uint32_t id = 0;
    std::uint32_t sequence = 0;
    std::string out;
    while (input.fill(peer)) {
        out.clear();
        for (auto unit = input.next(); !unit.empty(); unit = input.next()) {
            const auto command = smpp_wire::get32(unit.data() + 4);
            const auto its_sequence = smpp_wire::get32(unit.data() + 12);
            if ((command & 0x80000000U) != 0) continue;
            char text[16];
            std::snprintf(text, sizeof text, "%08x", ++id);
            const bool has_id = command == 0x00000004;
            const auto name = has_id ? std::string{text} + '\0' : "SINK\0"s;
            const bool has_body = has_id || command == 0x00000009;
            out += smpp_wire::unit(command | 0x80000000U, its_sequence,
                                   has_body ? name : std::string{});
            if (has_id) receipt_for(out, id, ++sequence);
        }
        if (!smpp_wire::write_all(peer, out)) break;
    }
    ::close(peer);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const auto address = smpp_wire::loopback(std::atoi(argv[1]));
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, 16) != 0)
        return 1;
    while (true) {
        const int peer = ::accept(listener, nullptr, nullptr);
        if (peer < 0) return 1;
        std::thread{serve, peer}.detach();
    }
}
