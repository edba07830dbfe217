#include "channels/page_flow.h"

#include <algorithm>

#include "channels/page_words.h"

namespace carillon::channels {

namespace {

using base::Result;

constexpr double paragraph_gap = 2.4;
constexpr double block_gap = 3.6;
constexpr double item_gap = 0.8;
constexpr double item_indent = 6;
constexpr double closing_gap = 8;
constexpr double signature_height_max = 16;
constexpr double signature_width_max = 55;
constexpr double qr_size = 22;
constexpr double qr_quiet = 3;  // at least four modules, ISO/IEC 18004
// Fewer lines than this never stand alone at the end or the beginning of a page.
constexpr std::size_t lines_together = 2;

RichText in_bold(const RichText& text) {
    auto bold = text;
    for (auto& span : bold) span.weight = Weight::bold;
    return bold;
}

}  // namespace

FlowStyle fax_style(const std::string& family) {
    FlowStyle style;
    style.body = {.family = family, .size_pt = 12, .leading_pt = 16};
    style.bold = {.family = family, .size_pt = 12, .leading_pt = 16, .weight = Weight::bold};
    style.heading = {.family = family, .size_pt = 14, .leading_pt = 19, .weight = Weight::bold};
    style.table = {.family = family, .size_pt = 11, .leading_pt = 14};
    return style;
}

PageFlow::PageFlow(const FlowRoom& room, const FlowStyle& style, const Typesetter& typesetter,
                   std::string language)
    : room_(room),
      style_(style),
      typesetter_(typesetter),
      language_(std::move(language)),
      plan_{room.page_width, room.page_height, std::vector<Page>(1)},
      y_(room.first_top) {}

Result<void> PageFlow::add(const PageDocument& document, const ResponsePanel& response) {
    if (!document.subject.empty()) {
        const auto subject =
            typesetter_.set(plain_line(document.subject), style_.bold, room_.width, "subject");
        if (!subject) return base::fail(subject.error());
        if (auto done = flow(*subject, room_.left, room_.width, black); !done) return done;
        space(block_gap);
    }
    for (std::size_t i = 0; i < document.blocks.size(); ++i)
        if (auto done = add_block(document.blocks[i], "block " + std::to_string(i + 1)); !done)
            return done;
    if (auto done = add_closing(document.closing); !done) return done;
    if (auto done = add_enclosures(document.enclosures); !done) return done;
    return response.empty() ? Done{} : add_response(response);
}

Result<void> PageFlow::add_block(const Block& block, const std::string& place) {
    return std::visit([&](const auto& what) { return add(what, place); }, block);
}

Result<void> PageFlow::add(const Heading& heading, const std::string& place) {
    auto style = style_.heading;
    style.size_pt -= heading.level - 1;
    const auto text = typesetter_.set(heading.text, style, room_.width, place);
    if (!text) return base::fail(text.error());
    space(block_gap / 2);
    // A heading stays with the first lines of what it stands over.
    const double body = style_.body.leading_pt * 25.4 / 72;
    if (auto done = need(text->height() + 2 * body); !done) return done;
    if (auto done = flow(*text, room_.left, room_.width, style_.accent); !done) return done;
    space(paragraph_gap / 2);
    return {};
}

Result<void> PageFlow::add(const Paragraph& paragraph, const std::string& place) {
    const auto text = typesetter_.set(paragraph.text, style_.body, room_.width, place);
    if (!text) return base::fail(text.error());
    if (auto done = flow(*text, room_.left, room_.width, black); !done) return done;
    space(paragraph_gap);
    return {};
}

Result<void> PageFlow::add(const List& list, const std::string& list_place) {
    const double width = room_.width - item_indent;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        const auto item_place = list_place + " item " + std::to_string(i + 1);
        const auto text = typesetter_.set(list.items[i], style_.body, width, item_place);
        if (!text) return base::fail(text.error());
        const auto mark =
            list.numbered ? std::to_string(list.first + static_cast<int>(i)) + "." : "•";
        auto plain = style_.body;
        plain.justified = false;
        const auto lead = typesetter_.set(mark, plain, unlimited_mm, item_place);
        if (!lead) return base::fail(lead.error());
        const auto together = std::min(text->lines.size(), lines_together);
        if (auto done = need(text->leading * static_cast<double>(together)); !done) return done;
        place(*lead, 0, 1, room_.left, item_indent - 1.5, Align::right, black);
        if (auto done = flow(*text, room_.left + item_indent, width, black); !done) return done;
        space(item_gap);
    }
    space(paragraph_gap - item_gap);
    return {};
}

Result<void> PageFlow::add_closing(const Closing& closing) {
    std::vector<SetText> texts;
    for (const auto* words : {&closing.words, &closing.name, &closing.position}) {
        auto style = style_.body;
        style.justified = false;
        auto text = typesetter_.set(plain_line(*words), style, room_.width, "closing");
        if (!text) return base::fail(std::move(text.error()));
        texts.push_back(words->empty() ? SetText{} : std::move(*text));
    }
    Box signature{};
    std::shared_ptr<const Picture> picture;
    if (!closing.image_png.empty()) {
        auto read = read_picture(closing.image_png, "signature");
        if (!read) return base::fail(std::move(read.error()));
        picture = std::move(*read);
        const double shape = static_cast<double>(picture->width) / picture->height;
        signature.width = std::min(signature_width_max, signature_height_max * shape);
        signature.height = signature.width / shape;
    }
    double height = signature.height;
    for (const auto& text : texts) height += text.height();
    if (height == 0) return {};
    if (auto done = need(height + closing_gap / 2); !done) return done;
    space(closing_gap / 2);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (!texts[i].lines.empty()) {
            place(texts[i], 0, texts[i].lines.size(), room_.left, room_.width, Align::left, black);
            y_ += texts[i].height();
        }
        if (i == 0 && picture) {
            page().items.push_back(
                {Role::body,
                 PictureItem{{room_.left, y_, signature.width, signature.height}, picture}});
            y_ += signature.height;
        }
    }
    space(closing_gap / 2);
    return {};
}

Result<void> PageFlow::add_enclosures(const std::vector<std::string>& enclosures) {
    if (enclosures.empty()) return {};
    auto style = style_.table;
    RichText words{{std::string{page_words(language_).enclosures}, Weight::bold}};
    for (std::size_t i = 0; i < enclosures.size(); ++i)
        words.push_back({"\n" + std::to_string(i + 1) + ". " + plain_line(enclosures[i])});
    const auto text = typesetter_.set(words, style, room_.width, "enclosures");
    if (!text) return base::fail(text.error());
    space(paragraph_gap);
    if (auto done = flow(*text, room_.left, room_.width, black); !done) return done;
    space(paragraph_gap);
    return {};
}

// A thin frame: the QR code at the left, what to do at the right.
Result<void> PageFlow::add_response(const ResponsePanel& response) {
    const auto& words = page_words(language_);
    RichText advice{{std::string{words.response_title}, Weight::bold}};
    if (!response.url.empty()) advice.push_back({"\n" + std::string{words.scan}});
    if (!response.code.empty()) advice.push_back({"\n" + std::string{words.or_code}});
    if (!response.code.empty()) advice.push_back({" " + plain_line(response.code), Weight::bold});
    const double text_left = response.url.empty() ? qr_quiet : qr_size + 3 * qr_quiet;
    const double text_width = room_.width - text_left - qr_quiet;
    const auto text = typesetter_.set(advice, style_.table, text_width, "response");
    if (!text) return base::fail(text.error());
    const double height = response.url.empty() ? text->height() + 2 * qr_quiet
                                               : std::max(qr_size, text->height()) + 2 * qr_quiet;
    space(paragraph_gap);
    if (auto done = need(height); !done) return done;
    if (!response.url.empty()) {
        auto symbol = qr_code(response.url);
        if (!symbol) return base::fail(std::move(symbol.error()));
        page().items.push_back(
            {Role::body, SymbolItem{{room_.left + qr_quiet, y_ + qr_quiet, qr_size, qr_size},
                                    std::move(*symbol)}});
    }
    const double line = 0.2;
    for (const Box& edge :
         {Box{room_.left, y_, room_.width, line},
          Box{room_.left, y_ + height - line, room_.width, line}, Box{room_.left, y_, line, height},
          Box{room_.left + room_.width - line, y_, line, height}})
        page().items.push_back({Role::body, RuleItem{edge, grey}});
    const double top = y_;
    y_ += (height - text->height()) / 2;
    place(*text, 0, text->lines.size(), room_.left + text_left, text_width, Align::left, black);
    y_ = top + height + paragraph_gap;
    return {};
}

Result<void> PageFlow::flow(const SetText& text, double left, double width, const Colour& colour) {
    const auto total = text.lines.size();
    for (std::size_t first = 0; first < total;) {
        const double room = room_.bottom - y_;
        auto count = static_cast<std::size_t>(std::max(0.0, room / text.leading + 1e-6));
        const auto left_over = total - first;
        if (count >= left_over) {
            count = left_over;
        } else {
            if (left_over - count < lines_together)
                count = left_over > lines_together ? left_over - lines_together : 0;
            const bool too_few = count < lines_together;
            if (too_few && y_ > page_top()) count = 0;
        }
        if (count == 0) {
            if (auto done = new_page(); !done) return done;
            continue;
        }
        place(text, first, count, left, width, Align::left, colour);
        y_ += text.leading * static_cast<double>(count);
        first += count;
        if (first < total)
            if (auto done = new_page(); !done) return done;
    }
    return {};
}

Result<void> PageFlow::need(double height) {
    const bool fits = y_ + height <= room_.bottom + box_slack_mm;
    return fits || y_ <= page_top() ? Done{} : new_page();
}

Result<void> PageFlow::new_page() {
    if (static_cast<int>(plan_.pages.size()) >= room_.pages_max)
        return base::fail("letter.too_many_pages",
                          "The document needs more than the " + std::to_string(room_.pages_max) +
                              " pages that are allowed.",
                          "page " + std::to_string(room_.pages_max + 1));
    plan_.pages.emplace_back();
    y_ = page_top();
    return {};
}

void PageFlow::space(double millimetres) {
    if (y_ > page_top()) y_ += millimetres;
}

void PageFlow::place(const SetText& text, std::size_t first, std::size_t count, double left,
                     double width, Align align, const Colour& colour) {
    page().items.push_back(
        {Role::body, TextItem{text, first, count, left, y_, width, align, colour}});
}

// --- tables --------------------------------------------------------------------------------------

// Rows stay whole; the header stands again on every page.
class TableSetter {
public:
    TableSetter(PageFlow& flow, const Table& table, std::string place)
        : flow_(flow), table_(table), place_(std::move(place)) {}

    Result<void> set() {
        if (auto done = measure(); !done) return done;
        share_width();
        if (auto done = set_cells(); !done) return done;
        flow_.space(paragraph_gap / 2);
        const auto header = table_.header ? std::size_t{1} : std::size_t{0};
        for (std::size_t row = header; row < cells_.size(); ++row) {
            const bool first = row == header;
            const double with_header = first && table_.header ? height_of(0) : 0;
            const auto pages = flow_.plan_.pages.size();
            if (auto done = flow_.need(height_of(row) + with_header); !done) return done;
            if (table_.header && (first || flow_.plan_.pages.size() != pages)) place_row(0);
            place_row(row);
        }
        if (table_.header && cells_.size() == 1) place_row(0);
        flow_.space(paragraph_gap);
        return {};
    }

private:
    static constexpr double padding_x = 1.6;
    static constexpr double padding_y = 0.9;
    static constexpr double line = 0.15;

    std::string place_of(std::size_t row, std::size_t column) const {
        return place_ + " row " + std::to_string(row + 1) + " column " + std::to_string(column + 1);
    }

    Result<SetText> set_cell(std::size_t row, std::size_t column, double width) const {
        const bool header = table_.header && row == 0;
        const auto& text = table_.rows[row][column];
        return flow_.typesetter_.set(header ? in_bold(text) : text, flow_.style_.table, width,
                                     place_of(row, column));
    }

    Result<void> measure() {
        natural_.assign(table_.columns.size(), 0);
        for (std::size_t row = 0; row < table_.rows.size(); ++row) {
            auto& cells = cells_.emplace_back();
            for (std::size_t column = 0; column < table_.columns.size(); ++column) {
                auto cell = set_cell(row, column, unlimited_mm);
                if (!cell) return base::fail(std::move(cell.error()));
                natural_[column] = std::max(natural_[column], cell->right() + 2 * padding_x + 0.1);
                cells.push_back(std::move(*cell));
            }
        }
        return {};
    }

    // Columns narrower than an equal share keep their width, the wider ones divide what is left;
    // what is left over when all fit goes to all.
    void share_width() {
        double room = flow_.room_.width;
        widths_.assign(natural_.size(), 0);
        std::vector<std::size_t> open(natural_.size());
        for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
        for (bool changed = true; changed && !open.empty();) {
            changed = false;
            const double share = room / static_cast<double>(open.size());
            for (auto at = open.begin(); at != open.end();) {
                if (natural_[*at] > share) {
                    ++at;
                    continue;
                }
                widths_[*at] = natural_[*at];
                room -= natural_[*at];
                at = open.erase(at);
                changed = true;
            }
        }
        for (const auto column : open) widths_[column] = room / static_cast<double>(open.size());
        if (open.empty())
            for (auto& width : widths_) width += room / static_cast<double>(widths_.size());
    }

    Result<void> set_cells() {
        for (std::size_t row = 0; row < cells_.size(); ++row)
            for (std::size_t column = 0; column < widths_.size(); ++column) {
                const double width = widths_[column] - 2 * padding_x;
                if (cells_[row][column].right() <= width) continue;
                auto cell = set_cell(row, column, width);
                if (!cell) return base::fail(std::move(cell.error()));
                cells_[row][column] = std::move(*cell);
            }
        return {};
    }

    double height_of(std::size_t row) const {
        double height = 0;
        for (const auto& cell : cells_[row]) height = std::max(height, cell.height());
        return height + 2 * padding_y;
    }

    void place_row(std::size_t row) {
        const bool header = table_.header && row == 0;
        const double top = flow_.y_;
        double left = flow_.room_.left;
        flow_.y_ += padding_y;
        for (std::size_t column = 0; column < widths_.size(); ++column) {
            const auto& cell = cells_[row][column];
            flow_.place(cell, 0, cell.lines.size(), left + padding_x,
                        widths_[column] - 2 * padding_x, table_.columns[column], black);
            left += widths_[column];
        }
        flow_.y_ = top + height_of(row);
        const double thickness = header ? 2 * line : line;
        flow_.page().items.push_back(
            {Role::body,
             RuleItem{{flow_.room_.left, flow_.y_ - thickness, flow_.room_.width, thickness},
                      header ? flow_.style_.accent : light_grey}});
    }

    PageFlow& flow_;
    const Table& table_;
    std::string place_;
    std::vector<std::vector<SetText>> cells_{};
    std::vector<double> natural_{};
    std::vector<double> widths_{};
};

Result<void> PageFlow::add(const Table& table, const std::string& place) {
    return TableSetter{*this, table, place}.set();
}

}  // namespace carillon::channels
