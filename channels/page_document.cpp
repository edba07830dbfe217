#include "channels/page_document.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/text.h"

namespace carillon::channels {

namespace {

using base::Result;

constexpr int heading_level_max = 3;

// A piece of text in which every byte knows whether the template wrote it.
struct Marked {
    std::string text{};
    std::string from_template{};  // 1 or 0 for each byte of `text`

    std::size_t size() const { return text.size(); }
    bool is(std::size_t at, char c) const {
        return at < text.size() && text[at] == c && from_template[at] != 0;
    }
    bool is_space(std::size_t at) const { return is(at, ' ') || is(at, '\t'); }
    void add(std::string_view more, bool template_wrote) {
        text += more;
        from_template.append(more.size(), template_wrote ? '\1' : '\0');
    }
    Marked part(std::size_t from, std::size_t count = std::string::npos) const {
        return {text.substr(from, count), from_template.substr(from, count)};
    }
};

struct Line {
    Marked content{};
    int number{1};
};

// How many bytes of a character that may not be printed stand here; 0: it may.
std::size_t hidden_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    if (byte(at) < 0x20 || byte(at) == 0x7F) return 1;
    if (byte(at) == 0xC2 && byte(at + 1) >= 0x80 && byte(at + 1) < 0xA0) return 2;  // C1
    if (byte(at) == 0xE2 && byte(at + 1) == 0x80) {
        const auto last = byte(at + 2);
        // U+200E, U+200F, U+2028 .. U+202E: line ends and changes of direction
        if (last == 0x8E || last == 0x8F || (last >= 0xA8 && last <= 0xAE)) return 3;
    }
    if (byte(at) == 0xE2 && byte(at + 1) == 0x81 && byte(at + 2) >= 0xA6 && byte(at + 2) <= 0xA9)
        return 3;                                                                    // isolates
    if (byte(at) == 0xEF && byte(at + 1) == 0xBB && byte(at + 2) == 0xBF) return 3;  // BOM
    return 0;
}

std::vector<Line> lines_of(const base::Pieces& body) {
    std::vector<Line> lines(1);
    for (const auto& piece : body.pieces()) {
        auto text = body.text_of(piece);
        if (piece.literal == nullptr) {
            lines.back().content.add(plain_line(text), false);
            continue;
        }
        while (true) {
            const auto end = text.find('\n');
            auto part = text.substr(0, end);
            if (part.ends_with('\r')) part.remove_suffix(1);
            lines.back().content.add(part, true);
            if (end == std::string_view::npos) break;
            text.remove_prefix(end + 1);
            lines.push_back({{}, lines.back().number + 1});
        }
    }
    return lines;
}

Marked trimmed(const Marked& marked) {
    std::size_t from = 0;
    std::size_t to = marked.size();
    while (from < to && marked.is_space(from)) ++from;
    while (to > from && marked.is_space(to - 1)) --to;
    return marked.part(from, to - from);
}

// Turns bold marks and escapes of the template into spans.
class SpanReader {
public:
    explicit SpanReader(int line) : line_(line) {}

    Result<RichText> read(const Marked& marked) {
        for (std::size_t at = 0; at < marked.size(); ++at) {
            if (marked.is(at, '\\') && at + 1 < marked.size() && marked.from_template[at + 1] &&
                is_mark(marked.text[at + 1])) {
                current_ += marked.text[++at];
            } else if (marked.is(at, '*') && marked.is(at + 1, '*')) {
                flush();
                opened_at_ = at;
                weight_ = weight_ == Weight::bold ? Weight::regular : Weight::bold;
                ++at;
            } else {
                current_ += marked.text[at];
            }
        }
        flush();
        if (weight_ == Weight::bold)
            return base::fail(
                "page.bold_unclosed", "A '**' is opened and never closed.",
                "line " + std::to_string(line_) + " column " + std::to_string(opened_at_ + 1));
        return std::move(spans_);
    }

private:
    static bool is_mark(char c) { return std::string_view{"\\*#|-."}.find(c) != std::string::npos; }
    void flush() {
        if (!current_.empty()) spans_.push_back({std::move(current_), weight_});
        current_.clear();
    }

    int line_;
    std::size_t opened_at_{};
    std::string current_{};
    Weight weight_{Weight::regular};
    RichText spans_{};
};

// The line's text behind "# ", "- ", "12. "; nothing when the line is not one.
struct Lead {
    int number{};  // level of a heading, number of an item
    Marked rest{};
};

std::optional<Lead> heading_of(const Marked& line) {
    std::size_t level = 0;
    while (line.is(level, '#')) ++level;
    if (level == 0 || level > heading_level_max || !line.is_space(level)) return std::nullopt;
    return Lead{static_cast<int>(level), trimmed(line.part(level))};
}

std::optional<Lead> bullet_of(const Marked& line) {
    if (!(line.is(0, '-') || line.is(0, '*')) || !line.is_space(1)) return std::nullopt;
    return Lead{0, trimmed(line.part(1))};
}

std::optional<Lead> number_of(const Marked& line) {
    constexpr std::size_t digits_max = 4;
    std::size_t digits = 0;
    int number = 0;
    while (digits < digits_max && digits < line.size() && line.from_template[digits] != 0 &&
           line.text[digits] >= '0' && line.text[digits] <= '9')
        number = number * 10 + (line.text[digits++] - '0');
    if (digits == 0 || !line.is(digits, '.') || !line.is_space(digits + 1)) return std::nullopt;
    return Lead{number, trimmed(line.part(digits + 1))};
}

std::vector<Marked> cells_of(const Marked& line) {
    std::vector<Marked> cells;
    std::size_t from = 1;
    for (std::size_t at = 1; at < line.size(); ++at) {
        if (line.is(at, '\\')) {
            ++at;
        } else if (line.is(at, '|')) {
            cells.push_back(trimmed(line.part(from, at - from)));
            from = at + 1;
        }
    }
    if (from < line.size()) cells.push_back(trimmed(line.part(from)));
    return cells;
}

// ":---", ":---:", "---:"; nothing for anything else.
std::optional<Align> alignment_of(const Marked& cell) {
    const auto dashes = cell.text.find_first_not_of(':');
    const bool plain = std::ranges::all_of(cell.from_template, [](char c) { return c != 0; });
    if (!plain || dashes == std::string::npos ||
        cell.text.find_first_not_of("-:") != std::string::npos)
        return std::nullopt;
    const bool left = cell.text.front() == ':';
    const bool right = cell.text.back() == ':';
    if (left && right) return Align::centre;
    return right ? Align::right : Align::left;
}

class BlockReader {
public:
    explicit BlockReader(std::vector<Line> lines) : lines_(std::move(lines)) {
        for (auto& line : lines_) line.content = trimmed(line.content);
    }

    Result<std::vector<Block>> read() {
        while (at_ < lines_.size()) {
            const auto& line = here();
            Result<void> taken{};
            if (line.content.text.empty())
                ++at_;
            else if (const auto heading = heading_of(line.content))
                taken = read_heading(*heading);
            else if (line.content.is(0, '|'))
                taken = read_table();
            else if (bullet_of(line.content) || number_of(line.content))
                taken = read_list(number_of(line.content).has_value());
            else
                taken = read_paragraph();
            if (!taken) return base::fail(std::move(taken.error()));
        }
        return std::move(blocks_);
    }

private:
    const Line& here() const { return lines_[at_]; }

    bool starts_block(const Marked& line) const {
        return line.text.empty() || heading_of(line) || line.is(0, '|') || bullet_of(line) ||
               number_of(line);
    }

    Result<void> read_heading(const Lead& heading) {
        auto text = SpanReader{here().number}.read(heading.rest);
        if (!text) return base::fail(std::move(text.error()));
        blocks_.push_back(Heading{heading.number, std::move(*text)});
        ++at_;
        return {};
    }

    // Joins following lines that start nothing of their own.
    Result<RichText> read_text(Marked first) {
        const int line = here().number;
        ++at_;
        while (true) {
            const bool broken = first.size() > 0 && first.is(first.size() - 1, '\\') &&
                                !(first.size() > 1 && first.is(first.size() - 2, '\\'));
            if (broken) first = trimmed(first.part(0, first.size() - 1));
            if (at_ >= lines_.size() || starts_block(here().content)) break;
            first.add(broken ? "\n" : " ", true);
            first.text += here().content.text;
            first.from_template += here().content.from_template;
            ++at_;
        }
        return SpanReader{line}.read(first);
    }

    Result<void> read_paragraph() {
        auto text = read_text(here().content);
        if (!text) return base::fail(std::move(text.error()));
        blocks_.push_back(Paragraph{std::move(*text)});
        return {};
    }

    Result<void> read_list(bool numbered) {
        List list{.numbered = numbered};
        const auto lead = [&] {
            return numbered ? number_of(here().content) : bullet_of(here().content);
        };
        list.first = lead()->number;
        while (at_ < lines_.size()) {
            const auto item = lead();
            if (!item) break;
            auto text = read_text(item->rest);
            if (!text) return base::fail(std::move(text.error()));
            list.items.push_back(std::move(*text));
        }
        blocks_.push_back(std::move(list));
        return {};
    }

    Result<void> read_table() {
        Table table;
        while (at_ < lines_.size() && here().content.is(0, '|')) {
            const auto cells = cells_of(here().content);
            if (table.rows.size() == 1 && !table.header && read_alignment(cells, table)) {
                ++at_;
                continue;
            }
            if (table.rows.empty()) table.columns.assign(cells.size(), Align::left);
            if (cells.size() != table.columns.size())
                return base::fail("page.table_ragged",
                                  "This row has " + std::to_string(cells.size()) +
                                      " cells, the first has " +
                                      std::to_string(table.columns.size()) + ".",
                                  "line " + std::to_string(here().number));
            auto& row = table.rows.emplace_back();
            for (const auto& cell : cells) {
                auto text = SpanReader{here().number}.read(cell);
                if (!text) return base::fail(std::move(text.error()));
                row.push_back(std::move(*text));
            }
            ++at_;
        }
        blocks_.push_back(std::move(table));
        return {};
    }

    static bool read_alignment(const std::vector<Marked>& cells, Table& table) {
        std::vector<Align> columns;
        for (const auto& cell : cells) {
            const auto align = alignment_of(cell);
            if (!align) return false;
            columns.push_back(*align);
        }
        if (columns.size() != table.columns.size()) return false;
        table.columns = std::move(columns);
        table.header = true;
        return true;
    }

    std::vector<Line> lines_;
    std::size_t at_{};
    std::vector<Block> blocks_{};
};

}  // namespace

Result<std::vector<Block>> parse_blocks(const base::Pieces& body) {
    return BlockReader{lines_of(body)}.read();
}

std::string plain_line(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto hidden = hidden_at(text, at);
        if (hidden == 0) {
            line += text[at++];
            continue;
        }
        const auto gone = text.substr(at, hidden);
        const bool space = gone == "\n" || gone == "\r" || gone == "\t" || gone == "\v" ||
                           gone == "\f" || gone == "\xC2\x85" || gone == "\xE2\x80\xA8" ||
                           gone == "\xE2\x80\xA9";
        if (space && !line.ends_with(' ')) line += ' ';
        at += hidden;
    }
    return line;
}

}  // namespace carillon::channels
