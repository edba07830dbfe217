#include "channels/letter_layout.h"

#include <algorithm>
#include <cstdio>

#include "channels/page_words.h"

namespace carillon::channels {

namespace {

using base::Result;

constexpr double sheet_mark_size = 10;  // mm; 22 modules of 0.45 mm
constexpr double fold_mark_left = 5;    // printers cannot print nearer to the edge
constexpr double fold_mark_width = 4;
constexpr double hairline = 0.2;
constexpr std::string_view sheet_mark_version = "1";
// DIN 5008 asks for at least 8 pt in addresses; 10.5 pt reads best in a sorting machine.
constexpr double address_sizes_pt[] = {10.5, 10, 9.5, 9, 8.5, 8};
constexpr double return_sizes_pt[] = {7.5, 7, 6.5, 6};

std::string place_on_page(std::size_t page, Role role) {
    return "page " + std::to_string(page + 1) + ": " + std::string{to_text(role)};
}

Box zone_of(Role role, std::size_t page, const WindowProfile& window) {
    const auto& margins = window.margins;
    const double top = page == 0 ? window.body_top : margins.top;
    switch (role) {
        case Role::address: return window.address;
        case Role::return_line: return window.return_line;
        case Role::letterhead: return window.letterhead;
        case Role::contact: return window.contact;
        case Role::footer: return window.footer;
        case Role::fold_mark: return {0, 0, margins.left, window.page_height};
        case Role::body:
            return {margins.left, top, window.page_width - margins.left - margins.right,
                    window.page_height - margins.bottom - top};
    }
    return {};
}

// A J stands out to the left of where its line begins. In a window nothing may.
double overhang_left(const SetText& text) {
    double overhang = 0;
    for (const auto& line : text.lines)
        if (line.right > line.left) overhang = std::max(overhang, -line.left);
    return overhang;
}

// One letter on its way to paper.
class LetterLayout {
public:
    LetterLayout(const LetterSettings& settings, std::shared_ptr<const Picture> logo,
                 const LetterParts& parts, const Hyphenation& hyphenation)
        : settings_(settings),
          window_(settings.window),
          logo_(std::move(logo)),
          parts_(parts),
          typesetter_(parts.language, hyphenation) {}

    Result<PagePlan> plan(const std::vector<std::string>& address) {
        PageFlow flow{room(), settings_.style, typesetter_, parts_.language};
        if (auto done = flow.add(parts_.document, parts_.response); !done)
            return base::fail(std::move(done.error()));
        plan_ = flow.take();
        for (const auto step : {&LetterLayout::add_letterhead, &LetterLayout::add_contact,
                                &LetterLayout::add_return_line, &LetterLayout::add_footers})
            if (auto done = (this->*step)(); !done) return base::fail(std::move(done.error()));
        if (auto done = add_address(address); !done) return base::fail(std::move(done.error()));
        add_fold_marks();
        if (auto done = check_zones(plan_, window_); !done)
            return base::fail(std::move(done.error()));
        return std::move(plan_);
    }

private:
    FlowRoom room() const {
        const auto body = zone_of(Role::body, 0, window_);
        return {window_.page_width, window_.page_height, body.left,     body.width,
                body.top,           window_.margins.top, body.bottom(), window_.max_pages};
    }

    TextStyle sans(double size_pt, double leading_pt, Weight weight = Weight::regular) const {
        return {settings_.sans_family, size_pt, leading_pt, weight, false};
    }

    void add(std::size_t page, Role role, const SetText& text, double left, double top,
             double width, Align align, const Colour& colour) {
        plan_.pages[page].items.push_back(
            {role, TextItem{text, 0, text.lines.size(), left, top, width, align, colour}});
    }

    Result<void> add_letterhead() {
        const auto& box = window_.letterhead;
        auto& items = plan_.pages[0].items;
        if (logo_) {
            const double shape = static_cast<double>(logo_->width) / logo_->height;
            const double width = std::min(box.width, box.height * shape);
            items.push_back(
                {Role::letterhead, PictureItem{{box.left, box.top, width, width / shape}, logo_}});
            return {};
        }
        const auto& sender = settings_.sender;
        const auto name =
            typesetter_.set(sender.name, sans(17, 22.5, Weight::bold), unlimited_mm, "letterhead");
        if (!name) return base::fail(name.error());
        add(0, Role::letterhead, *name, box.left, box.top, box.width, Align::left,
            settings_.style.accent);
        const auto tagline =
            typesetter_.set(sender.tagline, sans(8.5, 11.5), unlimited_mm, "letterhead");
        if (!tagline) return base::fail(tagline.error());
        const double rule_top = box.top + name->height() + 0.6;
        items.push_back({Role::letterhead,
                         RuleItem{{box.left, rule_top, std::min(box.width, name->right()), 0.5},
                                  settings_.style.accent}});
        add(0, Role::letterhead, *tagline, box.left, rule_top + 1.2, box.width, Align::left, grey);
        return {};
    }

    Result<void> add_contact() {
        const auto& box = window_.contact;
        RichText lines;
        for (const auto& line : settings_.sender.contact) lines.push_back({line + "\n"});
        const auto contact = typesetter_.set(lines, sans(8.5, 11.5), box.width, "contact block");
        if (!contact) return base::fail(contact.error());
        double top = box.top;
        if (!settings_.sender.contact.empty()) {
            add(0, Role::contact, *contact, box.left, top, box.width, Align::left, grey);
            top += contact->height();
        }
        const auto date = typesetter_.set(date_in_words(parts_.document.date, parts_.language),
                                          sans(10, 13), box.width, "date");
        if (!date) return base::fail(date.error());
        add(0, Role::contact, *date, box.left, top, box.width, Align::left, black);
        const auto reference =
            typesetter_.set(std::string{page_words(parts_.language).reference} + " " + parts_.key,
                            sans(8.5, 11.5), box.width, "reference");
        if (!reference) return base::fail(reference.error());
        add(0, Role::contact, *reference, box.left, top + date->height(), box.width, Align::left,
            grey);
        return {};
    }

    Result<void> add_return_line() {
        const auto& box = window_.return_line;
        if (is_empty(box) || settings_.sender.return_line.empty()) return {};
        for (const double size : return_sizes_pt) {
            const auto text = typesetter_.set(settings_.sender.return_line, sans(size, size * 1.3),
                                              unlimited_mm, "return line");
            if (!text) return base::fail(text.error());
            const double shift = overhang_left(*text);
            if (shift + text->right() > box.width) continue;
            add(0, Role::return_line, *text, box.left + shift, box.top, box.width, Align::left,
                grey);
            plan_.pages[0].items.push_back(
                {Role::return_line,
                 RuleItem{{box.left, box.top + text->height() + 0.3, shift + text->right(), 0.15},
                          grey}});
            return {};
        }
        return base::fail(
            "letter.window_overlap",
            "The return line is wider than the " + std::to_string(box.width) + " mm of its zone.",
            place_on_page(0, Role::return_line));
    }

    // The largest size in which all lines fit: first as they are, then broken.
    Result<void> add_address(const std::vector<std::string>& lines) {
        const auto& box = window_.address;
        RichText whole;
        for (const auto& line : lines)
            whole.push_back({(whole.empty() ? "" : "\n") + line, Weight::regular});
        for (const bool broken : {false, true})
            for (const double size : address_sizes_pt) {
                const auto style = sans(size, size * 1.2);
                const auto text =
                    typesetter_.set(whole, style, broken ? box.width : unlimited_mm, "address");
                if (!text) return base::fail(text.error());
                const double slack = text->baseline - text->ascent;
                const double shift = overhang_left(*text);
                const bool fits = shift + text->right() <= box.width &&
                                  text->height() - 2 * slack <= box.height + box_slack_mm &&
                                  static_cast<int>(text->lines.size()) <= window_.address_lines_max;
                if (!fits) continue;
                add(0, Role::address, *text, box.left + shift, box.top - std::min(0.0, slack),
                    box.width, Align::left, black);
                return {};
            }
        return base::fail("letter.window_overlap",
                          "The address does not fit the window: " + std::to_string(lines.size()) +
                              " lines, " + std::to_string(window_.address_lines_max) +
                              " are allowed.",
                          place_on_page(0, Role::address));
    }

    Result<void> add_footers() {
        const auto& box = window_.footer;
        const auto pages = plan_.pages.size();
        const auto legal_left = settings_.sheet_mark ? sheet_mark_size + 4 : 0;
        const double number_width = 34;
        const auto legal = typesetter_.set(settings_.sender.legal_line, sans(7, 9.2),
                                           box.width - legal_left - number_width, "legal line");
        if (!legal) return base::fail(legal.error());
        for (std::size_t page = 0; page < pages; ++page) {
            if (!settings_.sender.legal_line.empty())
                add(page, Role::footer, *legal, box.left + legal_left,
                    box.top + (box.height - legal->height()) / 2,
                    box.width - legal_left - number_width, Align::left, grey);
            if (pages > 1) {
                const auto number = typesetter_.set(
                    page_of(static_cast<int>(page) + 1, static_cast<int>(pages), parts_.language),
                    sans(8.5, 11.5), unlimited_mm, "page number");
                if (!number) return base::fail(number.error());
                add(page, Role::footer, *number, box.right() - number_width,
                    box.top + (box.height - number->height()) / 2, number_width, Align::right,
                    grey);
            }
            if (auto done = add_sheet_mark(page); !done) return done;
        }
        return {};
    }

    // version;letter;sheet/sheets;1 on the last sheet. Only the front of a sheet is read.
    Result<void> add_sheet_mark(std::size_t page) {
        const bool front = !settings_.duplex || page % 2 == 0;
        if (!settings_.sheet_mark || !front) return {};
        const int sheets = sheets_of(static_cast<int>(plan_.pages.size()), settings_.duplex);
        const int sheet = sheets_of(static_cast<int>(page) + 1, settings_.duplex);
        const auto text = std::string{sheet_mark_version} + ";" + parts_.key + ";" +
                          std::to_string(sheet) + "/" + std::to_string(sheets) + ";" +
                          (sheet == sheets ? "1" : "0");
        auto symbol = data_matrix(text);
        if (!symbol) {
            symbol.error().place = "sheet mark";
            return base::fail(std::move(symbol.error()));
        }
        const auto& box = window_.footer;
        plan_.pages[page].items.push_back(
            {Role::footer, SymbolItem{{box.left, box.top + (box.height - sheet_mark_size) / 2,
                                       sheet_mark_size, sheet_mark_size},
                                      std::move(*symbol)}});
        return {};
    }

    void add_fold_marks() {
        auto& items = plan_.pages[0].items;
        for (const double mark : window_.fold_marks)
            items.push_back({Role::fold_mark,
                             RuleItem{{fold_mark_left, mark, fold_mark_width, hairline}, grey}});
        if (window_.hole_mark > 0)
            items.push_back({Role::fold_mark, RuleItem{{fold_mark_left, window_.hole_mark,
                                                        fold_mark_width * 1.5, hairline},
                                                       grey}});
    }

    const LetterSettings& settings_;
    const WindowProfile& window_;
    std::shared_ptr<const Picture> logo_;
    const LetterParts& parts_;
    Typesetter typesetter_;
    PagePlan plan_{};
};

}  // namespace

Result<void> check_zones(const PagePlan& plan, const WindowProfile& window) {
    for (std::size_t page = 0; page < plan.pages.size(); ++page)
        for (const auto& item : plan.pages[page].items) {
            const auto ink = item.ink();
            if (is_empty(ink)) continue;
            const bool in_window_by_right =
                item.role == Role::address || item.role == Role::return_line;
            if (page == 0 && !in_window_by_right && overlap(ink, window.window))
                return base::fail("letter.window_overlap",
                                  "Something that is not the address would show in the window.",
                                  place_on_page(page, item.role));
            const bool is_text = std::holds_alternative<TextItem>(item.what) && !in_window_by_right;
            if (inside(is_text ? without_overhang(ink) : ink, zone_of(item.role, page, window)))
                continue;
            char where[120]{};
            std::snprintf(where, sizeof where,
                          "It would cover %.1f to %.1f mm from the left and %.1f to %.1f mm from "
                          "the top, which is outside its zone.",
                          ink.left, ink.right(), ink.top, ink.bottom());
            return base::fail("letter.window_overlap", where, place_on_page(page, item.role));
        }
    return {};
}

Result<LetterComposer> LetterComposer::create(LetterSettings settings) {
    const auto& style = settings.style;
    for (const auto& family : {style.body.family, style.bold.family, style.heading.family,
                               style.table.family, settings.sans_family})
        if (auto found = check_font(family); !found) return base::fail(std::move(found.error()));
    std::shared_ptr<const Picture> logo;
    if (!settings.sender.logo_png.empty()) {
        auto read = read_picture(settings.sender.logo_png, "logo");
        if (!read) return base::fail(std::move(read.error()));
        logo = std::move(*read);
    }
    return LetterComposer{std::make_shared<const LetterSettings>(std::move(settings)),
                          std::move(logo)};
}

Result<LetterPayload> LetterComposer::compose(const LetterParts& parts) const {
    auto address = address_lines(parts.to, settings_->address_rules);
    if (!address) return base::fail(std::move(address.error()));
    const auto hyphenation = Hyphenation::find(parts.language, settings_->hyphenation_folder);
    if (!hyphenation) return base::fail(hyphenation.error());
    auto plan = LetterLayout{*settings_, logo_, parts, *hyphenation}.plan(*address);
    if (!plan) return base::fail(std::move(plan.error()));
    LetterPayload payload;
    payload.pdf = paint_pdf(
        *plan, {plain_line(parts.document.subject), settings_->sender.name, parts.document.date});
    payload.pages = static_cast<int>(plan->pages.size());
    payload.address = std::move(*address);
    payload.country = parts.to.country;
    payload.window = settings_->window.name;
    payload.response_code = parts.response.code;
    return payload;
}

}  // namespace carillon::channels
