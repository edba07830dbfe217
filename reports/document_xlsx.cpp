// A document as a workbook. The only file that speaks to libxlsxwriter.
#include <xlsxwriter.h>

#include <algorithm>
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
                        worksheet_write_number(sheet, row, column, *cells[i].number, nullptr);
                    else
                        text(sheet, row, column, cells[i].text);
                }
                ++row;
            }
        }
        worksheet_set_column(sheet, 0, 11, 18, nullptr);
    }

    lxw_workbook* book_;  // freed by workbook_close
    lxw_format* bold_;
    lxw_format* head_;
};

}  // namespace

bool write_xlsx(const Document& document, const std::string& path) {
    return Workbook{path}.write(document);
}

}  // namespace carillon::reports
