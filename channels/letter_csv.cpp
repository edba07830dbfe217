#include "channels/letter_csv.h"

#include <algorithm>
#include <optional>
#include <span>

#include "base/digest.h"
#include "base/local_date.h"
#include "base/text.h"

namespace carillon::channels {

namespace {

using base::Result;

constexpr std::size_t address_columns = 10;

void add_cell(std::string& csv, std::string_view cell) {
    if (!csv.empty() && csv.back() != '\n') csv += ',';
    std::string safe{cell};
    if (!safe.empty() && std::string_view{"=+-@\t\r"}.find(safe[0]) != std::string_view::npos)
        safe.insert(0, "'");
    if (safe.find_first_of("\",;\r\n") == std::string::npos) {
        csv += safe;
        return;
    }
    csv += '"';
    for (const char c : safe) {
        if (c == '"') csv += '"';
        csv += c;
    }
    csv += '"';
}

struct CsvRow {
    int line{};
    std::string_view raw{};
    std::vector<std::string> cells{};
};

// RFC 4180 with either separator. A quote that is never closed takes the rest of the file, which
// then is one bad row.
class CsvReader {
public:
    CsvReader(std::string_view text, char separator) : text_(text), separator_(separator) {}

    std::optional<CsvRow> next() {
        if (at_ >= text_.size()) return std::nullopt;
        CsvRow row{.line = line_};
        const auto start = at_;
        row.cells.emplace_back();
        bool quoted = false;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '\n') ++line_;
            if (quoted && c == '"' && at_ + 1 < text_.size() && text_[at_ + 1] == '"')
                row.cells.back() += text_[++at_];
            else if (c == '"' && (quoted || row.cells.back().empty()))
                quoted = !quoted;
            else if (!quoted && c == separator_)
                row.cells.emplace_back();
            else if (!quoted && c == '\n')
                break;
            else if (quoted || c != '\r')
                row.cells.back() += c;
        }
        row.raw = text_.substr(start, at_ - start);
        if (row.raw.ends_with('\r')) row.raw.remove_suffix(1);
        ++at_;
        return row;
    }

private:
    std::string_view text_;
    char separator_;
    std::size_t at_{};
    int line_{1};
};

constexpr std::string_view status_columns[] = {"letter_key", "status", "at", "note"};
constexpr std::string_view returned_columns[] = {"letter_key", "returned_at", "reason",
                                                 "new_address"};
constexpr std::size_t required_columns = 3;

struct Meaning {
    std::string_view word{};
    Receipt::State state{};
};
// What is posted has left our hands; that it came back is a later receipt.
constexpr Meaning statuses[] = {{"printed", Receipt::State::in_progress},
                                {"posted", Receipt::State::delivered}};
constexpr Meaning reasons[] = {{"unknown", Receipt::State::bad_address},
                               {"moved", Receipt::State::bad_address},
                               {"refused", Receipt::State::failed},
                               {"deceased", Receipt::State::bad_address},
                               {"address_insufficient", Receipt::State::bad_address}};

bool is_header(const std::vector<std::string>& cells, std::span<const std::string_view> columns) {
    return cells.size() >= required_columns && cells.size() <= columns.size() &&
           std::equal(cells.begin(), cells.end(), columns.begin());
}

std::string lower_word(std::string_view text) {
    auto word = base::fold_case(base::trim(text));
    std::ranges::replace(word, ' ', '_');
    return word;
}

struct BadCell {
    int column{};
    std::string reason{};
};

// Reads the rows of one file, knowing which of both kinds it is.
class ReturnReader {
public:
    ReturnReader(bool returned, const std::function<bool(std::string_view)>& is_ours)
        : returned_(returned), is_ours_(is_ours) {}

    void take(const CsvRow& row) {
        if (row.raw.empty()) return;
        Receipt receipt;
        const auto bad = read(row, receipt);
        if (!bad) {
            file_.receipts.push_back(std::move(receipt));
            return;
        }
        if (file_.rejects.empty()) file_.rejects = "line,column,reason,row\n";
        for (const auto& cell : {std::to_string(row.line), std::to_string(bad->column), bad->reason,
                                 std::string{row.raw}})
            add_cell(file_.rejects, cell);
        file_.rejects += '\n';
        ++file_.rejected;
    }

    ReturnFile finish() { return std::move(file_); }

private:
    std::optional<BadCell> read(const CsvRow& row, Receipt& receipt) const {
        const auto& cells = row.cells;
        const auto columns = static_cast<int>(cells.size());
        if (cells.size() < required_columns || cells.size() > std::size(status_columns))
            return BadCell{
                columns, "the row has " + std::to_string(columns) + " cells, 3 or 4 were expected"};
        if (!base::is_valid_utf8(row.raw)) return BadCell{1, "this is no UTF-8"};
        receipt.key = std::string{base::trim(cells[0])};
        if (!is_ours_(receipt.key)) return BadCell{1, "no letter of this key was handed over"};
        const auto word = lower_word(cells[returned_ ? 2 : 1]);
        const auto meaning = returned_ ? find(reasons, word) : find(statuses, word);
        if (!meaning)
            return BadCell{returned_ ? 3 : 2,
                           "'" + word + "' is no known " + (returned_ ? "reason" : "status")};
        receipt.state = *meaning;
        const auto at_column = returned_ ? std::size_t{1} : std::size_t{2};
        const auto at = instant(cells[at_column]);
        if (!at)
            return BadCell{static_cast<int>(at_column) + 1,
                           "expected a time as 2026-11-21T09:00:00Z or a date"};
        receipt.at = *at;
        receipt.reason = (returned_ ? "returned: " : "") + word;
        const auto note =
            cells.size() > required_columns ? base::trim(cells[3]) : std::string_view{};
        if (!note.empty())
            receipt.reason += (returned_ ? ", new address: " : ", ") + std::string{note};
        receipt.raw = std::string{row.raw};
        // The same event is the same receipt, in whatever file it comes again.
        receipt.external_id =
            base::sha256_hex(receipt.key + "\n" + word + "\n" + base::to_text(*at)).substr(0, 32);
        return std::nullopt;
    }

    static std::optional<Receipt::State> find(std::span<const Meaning> words,
                                              std::string_view word) {
        const auto found = std::ranges::find(words, word, &Meaning::word);
        if (found == words.end()) return std::nullopt;
        return found->state;
    }

    static std::optional<base::Instant> instant(std::string_view text) {
        if (const auto at = base::parse_instant(base::trim(text))) return *at;
        const auto date = base::parse_date(base::trim(text));
        if (!date) return std::nullopt;
        return base::Instant{std::chrono::sys_days{*date}};
    }

    bool returned_;
    const std::function<bool(std::string_view)>& is_ours_;
    ReturnFile file_{};
};

}  // namespace

std::string to_csv(const Manifest& manifest) {
    std::string csv =
        "letter_key,batch,first_page,pages,sheets,country,window,letter_sha256,batch_sha256";
    for (std::size_t i = 1; i <= address_columns; ++i) csv += ",address_" + std::to_string(i);
    csv += '\n';
    for (const auto& row : manifest.rows) {
        for (const auto& cell : {row.key, manifest.batch, std::to_string(row.first_page),
                                 std::to_string(row.pages), std::to_string(row.sheets), row.country,
                                 row.window, row.sha256, manifest.batch_sha256})
            add_cell(csv, cell);
        for (std::size_t i = 0; i < address_columns; ++i)
            add_cell(csv, i < row.address.size() ? row.address[i] : std::string{});
        csv += '\n';
    }
    return csv;
}

Result<std::vector<std::string>> manifest_keys(std::string_view csv) {
    CsvReader reader{csv, ','};
    const auto header = reader.next();
    if (!header || header->cells[0] != "letter_key")
        return base::fail("letter.manifest_invalid", "This is no manifest of letters.");
    std::vector<std::string> keys;
    while (auto row = reader.next()) {
        auto& key = row->cells[0];
        if (key.starts_with('\'')) key.erase(0, 1);
        if (!key.empty()) keys.push_back(std::move(key));
    }
    return keys;
}

Result<ReturnFile> read_return_file(std::string_view csv,
                                    const std::function<bool(std::string_view)>& is_ours) {
    if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
    const auto first_line = csv.substr(0, csv.find('\n'));
    const char separator = first_line.find(';') != std::string_view::npos ? ';' : ',';
    CsvReader reader{csv, separator};
    const auto header = reader.next();
    const bool status = header && is_header(header->cells, status_columns);
    const bool returned = header && is_header(header->cells, returned_columns);
    if (!status && !returned)
        return base::fail("letter.return_file_invalid",
                          "The first line must be letter_key,status,at[,note] or "
                          "letter_key,returned_at,reason[,new_address].",
                          "line 1");
    ReturnReader rows{returned, is_ours};
    while (const auto row = reader.next()) rows.take(*row);
    return rows.finish();
}

}  // namespace carillon::channels
