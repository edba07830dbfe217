// A report as headings, sentences, tables and charts: made once, written in every format.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/measured.h"

namespace carillon::reports {

// What people read; `number` is the same for a spreadsheet, when it is one.
struct Cell {
    std::string text{};
    std::optional<double> number{};
    Cell(std::string words) : text(std::move(words)) {}
    Cell(const char* words) : text(words) {}
    Cell(std::string words, double value) : text(std::move(words)), number(value) {}
};

struct Table {
    std::string title{};
    std::vector<std::string> columns{};
    std::vector<std::vector<Cell>> rows{};
};

// Horizontal bars from zero, or points with their intervals.
enum class ChartKind { bars, intervals };
struct ChartItem {
    std::string label{};
    double value{};
    std::string shown{};  // the value as people read it
    Interval within{};    // equal ends: none
};
struct Chart {
    ChartKind kind{};
    std::string title{};
    std::vector<ChartItem> items{};
};

struct Section {
    std::string title{};
    std::vector<std::string> sentences{};
    std::vector<Table> tables{};
    std::vector<Chart> charts{};
};

struct Document {
    std::string language{"en"};
    std::string title{};
    std::string subtitle{};
    std::vector<Section> sections{};
};

std::string to_text(const Document& document);
// One line for each cell: section, table, row, column, value. Numbers with a point, without groups;
// texts guarded against being taken for formulas.
std::string to_csv(const Document& document);
std::string to_html(const Document& document);
// Writes a workbook, one sheet a section. False when the file cannot be written.
bool write_xlsx(const Document& document, const std::string& path);
// A4 pages with the same tables and charts. False when the file cannot be written.
bool write_pdf(const Document& document, const std::string& path);

// The chart as an SVG element; also what the PDF draws, so that both look alike.
std::string to_svg(const Chart& chart);

}  // namespace carillon::reports
