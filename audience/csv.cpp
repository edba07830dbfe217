#include "audience/csv.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

#include "audience/csv_decoder.h"

namespace carillon::audience {

namespace {

constexpr std::size_t sample_bytes = 64 * 1024;
constexpr std::size_t chunk_bytes = 256 * 1024;
constexpr std::string_view delimiters = ",;\t|";

// The most frequent candidate outside quotes in the first row.
char detect_delimiter(std::string_view text) {
    std::array<std::ptrdiff_t, 4> counts{};
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if (c == '\n' || c == '\r') break;
        if (const auto at = delimiters.find(c); at != std::string_view::npos) ++counts[at];
    }
    const auto best = std::ranges::max_element(counts) - counts.begin();
    return delimiters[static_cast<std::size_t>(best)];
}

// A byte order mark decides even over what the settings say: no file begins with one by chance.
base::Result<Encoding> encoding_of(std::string_view beginning, const CsvSettings& settings) {
    for (const auto encoding : {Encoding::utf8, Encoding::utf16_le, Encoding::utf16_be})
        if (mark_size(beginning, encoding) > 0) return encoding;
    if (settings.encoding) return *settings.encoding;
    return detect_encoding(beginning);
}

bool is_formula_start(char c) {
    return std::string_view{"=+-@\t\r"}.find(c) != std::string_view::npos;
}

// Apostrophes (perhaps none) and then something a spreadsheet would compute.
bool needs_guard(std::string_view cell) {
    const auto first = cell.find_first_not_of('\'');
    return first != std::string_view::npos && is_formula_start(cell[first]);
}

}  // namespace

class CsvReader::State {
public:
    State(Read read, const CsvSettings& settings) : read_(std::move(read)), settings_(settings) {}

    base::Result<void> start();
    bool next(CsvRow& row);
    void skip_to(const CsvPosition& position);
    CsvPosition position() const { return {base_ + static_cast<std::int64_t>(begin_), line_}; }
    char delimiter() const { return delimiter_; }
    Encoding encoding() const { return encoding_; }

private:
    enum class Scan { complete, needs_more, damaged, too_long };
    struct Found {
        Scan scan{};
        std::size_t end{};   // of the row's text
        std::size_t next{};  // where the next row begins
        bool quoted{};
        std::size_t place{};  // of a damage
        std::string_view damage{};
    };

    bool fill();
    Found find_row() const;
    Found find_plain_row(std::size_t newline) const;
    Found find_quoted_row() const;
    std::size_t closing_quote(std::size_t quote, std::size_t limit) const;
    std::size_t find_newline();
    Found unclosed(std::size_t quote) const;
    void take(CsvRow& row, const Found& found);
    void take_damaged(CsvRow& row, const Found& found);
    void take_too_long(CsvRow& row);
    std::size_t first_line_size() const;
    void split_plain(CsvRow& row, std::size_t end);
    void split_quoted(CsvRow& row, std::size_t end);
    std::size_t unquote(std::size_t at, std::size_t end, std::string_view& cell);
    void discard_line();
    void check(CsvRow& row);
    std::size_t after_line_end(std::size_t at) const;

    Read read_;
    CsvSettings settings_;
    Encoding encoding_{Encoding::utf8};
    char delimiter_{','};
    std::unique_ptr<CsvDecoder> decoder_;
    std::string text_;  // decoded and not yet given out, from begin_
    std::string raw_;
    std::size_t begin_{0};
    std::size_t newline_{0};  // the first '\n' at or after begin_, or text_.size()
    bool newline_known_{false};
    std::int64_t base_{0};  // offset of text_[0]
    std::int64_t line_{1};
    bool at_end_{false};
};

base::Result<void> CsvReader::State::start() {
    std::string beginning;
    while (beginning.size() < sample_bytes) {
        const auto had = beginning.size();
        beginning.resize(sample_bytes);
        const auto count = read_(std::span{beginning}.subspan(had));
        beginning.resize(had + count);
        if (count == 0) break;
    }
    const auto encoding = encoding_of(beginning, settings_);
    if (!encoding) return base::fail(encoding.error());
    encoding_ = *encoding;
    decoder_ = std::make_unique<CsvDecoder>(encoding_);
    decoder_->append(std::string_view{beginning}.substr(mark_size(beginning, encoding_)), false,
                     text_);
    delimiter_ = settings_.delimiter ? *settings_.delimiter : detect_delimiter(text_);
    raw_.resize(chunk_bytes);
    return {};
}

// False when nothing more came.
bool CsvReader::State::fill() {
    if (at_end_) return false;
    text_.erase(0, begin_);
    base_ += static_cast<std::int64_t>(begin_);
    begin_ = 0;
    newline_known_ = false;
    const auto count = read_(raw_);
    at_end_ = count == 0;
    const auto had = text_.size();
    decoder_->append(std::string_view{raw_}.substr(0, count), at_end_, text_);
    return text_.size() > had || !at_end_;
}

std::size_t CsvReader::State::find_newline() {
    if (newline_known_ && newline_ >= begin_) return newline_;
    newline_ = std::min(text_.find('\n', begin_), text_.size());
    newline_known_ = true;
    return newline_;
}

std::size_t CsvReader::State::after_line_end(std::size_t at) const {
    if (at >= text_.size()) return at;
    return at + (text_[at] == '\r' && at + 1 < text_.size() && text_[at + 1] == '\n' ? 2 : 1);
}

// The common row: no quote, no lone CR. Anything else says needs_more with quoted set.
CsvReader::State::Found CsvReader::State::find_plain_row(std::size_t newline) const {
    const char* data = text_.data() + begin_;
    auto size = newline - begin_;
    if (size > 0 && data[size - 1] == '\r') --size;
    if (std::memchr(data, '"', size) != nullptr || std::memchr(data, '\r', size) != nullptr)
        return {.scan = Scan::needs_more, .quoted = true};
    return {.scan = Scan::complete, .end = begin_ + size, .next = newline + 1};
}

CsvReader::State::Found CsvReader::State::unclosed(std::size_t quote) const {
    return {.scan = Scan::damaged, .place = quote, .damage = "a quote is never closed"};
}

// The position behind the closing quote of the cell that opens at `quote`; npos when it lies behind
// `limit`.
std::size_t CsvReader::State::closing_quote(std::size_t quote, std::size_t limit) const {
    auto at = quote + 1;
    while (true) {
        at = text_.find('"', at);
        if (at >= limit) return std::string::npos;
        const bool last = at + 1 >= limit;
        if (last && !(at_end_ && limit == text_.size())) return std::string::npos;
        if (last || text_[at + 1] != '"') return at + 1;
        at += 2;
    }
}

// What a row is may depend on the text alone, not on how much of it has come in yet: a window of
// row_bytes_max + 1 decides, and while it is not full, more is asked for.
CsvReader::State::Found CsvReader::State::find_quoted_row() const {
    const auto window_end = begin_ + settings_.row_bytes_max + 1;
    const auto limit = std::min(text_.size(), window_end);
    const bool may_grow = text_.size() < window_end && !at_end_;
    const Found more{.scan = Scan::needs_more, .quoted = true};
    bool cell_starts = true;
    for (auto at = begin_; at < limit;) {
        const char c = text_[at];
        if (cell_starts && c == '"') {
            const auto behind = closing_quote(at, limit);
            if (behind == std::string::npos) return may_grow ? more : unclosed(at);
            if (behind >= limit && may_grow) return more;
            at = behind;
            cell_starts = false;
            if (at < limit && text_[at] != delimiter_ && text_[at] != '\n' && text_[at] != '\r')
                return {
                    .scan = Scan::damaged, .place = at, .damage = "text follows a closing quote"};
            continue;
        }
        if (c == '\n' || c == '\r') {
            if (c == '\r' && at + 1 >= text_.size() && !at_end_) return more;
            return {.scan = Scan::complete, .end = at, .next = after_line_end(at), .quoted = true};
        }
        cell_starts = c == delimiter_;
        ++at;
    }
    if (may_grow) return more;
    if (limit == window_end) return {.scan = Scan::too_long};
    return {.scan = Scan::complete, .end = limit, .next = limit, .quoted = true};
}

CsvReader::State::Found CsvReader::State::find_row() const {
    if (newline_ < text_.size()) {
        const auto plain = find_plain_row(newline_);
        if (plain.scan == Scan::complete) return plain;
    }
    return find_quoted_row();
}

bool CsvReader::State::next(CsvRow& row) {
    row.cells.clear();
    row.damage.reset();
    while (true) {
        if (begin_ >= text_.size()) {
            if (!fill()) return false;
            continue;
        }
        find_newline();
        const auto found = find_row();
        switch (found.scan) {
            case Scan::needs_more: fill(); continue;  // at the end the same text is judged as final
            case Scan::damaged: take_damaged(row, found); return true;
            case Scan::too_long: take_too_long(row); return true;
            case Scan::complete: break;
        }
        if (found.end > begin_) {
            take(row, found);
            return true;
        }
        begin_ = found.next;  // an empty line
        ++line_;
    }
}

void CsvReader::State::take_too_long(CsvRow& row) {
    row.line = line_;
    row.damage = base::Failure{
        "csv.row_too_long",
        "the row is longer than " + std::to_string(settings_.row_bytes_max) + " bytes",
        "line " + std::to_string(line_)};
    discard_line();
}

void CsvReader::State::take(CsvRow& row, const Found& found) {
    row.line = line_;
    const std::string_view whole{text_.data() + begin_, found.end - begin_};
    if (whole.size() > settings_.row_bytes_max) return take_too_long(row);
    const auto lines = found.quoted ? std::ranges::count(whole, '\n') : 0;
    const bool has_nul = std::memchr(whole.data(), '\0', whole.size()) != nullptr;
    if (found.quoted)
        split_quoted(row, found.end);
    else
        split_plain(row, found.end);
    begin_ = found.next;
    line_ += lines + 1;
    if (has_nul)
        row.damage = base::Failure{"csv.nul", "the row holds a NUL character",
                                   "line " + std::to_string(row.line)};
    check(row);
}

void CsvReader::State::check(CsvRow& row) {
    if (row.cells.size() <= settings_.columns_max || row.damage) return;
    row.damage =
        base::Failure{"csv.too_many_columns",
                      "the row has more than " + std::to_string(settings_.columns_max) + " columns",
                      "line " + std::to_string(row.line)};
    row.cells.resize(settings_.columns_max);
}

void CsvReader::State::take_damaged(CsvRow& row, const Found& found) {
    row.line = line_;
    const auto before = std::string_view{text_}.substr(begin_, found.place - begin_);
    const auto line = line_ + std::ranges::count(before, '\n');
    const auto column = before.size() - (before.rfind('\n') + 1);
    row.damage =
        base::Failure{"csv.quote", std::string{found.damage},
                      "line " + std::to_string(line) + ", character " + std::to_string(column + 1)};
    auto size = first_line_size();
    while (begin_ + size + 1 >= text_.size() && size <= settings_.row_bytes_max && fill())
        size = first_line_size();
    if (size > settings_.row_bytes_max) return discard_line();
    row.cells.emplace_back(text_.data() + begin_, size);
    begin_ = after_line_end(begin_ + size);
    ++line_;
}

std::size_t CsvReader::State::first_line_size() const {
    return std::min(text_.find_first_of("\r\n", begin_), text_.size()) - begin_;
}

void CsvReader::State::split_plain(CsvRow& row, std::size_t end) {
    const char* at = text_.data() + begin_;
    const char* const last = text_.data() + end;
    while (true) {
        const auto* found = static_cast<const char*>(
            std::memchr(at, delimiter_, static_cast<std::size_t>(last - at)));
        const auto* stop = found == nullptr ? last : found;
        row.cells.emplace_back(at, static_cast<std::size_t>(stop - at));
        if (found == nullptr) return;
        at = found + 1;
    }
}

// Doubled quotes are taken out in place: the row is complete and will not be read again.
std::size_t CsvReader::State::unquote(std::size_t at, std::size_t end, std::string_view& cell) {
    const auto first = at + 1;
    auto write = first;
    for (auto read = first; read < end; ++read) {
        if (text_[read] == '"') {
            if (read + 1 >= end || text_[read + 1] != '"') {
                cell = {text_.data() + first, write - first};
                return read + 1;
            }
            ++read;
        }
        text_[write++] = text_[read];
    }
    cell = {text_.data() + first, write - first};
    return end;
}

void CsvReader::State::split_quoted(CsvRow& row, std::size_t end) {
    auto at = begin_;
    while (true) {
        std::string_view cell;
        if (at < end && text_[at] == '"') {
            at = unquote(at, end, cell);
        } else {
            const auto stop = std::min(text_.find(delimiter_, at), end);
            cell = {text_.data() + at, stop - at};
            at = stop;
        }
        row.cells.push_back(cell);
        if (at >= end) return;
        ++at;
    }
}

// Passes over the rest of a line of any length.
void CsvReader::State::discard_line() {
    while (true) {
        for (; begin_ < text_.size(); ++begin_) {
            if (text_[begin_] != '\n' && text_[begin_] != '\r') continue;
            if (text_[begin_] == '\r' && begin_ + 1 >= text_.size()) fill();
            begin_ = after_line_end(begin_);
            ++line_;
            return;
        }
        if (!fill()) return;
    }
}

void CsvReader::State::skip_to(const CsvPosition& target) {
    while (position().offset < target.offset) {
        const auto here = target.offset - position().offset;
        const auto step =
            std::min<std::int64_t>(here, static_cast<std::int64_t>(text_.size() - begin_));
        begin_ += static_cast<std::size_t>(step);
        if (position().offset < target.offset && !fill()) break;
    }
    line_ = target.line;
}

CsvReader::CsvReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
CsvReader::~CsvReader() = default;
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;

base::Result<CsvReader> CsvReader::open(Read read, const CsvSettings& settings) {
    auto state = std::make_unique<State>(std::move(read), settings);
    if (const auto started = state->start(); !started) return base::fail(started.error());
    return CsvReader{std::move(state)};
}

bool CsvReader::next(CsvRow& row) {
    return state_->next(row);
}
CsvPosition CsvReader::position() const {
    return state_->position();
}
void CsvReader::skip_to(const CsvPosition& position) {
    state_->skip_to(position);
}
char CsvReader::delimiter() const {
    return state_->delimiter();
}
Encoding CsvReader::encoding() const {
    return state_->encoding();
}

void append_csv_row(std::string& out, std::span<const std::string_view> cells, char delimiter) {
    const char special[] = {delimiter, '"', '\r', '\n', '\0'};
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out += delimiter;
        const auto cell = cells[i];
        const bool guard = needs_guard(cell);
        // A row of one empty cell would read back as an empty line.
        const bool quote = cell.find_first_of(special) != std::string_view::npos ||
                           (cell.empty() && cells.size() == 1);
        if (quote) out += '"';
        if (guard) out += '\'';
        for (const char c : cell) {
            if (c == '"') out += '"';
            out += c;
        }
        if (quote) out += '"';
    }
    out += "\r\n";
}

std::string_view without_formula_guard(std::string_view cell) {
    if (cell.starts_with('\'') && needs_guard(cell)) cell.remove_prefix(1);
    return cell;
}

base::Result<CsvReader::Read> read_file(const std::string& path) {
    auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
    if (!file->is_open()) return base::fail("csv.file", "cannot open " + path);
    return [file](std::span<char> buffer) -> std::size_t {
        file->read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        return static_cast<std::size_t>(file->gcount());
    };
}

}  // namespace carillon::audience
