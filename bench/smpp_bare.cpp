// The yardstick of the SMS benchmark: one blocking connection, the same bytes in every message, a
// window, and an answer to every receipt; nothing is remembered, decided or parsed.
// Usage: bench_smpp_bare PORT MESSAGES WINDOW
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "smpp_wire.h"

int main(int argc, char** argv) {
    using namespace std::string_literals;
    if (argc < 4) return 2;
    const int messages = std::atoi(argv[2]);
    const int window = std::atoi(argv[3]);
    const int line = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto address = smpp_wire::loopback(std::atoi(argv[1]));
    if (::connect(line, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return 1;
    smpp_wire::no_delay(line);
    const auto bind = smpp_wire::unit(0x00000009, 1, "bank\0secret\0\0\x34\0\0\0"s);
    auto submit = smpp_wire::unit(0x00000004, 0,
                                  "\0\x05\0BANK\0\x01\x01"s + "79160000099\0\0\0\0\0\0\x01\0\0\0"s +
                                      '\x32' + std::string(50, 'a'));
    smpp_wire::Input input;
    if (!smpp_wire::write_all(line, bind) || !input.fill(line) || input.next().empty()) return 1;
    const auto begun = std::chrono::steady_clock::now();
    int sent = 0;
    int answered = 0;
    int receipts = 0;
    std::string out;
    while (answered < messages || receipts < messages) {
        const int until = std::min(messages, answered + window);
        for (; sent < until; ++sent) {
            smpp_wire::put32(submit.data() + 12, static_cast<std::uint32_t>(sent + 2));
            out += submit;
        }
        if (!smpp_wire::write_all(line, out)) return 1;
        out.clear();
        if (!input.fill(line)) return 1;
        for (auto unit = input.next(); !unit.empty(); unit = input.next()) {
            const auto command = smpp_wire::get32(unit.data() + 4);
            if (command == 0x80000004U) ++answered;
            if (command != 0x00000005U) continue;
            ++receipts;
            out += smpp_wire::unit(0x80000005U, smpp_wire::get32(unit.data() + 12), "\0"s);
        }
    }
    smpp_wire::write_all(line, out);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
    std::printf("%.0f\n", messages / seconds.count());
    ::close(line);
}
