// Symbols that machines read: DataMatrix (ISO/IEC 16022) on sheets, QR codes (ISO/IEC 18004) for
// people's telephones. Pure; safe from several threads.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace carillon::channels {

// Modules without the quiet zone around them.
struct BarSymbol {
    int width{};
    int height{};
    std::vector<bool> dark{};  // row by row
    bool at(int x, int y) const { return dark[static_cast<std::size_t>(y * width + x)]; }
};

// Square. Errors: letter.symbol_invalid (too long, or characters beyond printable ASCII).
base::Result<BarSymbol> data_matrix(std::string_view text);
// Error correction level M: 15 % may be damaged. Errors: letter.symbol_invalid.
base::Result<BarSymbol> qr_code(std::string_view text);

}  // namespace carillon::channels
