// A document as a workbook. The only file that speaks to libxlsxwriter.
#include <xlsxwriter.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "reports/document.h"

namespace carillon::reports {

namespace {

// Excel's rules for names of sheets: at most 31 characters, none of []:*?/\, each once.
std::string sheet_name(const std::string& title, std::set<std::string>& taken) {
    std::string name;
    for (const char c : title)
        name += std::string_view{"[]:*?/\\'"}.find(c) == std::string_view::npos ? c : ' ';
    name = base::cut_utf8(name, 28);
    auto candidate = name;
    for (int i = 2; !taken.insert(base::fold_case(candidate)).second; ++i)
        candidate = name + " " + std::to_string(i);
    return candidate;
}

// A number as people read it: "+5,952 %", "1 234.50 RUB". Nothing when it is none.
struct ShownNumber {
    double value{};
    int decimals{};
    bool percent{};
};

std::optional<ShownNumber> shown_number(std::string_view text) {
    ShownNumber shown;
    std::string digits;
    bool is_fraction = false;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        const bool is_digit = c >= '0' && c <= '9';
        if (is_digit || (c == '-' && digits.empty())) {
            digits += c;
            shown.decimals += is_fraction ? 1 : 0;
        } else if ((c == '.' || c == ',') && !is_fraction && !digits.empty()) {
            digits += '.';
            is_fraction = true;
        } else if (c == '%' || (c >= 'A' && c <= 'Z')) {
            break;
        } else if (static_cast<unsigned char>(c) < 0x80 && c != ' ' && c != '+') {
            return std::nullopt;
        }
    }
    const auto unit = text.substr(at);
    shown.percent = unit == "%";
    // Beside shares only amounts carry a unit that says nothing about the size of the number.
    if (!unit.empty() && !shown.percent && unit.size() != 3) return std::nullopt;
    const auto* end = digits.data() + digits.size();
    if (std::from_chars(digits.data(), end, shown.value).ptr != end || digits.empty())
        return std::nullopt;
    if (shown.percent) shown.value /= 100;
    return shown;
}

// The spreadsheet's format in which the number looks as its text does; empty: its own.
std::string number_format(const Cell& cell) {
    const auto shown = shown_number(cell.text);
    if (!shown) return {};
    const auto within = std::pow(10.0, -shown->decimals) * (shown->percent ? 0.01 : 1.0);
    if (std::abs(shown->value - cell.number.value_or(0)) > within) return {};
    auto format = std::string{shown->percent ? "0" : "#,##0"};
    if (shown->decimals > 0)
        format += "." + std::string(static_cast<std::size_t>(shown->decimals), '0');
    return shown->percent ? format + "%" : format;
}

constexpr lxw_color_t bar_colour = 0x1f5fbf;
constexpr const char* interval_format = "0.00";

class Workbook {
public:
    explicit Workbook(const std::string& path)
        : book_(workbook_new(path.c_str())),
          bold_(workbook_add_format(book_)),
          head_(workbook_add_format(book_)) {
        format_set_bold(bold_);
        format_set_bold(head_);
        format_set_bottom(head_, LXW_BORDER_THIN);
    }

    bool write(const Document& document) {
        std::set<std::string> taken;
        for (const auto& section : document.sections)
            sheet(document, section, sheet_name(section.title, taken));
        return workbook_close(book_) == LXW_NO_ERROR;
    }

private:
    // Always as text: what a client is called can never become a formula.
    void text(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t column, const std::string& words,
              lxw_format* format = nullptr) {
        worksheet_write_string(sheet, row, column, words.c_str(), format);
    }

    lxw_format* format_for(const std::string& number) {
        if (number.empty()) return nullptr;
        auto& format = formats_[number];
        if (format == nullptr) {
            format = workbook_add_format(book_);
            format_set_num_format(format, number.c_str());
        }
        return format;
    }

    // Printed, a section is as wide as one page.
    static void set_page(lxw_worksheet* sheet) {
        worksheet_set_paper(sheet, 9);  // A4
        worksheet_set_landscape(sheet);
        worksheet_fit_to_pages(sheet, 1, 0);
        worksheet_set_column(sheet, 0, 0, 30, nullptr);
        worksheet_set_column(sheet, 1, 11, 18, nullptr);
    }

    void sheet(const Document& document, const Section& section, const std::string& name) {
        auto* sheet = workbook_add_worksheet(book_, name.c_str());
        lxw_row_t row = 0;
        text(sheet, row++, 0, document.title, bold_);
        text(sheet, row++, 0, section.title, bold_);
        for (const auto& sentence : section.sentences) text(sheet, row++, 0, sentence);
        for (const auto& table : section.tables) {
            ++row;
            text(sheet, row++, 0, table.title, bold_);
            for (std::size_t i = 0; i < table.columns.size(); ++i)
                text(sheet, row, static_cast<lxw_col_t>(i), table.columns[i], head_);
            ++row;
            for (const auto& cells : table.rows) {
                for (std::size_t i = 0; i < cells.size(); ++i) {
                    const auto column = static_cast<lxw_col_t>(i);
                    if (cells[i].number)
                        worksheet_write_number(sheet, row, column, *cells[i].number,
                                               format_for(number_format(cells[i])));
                    else
                        text(sheet, row, column, cells[i].text);
                }
                ++row;
            }
        }
        for (const auto& drawing : section.charts) row = chart(sheet, name, drawing, row + 1);
        set_page(sheet);
    }

    // The numbers of a chart as a table, and the chart drawn from these cells. Answers the first
    // free row.
    lxw_row_t chart(lxw_worksheet* sheet, const std::string& name, const Chart& chart,
                    lxw_row_t row) {
        text(sheet, row++, 0, chart.title, bold_);
        const auto first = row;
        for (const auto& item : chart.items) {
            text(sheet, row, 0, item.label);
            auto* format = format_for(chart.kind == ChartKind::intervals ? interval_format : "");
            worksheet_write_number(sheet, row, 1, item.value, format);
            if (chart.kind == ChartKind::intervals) {
                worksheet_write_number(sheet, row, 2, item.within.low, format);
                worksheet_write_number(sheet, row, 3, item.within.high, format);
            }
            ++row;
        }
        if (chart.items.empty()) return row;
        const bool not_negative =
            std::ranges::all_of(chart.items, [](const ChartItem& item) { return item.value >= 0; });
        auto* drawn = chart.kind == ChartKind::intervals ? intervals(name, first, row - 1)
                                                         : bars(name, first, row - 1, not_negative);
        chart_title_set_name(drawn, chart.title.c_str());
        chart_legend_set_position(drawn, LXW_CHART_LEGEND_NONE);
        lxw_chart_options options{};
        options.x_scale = 2.0;
        // Intervals stand side by side, with their names below them.
        options.y_scale = chart.kind == ChartKind::intervals
                              ? 1.8
                              : std::max(1.0, static_cast<double>(chart.items.size()) / 8);
        worksheet_insert_chart_opt(sheet, row + 1, 0, drawn, &options);
        const auto rows_covered = static_cast<lxw_row_t>(16 * options.y_scale);
        return row + rows_covered + 2;
    }

    static lxw_chart_series* add_series(lxw_chart* drawn, const std::string& name, lxw_row_t first,
                                        lxw_row_t last, lxw_col_t column) {
        auto* series = chart_add_series(drawn, nullptr, nullptr);
        chart_series_set_categories(series, name.c_str(), first, 0, last, 0);
        chart_series_set_values(series, name.c_str(), first, column, last, column);
        return series;
    }

    lxw_chart* bars(const std::string& name, lxw_row_t first, lxw_row_t last, bool not_negative) {
        auto* drawn = workbook_add_chart(book_, LXW_CHART_BAR);
        auto* series = add_series(drawn, name, first, last, 1);
        lxw_chart_fill fill{};
        fill.color = bar_colour;
        chart_series_set_fill(series, &fill);
        chart_series_set_labels(series);
        chart_axis_set_reverse(drawn->y_axis);  // the first item on top, as in the other formats
        // A bar is as long as its number; the spreadsheet would begin near the smallest.
        if (not_negative) chart_axis_set_min(drawn->x_axis, 0);
        return drawn;
    }

    // A mark for the value between those of the ends, and a line from end to end: error bars of two
    // lengths cannot be made here, but the lines of share prices can.
    lxw_chart* intervals(const std::string& name, lxw_row_t first, lxw_row_t last) {
        auto* drawn = workbook_add_chart(book_, LXW_CHART_LINE);
        lxw_chart_line none{};
        none.none = LXW_TRUE;
        lxw_chart_fill fill{};
        fill.color = bar_colour;
        for (lxw_col_t column = 1; column <= 3; ++column) {
            auto* series = add_series(drawn, name, first, last, column);
            const bool is_value = column == 1;
            chart_series_set_line(series, &none);
            chart_series_set_marker_type(
                series, is_value ? LXW_CHART_MARKER_DIAMOND : LXW_CHART_MARKER_SHORT_DASH);
            chart_series_set_marker_size(series, 8);
            chart_series_set_marker_fill(series, &fill);
            if (!is_value) continue;
            chart_series_set_labels(series);
            chart_series_set_labels_position(series, LXW_CHART_LABEL_POSITION_RIGHT);
            chart_series_set_labels_num_format(series, interval_format);
        }
        chart_axis_set_label_position(drawn->x_axis, LXW_CHART_AXIS_LABEL_POSITION_LOW);
        chart_axis_set_num_format(drawn->y_axis, interval_format);
        lxw_chart_line line{};
        line.color = bar_colour;
        line.width = 1.5F;
        chart_set_high_low_lines(drawn, &line);
        return drawn;
    }

    lxw_workbook* book_;  // freed by workbook_close
    lxw_format* bold_;
    lxw_format* head_;
    std::map<std::string, lxw_format*> formats_;
};

}  // namespace

bool write_xlsx(const Document& document, const std::string& path) {
    return Workbook{path}.write(document);
}

}  // namespace carillon::reports
