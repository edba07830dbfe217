// Any bytes as an uploaded picture: what is taken has a size within the limits, and nothing is read
// beyond the bytes. The first byte chooses a start and an end, so that the fuzzer gets behind them.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "channels/picture_header.h"

using namespace carillon::channels;
using namespace std::string_literals;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::string bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    switch (data[0] % 4) {
        case 0: break;
        case 1:
            bytes = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"s + bytes + "\0\0\0\0IEND\xae\x42\x60\x82"s;
            break;
        case 2: bytes = "\xff\xd8\xff"s + bytes + "\xff\xd9"s; break;
        default: bytes = "GIF89a" + bytes + ";";
    }
    bytes.shrink_to_fit();
    const auto header = read_picture_header(bytes);
    if (!header) return 0;
    const bool fits = header->width > 0 && header->width <= picture_side_max &&
                      header->height > 0 && header->height <= picture_side_max;
    if (!fits || media_type_of(header->format).empty()) std::abort();
    return 0;
}
