// A document as text for a terminal and as CSV.
#include <fmt/format.h>

#include <algorithm>

#include "audience/csv.h"
#include "reports/document.h"

namespace carillon::reports {

namespace {

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(const Cell& cell, std::size_t width) {
    const std::string space(width - std::min(width, width_of(cell.text)), ' ');
    return cell.number ? space + cell.text : cell.text + space;
}

void append_table(std::string& out, const Table& table) {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        auto width = width_of(table.columns[i]);
        for (const auto& row : table.rows) width = std::max(width, width_of(row[i].text));
        widths.push_back(width);
    }
    const auto append_row = [&](auto&& cell_at) {
        std::string line;
        for (std::size_t i = 0; i < widths.size(); ++i)
            line += (i == 0 ? "" : "  ") + padded(cell_at(i), widths[i]);
        while (line.ends_with(' ')) line.pop_back();
        out += line + "\n";
    };
    out += table.title + "\n";
    append_row([&](std::size_t i) { return Cell{table.columns[i]}; });
    std::size_t total = 2 * (widths.size() - 1);
    for (const auto width : widths) total += width;
    out += std::string(total, '-') + "\n";
    for (const auto& row : table.rows) append_row([&](std::size_t i) { return row[i]; });
}

}  // namespace

std::string to_text(const Document& document) {
    auto out = document.title + "\n" + document.subtitle + "\n";
    for (const auto& section : document.sections) {
        out += "\n" + section.title + "\n" + std::string(width_of(section.title), '=') + "\n";
        for (const auto& sentence : section.sentences) out += sentence + "\n";
        for (const auto& table : section.tables) {
            out += "\n";
            append_table(out, table);
        }
    }
    return out;
}

std::string to_csv(const Document& document) {
    std::string out;
    using Texts = std::vector<std::string_view>;
    audience::append_csv_row(out, Texts{"section", "table", "row", "column", "value"});
    const auto append_cell = [&](const Section& section, const Table& table, std::size_t row,
                                 std::size_t column) {
        const auto& cell = table.rows[row][column];
        const auto number = std::to_string(row + 1);
        Texts texts{section.title, table.title, number, table.columns[column]};
        if (!cell.number) texts.push_back(cell.text);
        audience::append_csv_row(out, texts);
        if (!cell.number) return;
        // A number of ours is no formula: "-0.05" stays a number.
        out.resize(out.size() - 2);
        out += "," + fmt::format("{}", *cell.number) + "\r\n";
    };
    for (const auto& section : document.sections) {
        for (const auto& sentence : section.sentences)
            audience::append_csv_row(out, Texts{section.title, "", "", "", sentence});
        for (const auto& table : section.tables)
            for (std::size_t row = 0; row < table.rows.size(); ++row)
                for (std::size_t i = 0; i < table.columns.size(); ++i)
                    append_cell(section, table, row, i);
    }
    return out;
}

}  // namespace carillon::reports
