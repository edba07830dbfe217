// CSV reader and writer: where chunks end may not matter, reading may go on at any row, and what
// was written reads back.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "audience/csv.h"

using namespace carillon::audience;

namespace {

CsvReader::Read in_chunks(const std::string& text, std::size_t chunk) {
    return [&text, chunk, at = std::size_t{0}](std::span<char> buffer) mutable {
        const auto count = std::min({chunk, buffer.size(), text.size() - at});
        std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(at), count, buffer.begin());
        at += count;
        return count;
    };
}

struct Taken {
    std::string text{};
    CsvPosition middle{};
    std::string text_after_middle{};
};

void take(const CsvRow& row, std::string& out) {
    out += std::to_string(row.line);
    for (const auto cell : row.cells) {
        out += '\x1E';
        out += cell;
    }
    if (row.damage) out += "\x1D" + row.damage->code + row.damage->place;
    out += '\x1F';
}

Taken read_all(CsvReader reader, std::size_t middle_row) {
    Taken taken;
    CsvRow row;
    for (std::size_t i = 0; reader.next(row); ++i) {
        take(row, taken.text);
        if (i > middle_row) take(row, taken.text_after_middle);
        if (i == middle_row) taken.middle = reader.position();
    }
    return taken;
}

void require(bool holds) {
    if (!holds) std::abort();
}

void check_writer(const CsvRow& row) {
    // A header keeps a cell that looks like a byte order mark from being one.
    std::string written = "header\r\n";
    append_csv_row(written, row.cells);
    auto reader =
        CsvReader::open(in_chunks(written, 7), {.delimiter = ',', .encoding = Encoding::utf8});
    CsvRow again;
    require(reader && reader->next(again) && reader->next(again));
    require(again.cells.size() == row.cells.size());
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
        require(without_formula_guard(again.cells[i]) == row.cells[i]);
        require(again.cells[i].empty() ||
                std::string_view{"=+-@\t\r"}.find(again.cells[i][0]) == std::string_view::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const std::string text{reinterpret_cast<const char*>(data) + 3, size - 3};
    CsvSettings settings{.row_bytes_max = 8U + data[0], .columns_max = 1U + data[1] % 16};
    if (data[1] & 0x80) settings.encoding = static_cast<Encoding>(data[1] >> 5 & 3);
    const std::size_t middle = data[2] % 8;
    auto whole = CsvReader::open(in_chunks(text, text.size() + 1), settings);
    auto pieces = CsvReader::open(in_chunks(text, 1U + data[2] % 13), settings);
    require(whole.has_value() == pieces.has_value());
    if (!whole) return 0;
    const auto expected = read_all(std::move(*whole), middle);
    require(read_all(std::move(*pieces), middle).text == expected.text);

    auto resumed = CsvReader::open(in_chunks(text, 5), settings);
    resumed->skip_to(expected.middle);
    if (expected.middle.offset > 0)
        require(read_all(std::move(*resumed), SIZE_MAX).text == expected.text_after_middle);

    auto rows = CsvReader::open(in_chunks(text, 64), settings);
    CsvRow row;
    while (rows->next(row))
        if (!row.damage) check_writer(row);
    return 0;
}
