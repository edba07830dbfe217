// Lets the blocks of a document flow over pages: the part that letters and faxes share. Knows the
// room of the first page and of the others, nothing of windows or header lines.
// One flow makes one document, in one thread.
#pragma once

#include <string>

#include "channels/page_document.h"
#include "channels/page_plan.h"
#include "channels/typesetter.h"

namespace carillon::channels {

struct FlowStyle {
    TextStyle body{.justified = true};
    // The subject. Every further face costs a letter some 10 KB and half a millisecond.
    TextStyle bold{.family = "PT Sans", .size_pt = 11, .leading_pt = 15, .weight = Weight::bold};
    TextStyle heading{.family = "PT Sans", .size_pt = 12, .leading_pt = 16, .weight = Weight::bold};
    TextStyle table{.family = "PT Sans", .size_pt = 9, .leading_pt = 12};
    Colour accent{};
};
// The same in one sans-serif family, larger: what a fax can still show.
FlowStyle fax_style(const std::string& family);

struct FlowRoom {
    double page_width{};
    double page_height{};
    double left{};
    double width{};
    double first_top{};  // of page 1
    double top{};        // of the others
    double bottom{};
    int pages_max{10};
};

// What follows the document when somebody may answer it.
struct ResponsePanel {
    std::string url{};   // of this client; empty: no QR code
    std::string code{};  // short, to be typed; empty: not printed
    bool empty() const { return url.empty() && code.empty(); }
};

class PageFlow {
public:
    PageFlow(const FlowRoom& room, const FlowStyle& style, const Typesetter& typesetter,
             std::string language);

    // Errors name the place ("paragraph 3"): letter.glyph_missing, letter.too_many_pages,
    // letter.image_invalid, letter.symbol_invalid.
    base::Result<void> add(const PageDocument& document, const ResponsePanel& response);
    PagePlan take() { return std::move(plan_); }

private:
    using Done = base::Result<void>;

    Done add_block(const Block& block, const std::string& place);
    Done add(const Heading& heading, const std::string& place);
    Done add(const Paragraph& paragraph, const std::string& place);
    Done add(const List& list, const std::string& place);
    Done add(const Table& table, const std::string& place);
    Done add_closing(const Closing& closing);
    Done add_response(const ResponsePanel& response);
    Done add_enclosures(const std::vector<std::string>& enclosures);

    // Lines that break over pages, never leaving one alone at an end.
    Done flow(const SetText& text, double left, double width, const Colour& colour);
    Done need(double height);  // a new page when so much does not fit
    Done new_page();
    void space(double millimetres);  // unless at the top of a page
    void place(const SetText& text, std::size_t first, std::size_t count, double left, double width,
               Align align, const Colour& colour);
    Page& page() { return plan_.pages.back(); }
    double page_top() const { return plan_.pages.size() == 1 ? room_.first_top : room_.top; }

    friend class TableSetter;

    FlowRoom room_;
    FlowStyle style_;
    const Typesetter& typesetter_;  // borrowed
    std::string language_;
    PagePlan plan_{};
    double y_{};
};

}  // namespace carillon::channels
