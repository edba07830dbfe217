// CSV as banks really send it (RFC 4180 and beyond): any of four delimiters, four encodings, three
// line ends, quoted line breaks, and a damaged row that costs one line instead of the file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace carillon::audience {

enum class Encoding { utf8, utf16_le, utf16_be, cp1251 };

std::string_view name_of(Encoding encoding);
std::optional<Encoding> encoding_from(std::string_view name);

struct CsvSettings {
    std::optional<char> delimiter{};  // nothing: the most frequent of , ; tab | in the first row
    std::optional<Encoding>
        encoding{};  // nothing: byte order mark, else UTF-8, else CP1251 when it reads as Russian
    std::size_t row_bytes_max{1 << 20};  // in UTF-8
    std::size_t columns_max{1'000};
};

// Views are valid until the next call of next().
struct CsvRow {
    std::int64_t line{};  // where the row begins, from 1
    std::vector<std::string_view>
        cells{};  // quotes removed; of a damaged row: the first line as it stands
    std::optional<base::Failure>
        damage{};  // csv.quote, csv.nul, csv.row_too_long, csv.too_many_columns
};

// A position between two rows, to go on from in another process.
struct CsvPosition {
    std::int64_t offset{};  // bytes of the text in UTF-8, without byte order mark
    std::int64_t line{1};
};

// Streams; memory is bounded by row_bytes_max. Not thread-safe.
class CsvReader {
public:
    using Read = std::function<std::size_t(std::span<char>)>;  // bytes given; 0 at the end

    // Reads the beginning to find encoding and delimiter. Errors: csv.encoding.
    static base::Result<CsvReader> open(Read read, const CsvSettings& settings);
    ~CsvReader();
    CsvReader(CsvReader&&) noexcept;
    CsvReader& operator=(CsvReader&&) noexcept;

    // False at the end. After a damaged row, reading goes on with the line that follows its first.
    // Empty lines are passed over.
    bool next(CsvRow& row);
    CsvPosition position() const;  // behind the row given last
    // Goes on at a position() of the same file; only forward.
    void skip_to(const CsvPosition& position);

    char delimiter() const;
    Encoding encoding() const;

private:
    class State;
    explicit CsvReader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Appends one row with CRLF. A cell that a spreadsheet could take for a formula gets an apostrophe
// in front (OWASP ASVS 5.0 1.2.10): those that begin with = + - @ tab or CR, and those that begin
// with apostrophes before such.
void append_csv_row(std::string& out, std::span<const std::string_view> cells,
                    char delimiter = ',');

// Takes the apostrophe of append_csv_row away again: read back, a cell is what was written.
std::string_view without_formula_guard(std::string_view cell);

// Reads a file through CsvReader::Read. Errors: csv.file.
base::Result<CsvReader::Read> read_file(const std::string& path);

}  // namespace carillon::audience
