// Charts as SVG, and the page in HTML that holds them. No scripts, no fonts or pictures from
// elsewhere: the file can be mailed and opened anywhere.
#include <fmt/format.h>

#include <algorithm>

#include "reports/chart_geometry.h"
#include "reports/document.h"

namespace carillon::reports {

namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    return out;
}

constexpr std::string_view style = R"(
body{font:14px/1.45 "PT Sans",Arial,sans-serif;color:#1d2433;margin:32px auto;max-width:1180px;padding:0 16px}
h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:32px 0 8px;border-bottom:2px solid #1f5fbf}
h3{font-size:14px;margin:18px 0 6px;color:#46536a}p{margin:4px 0}.sub{color:#46536a}
table{border-collapse:collapse;margin:4px 0 12px}th,td{padding:4px 10px;border-bottom:1px solid #d9dee7;text-align:left;
vertical-align:top}th{color:#46536a;font-weight:600}td.n,th.n{text-align:right;white-space:nowrap}
)";

void append_table(std::string& out, const Table& table) {
    out += "<h3>" + escaped(table.title) + "</h3>\n<table>\n<tr>";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const bool numbers = !table.rows.empty() && table.rows.front()[i].number;
        out += (numbers ? "<th class=\"n\">" : "<th>") + escaped(table.columns[i]) + "</th>";
    }
    out += "</tr>\n";
    for (const auto& row : table.rows) {
        out += "<tr>";
        for (const auto& cell : row)
            out += (cell.number ? "<td class=\"n\">" : "<td>") + escaped(cell.text) + "</td>";
        out += "</tr>\n";
    }
    out += "</table>\n";
}

}  // namespace

std::string to_svg(const Chart& chart) {
    const auto drawing = draw(chart);
    auto out = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.0f}\" height=\"{:.0f}\" viewBox=\"0 "
        "0 "
        "{:.0f} {:.0f}\" role=\"img\" font-family=\"PT Sans,Arial,sans-serif\" "
        "font-size=\"12\">\n<title>{}</title>\n",
        drawing.width, drawing.height, drawing.width, drawing.height, escaped(chart.title));
    for (const auto& box : drawing.boxes)
        out += fmt::format(
            "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\"/>\n",
            box.x, box.y, box.width, box.height, box.colour);
    for (const auto& label : drawing.labels)
        out += fmt::format(
            "<text x=\"{:.2f}\" y=\"{:.2f}\" text-anchor=\"{}\" fill=\"{}\">{}</text>\n", label.x,
            label.y, label.right ? "end" : "start", ink, escaped(label.text));
    return out + "</svg>\n";
}

std::string to_html(const Document& document) {
    std::string out = "<!doctype html>\n<html lang=\"" + document.language +
                      "\">\n<head><meta charset=\"utf-8\"><title>" + escaped(document.title) +
                      "</title>\n<style>" + std::string{style} + "</style></head>\n<body>\n<h1>" +
                      escaped(document.title) + "</h1>\n<p class=\"sub\">" +
                      escaped(document.subtitle) + "</p>\n";
    for (const auto& section : document.sections) {
        out += "<h2>" + escaped(section.title) + "</h2>\n";
        for (const auto& sentence : section.sentences) out += "<p>" + escaped(sentence) + "</p>\n";
        for (const auto& chart : section.charts)
            out += "<h3>" + escaped(chart.title) + "</h3>\n" + to_svg(chart);
        for (const auto& table : section.tables) append_table(out, table);
    }
    return out + "</body>\n</html>\n";
}

}  // namespace carillon::reports
