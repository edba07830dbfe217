// The CSV reader on files as they come, well-formed and hostile; what it reads may not depend on
// how bytes arrive.
#include "audience/csv.h"

#include <catch2/catch.hpp>
#include <random>

using namespace carillon;
using namespace carillon::audience;

namespace {

struct Read {
    std::int64_t line{};
    std::vector<std::string> cells{};
    std::string damage{};
    bool operator==(const Read&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Read& row) {
    out << row.line << "{";
    for (const auto& cell : row.cells) out << "[" << cell << "]";
    return out << row.damage << "}";
}

CsvReader::Read in_chunks(std::string text, std::size_t chunk) {
    auto at = std::make_shared<std::size_t>(0);
    return [text = std::move(text), chunk, at](std::span<char> buffer) {
        const auto count = std::min({chunk, buffer.size(), text.size() - *at});
        std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(*at), count, buffer.begin());
        *at += count;
        return count;
    };
}

std::vector<Read> read_all(CsvReader& reader) {
    std::vector<Read> rows;
    CsvRow row;
    while (reader.next(row)) {
        rows.push_back({row.line, {row.cells.begin(), row.cells.end()}, {}});
        if (row.damage) rows.back().damage = row.damage->code;
    }
    return rows;
}

std::vector<Read> read_all(const std::string& text, CsvSettings settings = {},
                           std::size_t chunk = 1 << 16) {
    auto reader = CsvReader::open(in_chunks(text, chunk), settings);
    REQUIRE(reader);
    return read_all(*reader);
}

using Rows = std::vector<Read>;

std::string utf16(std::string_view ascii, bool big_endian, bool mark) {
    std::string bytes = !mark ? "" : big_endian ? "\xFE\xFF" : "\xFF\xFE";
    for (const char c : ascii) {
        if (big_endian) bytes += '\0';
        bytes += c;
        if (!big_endian) bytes += '\0';
    }
    return bytes;
}

}  // namespace

TEST_CASE("a plain file is read cell by cell", "[csv]") {
    CHECK(read_all("a,b\n1,2\n,\n") == Rows{{1, {"a", "b"}}, {2, {"1", "2"}}, {3, {"", ""}}});
    CHECK(read_all("a,b\r\n1,2") == Rows{{1, {"a", "b"}}, {2, {"1", "2"}}});
    CHECK(read_all("a,b\r1,2\r") == Rows{{1, {"a", "b"}}, {2, {"1", "2"}}});
    CHECK(read_all("a,b\n\n\r\n1,2\n") == Rows{{1, {"a", "b"}}, {4, {"1", "2"}}});
    CHECK(read_all("").empty());
}

TEST_CASE("quoted cells hold delimiters, line breaks and doubled quotes", "[csv]") {
    CHECK(read_all("a,\"b,\"\"c\"\"\nd\"\n1,2\n") ==
          Rows{{1, {"a", "b,\"c\"\nd"}}, {3, {"1", "2"}}});
    CHECK(read_all("\"\",\"x\"\n") == Rows{{1, {"", "x"}}});
    CHECK(read_all("it\"s,5\" nail\n") == Rows{{1, {"it\"s", "5\" nail"}}});
    CHECK(read_all("\"a\",\"b\"") == Rows{{1, {"a", "b"}}});
}

TEST_CASE("the delimiter is found in the first row or given", "[csv]") {
    CHECK(read_all("a;b,c;d\n") == Rows{{1, {"a", "b,c", "d"}}});
    CHECK(read_all("a\tb\n") == Rows{{1, {"a", "b"}}});
    CHECK(read_all("a|b\n") == Rows{{1, {"a", "b"}}});
    CHECK(read_all("\"a;b;c\",d\n") == Rows{{1, {"a;b;c", "d"}}});
    CHECK(read_all("a;b,c\n", {.delimiter = ','}) == Rows{{1, {"a;b", "c"}}});
}

TEST_CASE("four encodings give the same text", "[csv]") {
    const std::string ivan = "\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD";  // Иван
    CHECK(read_all("\xEF\xBB\xBFname\n" + ivan + "\n") == Rows{{1, {"name"}}, {2, {ivan}}});
    CHECK(read_all("name\n\xC8\xE2\xE0\xED\n") == Rows{{1, {"name"}}, {2, {ivan}}});
    CHECK(read_all("name\n\xC8\xE2\xE0\xED\n", {.encoding = Encoding::cp1251}) ==
          Rows{{1, {"name"}}, {2, {ivan}}});
    for (const bool big : {false, true}) {
        CHECK(read_all(utf16("a,b\r\n1,2\r\n", big, true)) ==
              Rows{{1, {"a", "b"}}, {2, {"1", "2"}}});
        const auto encoding = big ? Encoding::utf16_be : Encoding::utf16_le;
        CHECK(read_all(utf16("a,b\r\n", big, false), {.encoding = encoding}) ==
              Rows{{1, {"a", "b"}}});
    }
    const std::string rose = "\xF0\x9F\x8C\xB9 \xD7\xA9";  // an emoji and a right-to-left letter
    CHECK(read_all("x\n" + rose + "\n") == Rows{{1, {"x"}}, {2, {rose}}});
}

TEST_CASE("UTF-16 without a mark is named, not guessed", "[csv]") {
    const auto reader = CsvReader::open(in_chunks(utf16("a,b\n1,2\n", false, false), 100), {});
    REQUIRE_FALSE(reader);
    CHECK(reader.error().code == "csv.encoding");
}

TEST_CASE("a damaged row costs one line", "[csv]") {
    CHECK(read_all("a,b\n\"never,closed\n1,2\n") ==
          Rows{{1, {"a", "b"}}, {2, {"\"never,closed"}, "csv.quote"}, {3, {"1", "2"}}});
    CHECK(read_all("a,b\n\"x\"y,z\n1,2\n") ==
          Rows{{1, {"a", "b"}}, {2, {"\"x\"y,z"}, "csv.quote"}, {3, {"1", "2"}}});
    const std::string nul{"a,b\n1\0,2\n3,4\n", 13};
    CHECK(read_all(nul) ==
          Rows{{1, {"a", "b"}}, {2, {std::string{"1\0", 2}, "2"}, "csv.nul"}, {3, {"3", "4"}}});
}

TEST_CASE("the place of a damage names line and character", "[csv]") {
    auto reader = CsvReader::open(in_chunks("a,b\nx,\"y\nz\"w\n1,2\n", 1000), {});
    CsvRow row;
    REQUIRE(reader->next(row));
    REQUIRE(reader->next(row));
    REQUIRE(row.damage);
    CHECK(row.damage->place == "line 3, character 3");
}

TEST_CASE("rows and columns have limits", "[csv]") {
    const CsvSettings small{.row_bytes_max = 20, .columns_max = 3};
    CHECK(read_all("a,b\n" + std::string(21, 'x') + "\n1,2\n", small) ==
          Rows{{1, {"a", "b"}}, {2, {}, "csv.row_too_long"}, {3, {"1", "2"}}});
    CHECK(read_all(std::string(20, 'x') + "\n", small) == Rows{{1, {std::string(20, 'x')}}});
    CHECK(read_all("1,2,3,4\n1\n", small) ==
          Rows{{1, {"1", "2", "3"}, "csv.too_many_columns"}, {2, {"1"}}});
    CHECK(read_all("\"" + std::string(30, 'x') + "\n1,2\n", small) ==
          Rows{{1, {}, "csv.quote"}, {2, {"1", "2"}}});
}

TEST_CASE("one line of 50 MB is passed over in bounded memory", "[csv]") {
    std::size_t left = 50 << 20;
    bool tail = false;
    auto reader = CsvReader::open(
        [&](std::span<char> buffer) -> std::size_t {
            if (left > 0) {
                const auto count = std::min(left, buffer.size());
                std::fill_n(buffer.begin(), count, 'x');
                left -= count;
                return count;
            }
            if (tail) return 0;
            tail = true;
            const std::string_view rest = "\na,b\n";
            std::copy(rest.begin(), rest.end(), buffer.begin());
            return rest.size();
        },
        {});
    CHECK(read_all(*reader) == Rows{{1, {}, "csv.row_too_long"}, {2, {"a", "b"}}});
}

TEST_CASE("where chunks end does not matter, and reading can go on at any row", "[csv]") {
    std::mt19937 random{20261121};
    constexpr std::string_view alphabet = "ab,;\"\"\n\n\r'=x";
    for (int round = 0; round < 2'000; ++round) {
        std::string text = "h,i\n";
        const auto length = random() % 60;
        for (std::size_t i = 0; i < length; ++i) text += alphabet[random() % alphabet.size()];
        const CsvSettings settings{.delimiter = ',', .row_bytes_max = 16};
        const auto whole = read_all(text, settings);
        INFO(text);
        for (const std::size_t chunk : {1, 2, 3, 7})
            CHECK(read_all(text, settings, chunk) == whole);

        auto first = CsvReader::open(in_chunks(text, 5), settings);
        CsvRow row;
        const auto taken = random() % (whole.size() + 1);
        for (std::size_t i = 0; i < taken; ++i) REQUIRE(first->next(row));
        auto second = CsvReader::open(in_chunks(text, 3), settings);
        second->skip_to(first->position());
        CHECK(read_all(*second) ==
              Rows{whole.begin() + static_cast<std::ptrdiff_t>(taken), whole.end()});
    }
}

TEST_CASE("what is written reads back as it was, and no cell is a formula", "[csv]") {
    std::mt19937 random{7};
    constexpr std::string_view alphabet = "=+-@\t\r\n'\",;ab ";
    for (int round = 0; round < 5'000; ++round) {
        std::vector<std::string> cells(1 + random() % 4);
        for (auto& cell : cells)
            for (auto n = random() % 6; n > 0; --n) cell += alphabet[random() % alphabet.size()];
        const std::vector<std::string_view> views{cells.begin(), cells.end()};
        std::string text;
        append_csv_row(text, views);
        auto reader = CsvReader::open(in_chunks(text, 4), {.delimiter = ','});
        CsvRow row;
        REQUIRE(reader->next(row));
        REQUIRE_FALSE(row.damage);
        REQUIRE(row.cells.size() == cells.size());
        for (std::size_t i = 0; i < cells.size(); ++i) {
            CHECK((row.cells[i].empty() ||
                   std::string_view{"=+-@\t\r"}.find(row.cells[i][0]) == std::string_view::npos));
            CHECK(without_formula_guard(row.cells[i]) == cells[i]);
        }
        CHECK_FALSE(reader->next(row));
    }
}

TEST_CASE("formulas of the usual attacks are disarmed", "[csv]") {
    const auto cell = GENERATE(as<std::string>{}, "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)",
                               "\t=1", "\r=1");
    const std::vector<std::string_view> views{cell};
    std::string text;
    append_csv_row(text, views);
    CHECK(text.find("'" + cell) != std::string::npos);
}
