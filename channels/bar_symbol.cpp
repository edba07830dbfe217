#include "channels/bar_symbol.h"

#include <zint.h>

#include <algorithm>
#include <memory>
#include <string>

namespace carillon::channels {

namespace {

// More would make modules too small for the places letters have.
constexpr std::size_t text_max = 150;

base::Result<BarSymbol> encode(std::string_view text, int symbology, int option_1, int option_3) {
    const auto printable = [](char c) { return c >= ' ' && c < 0x7F; };
    if (text.empty() || text.size() > text_max || !std::ranges::all_of(text, printable))
        return base::fail(
            "letter.symbol_invalid",
            "A symbol holds 1 to " + std::to_string(text_max) + " printable ASCII characters.");
    const std::unique_ptr<zint_symbol, void (*)(zint_symbol*)> symbol{ZBarcode_Create(),
                                                                      ZBarcode_Delete};
    symbol->symbology = symbology;
    symbol->option_1 = option_1;
    symbol->option_3 = option_3;
    const std::string source{text};
    if (ZBarcode_Encode(symbol.get(), reinterpret_cast<const unsigned char*>(source.data()),
                        static_cast<int>(source.size())) >= ZINT_ERROR)
        return base::fail("letter.symbol_invalid", symbol->errtxt);
    BarSymbol found{symbol->width, symbol->rows, {}};
    found.dark.reserve(static_cast<std::size_t>(found.width * found.height));
    for (int row = 0; row < found.height; ++row)
        for (int column = 0; column < found.width; ++column)
            found.dark.push_back(((symbol->encoded_data[row][column >> 3] >> (column & 7)) & 1) !=
                                 0);
    return found;
}

}  // namespace

base::Result<BarSymbol> data_matrix(std::string_view text) {
    return encode(text, BARCODE_DATAMATRIX, -1, DM_SQUARE);
}

base::Result<BarSymbol> qr_code(std::string_view text) {
    constexpr int level_m = 2;
    return encode(text, BARCODE_QRCODE, level_m, 0);
}

}  // namespace carillon::channels
