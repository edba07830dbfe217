#include "channels/fax_pages.h"

#include <algorithm>

#include "channels/fax_tiff.h"
#include "channels/page_words.h"

namespace carillon::channels {

namespace {

using base::Result;

constexpr double page_width = 210;
constexpr double page_height = 297;
constexpr double side = 18;  // receivers cut or shrink what is nearer to the edge
constexpr double header_top = 6;
constexpr double text_top = 22;
constexpr double text_bottom = 280;
constexpr double field_label_width = 32;
// A line of 1728 pixels is 215 mm long; the page stands in its middle.
constexpr double raster_left = (fax_width / fax_dots_per_inch_x * 25.4 - page_width) / 2;

// What goes wrong while pages are laid out is named after the letters they were made for first.
tl::unexpected<base::Failure> as_fax(base::Failure failure) {
    constexpr std::string_view letter = "letter.";
    if (failure.code.starts_with(letter)) failure.code.replace(0, letter.size(), "fax.");
    return base::fail(std::move(failure));
}

class FaxLayout {
public:
    FaxLayout(const FaxComposerSettings& settings, const FaxParts& parts,
              const Hyphenation& hyphenation)
        : settings_(settings), parts_(parts), typesetter_(parts.language, hyphenation) {}

    Result<PagePlan> plan() {
        const int cover = settings_.cover_page ? 1 : 0;
        const FlowRoom room{page_width, page_height, side,        page_width - 2 * side,
                            text_top,   text_top,    text_bottom, settings_.pages_max - cover};
        const auto style = fax_style(settings_.family);
        PageFlow flow{room, style, typesetter_, parts_.language};
        if (auto done = flow.add(parts_.document, parts_.response); !done)
            return base::fail(std::move(done.error()));
        plan_ = flow.take();
        if (settings_.cover_page) {
            plan_.pages.insert(plan_.pages.begin(), Page{});
            if (auto done = add_cover(); !done) return base::fail(std::move(done.error()));
        }
        for (std::size_t page = 0; page < plan_.pages.size(); ++page)
            if (auto done = add_header(page); !done) return base::fail(std::move(done.error()));
        if (auto done = check(); !done) return base::fail(std::move(done.error()));
        return std::move(plan_);
    }

private:
    TextStyle sans(double size_pt, Weight weight = Weight::regular) const {
        return {settings_.family, size_pt, size_pt * 1.35, weight, false};
    }

    Result<void> add(std::size_t page, std::string_view text, const TextStyle& style, double left,
                     double top, double width, Align align) {
        const auto set = typesetter_.set(plain_line(text), style, width, "header line");
        if (!set) return base::fail(set.error());
        // Names of any length: what does not fit in one line is not shown.
        plan_.pages[page].items.push_back(
            {Role::letterhead, TextItem{*set, 0, 1, left, top, width, align, black}});
        return {};
    }

    // Sender and recipient are required on every page by law in some countries (47 CFR 68.318 (d)).
    Result<void> add_header(std::size_t page) {
        const auto& words = page_words(parts_.language);
        const double width = page_width - 2 * side;
        const auto style = sans(9, Weight::bold);
        const auto from =
            std::string{words.from} + ": " + settings_.sender_name + "  " + settings_.sender_number;
        const auto to = std::string{words.to} + ": " + parts_.recipient_name + "  " + parts_.number;
        const auto number = page_of(static_cast<int>(page) + 1,
                                    static_cast<int>(plan_.pages.size()), parts_.language);
        const double line = sans(9).leading_pt * 25.4 / 72;
        for (const auto& [text, row, align, share] :
             {std::tuple{&from, 0, Align::left, 0.75}, std::tuple{&to, 1, Align::left, 0.75},
              std::tuple{&number, 1, Align::right, 0.25}}) {
            const double left = align == Align::right ? side + width * 0.75 : side;
            if (auto done =
                    add(page, *text, style, left, header_top + row * line, width * share, align);
                !done)
                return done;
        }
        const auto date = base::to_text(parts_.document.date);
        if (auto done =
                add(page, date, style, side + width * 0.75, header_top, width * 0.25, Align::right);
            !done)
            return done;
        plan_.pages[page].items.push_back(
            {Role::letterhead, RuleItem{{side, header_top + 2 * line + 0.8, width, 0.4}, black}});
        return {};
    }

    Result<void> add_cover() {
        const auto& words = page_words(parts_.language);
        const double width = page_width - 2 * side;
        if (auto done = add(0, words.fax, sans(40, Weight::bold), side, 40, width, Align::left);
            !done)
            return done;
        const std::string date = date_in_words(parts_.document.date, parts_.language);
        const std::string pages = std::to_string(plan_.pages.size());
        const std::pair<std::string_view, std::string_view> fields[] = {
            {words.to, parts_.recipient_name},
            {words.number, parts_.number},
            {words.from, settings_.sender_name},
            {words.number, settings_.sender_number},
            {words.date, date},
            {words.pages, pages},
            {words.subject, parts_.document.subject}};
        double top = 75;
        for (const auto& [label, value] : fields) {
            if (value.empty()) continue;
            if (auto done = add(0, label, sans(13), side, top, field_label_width, Align::left);
                !done)
                return done;
            const auto text = typesetter_.set(plain_line(value), sans(13, Weight::bold),
                                              width - field_label_width, "cover page");
            if (!text) return base::fail(text.error());
            plan_.pages[0].items.push_back(
                {Role::body, TextItem{*text, 0, text->lines.size(), side + field_label_width, top,
                                      width - field_label_width, Align::left, black}});
            top += text->height() + 2;
            plan_.pages[0].items.push_back({Role::body, RuleItem{{side, top, width, 0.25}, black}});
            top += 3;
        }
        return {};
    }

    Result<void> check() const {
        const Box room{side, header_top - 1, page_width - 2 * side, text_bottom - header_top + 1};
        for (std::size_t page = 0; page < plan_.pages.size(); ++page)
            for (const auto& item : plan_.pages[page].items)
                if (!is_empty(item.ink()) && !inside(without_overhang(item.ink()), room))
                    return base::fail("fax.outside_page", "It is wider than the page.",
                                      "page " + std::to_string(page + 1) + ": " +
                                          std::string{to_text(item.role)});
        return {};
    }

    const FaxComposerSettings& settings_;
    const FaxParts& parts_;
    Typesetter typesetter_;
    PagePlan plan_{};
};

}  // namespace

Result<FaxComposer> FaxComposer::create(FaxComposerSettings settings) {
    if (auto found = check_font(settings.family); !found) return as_fax(std::move(found.error()));
    return FaxComposer{std::make_shared<const FaxComposerSettings>(std::move(settings))};
}

Result<FaxPayload> FaxComposer::compose(const FaxParts& parts) const {
    const auto hyphenation = Hyphenation::find(parts.language, settings_->hyphenation_folder);
    if (!hyphenation) return as_fax(hyphenation.error());
    const auto plan = FaxLayout{*settings_, parts, *hyphenation}.plan();
    if (!plan) return as_fax(plan.error());
    FaxPayload payload;
    payload.pdf = paint_pdf(*plan, {plain_line(parts.document.subject), settings_->sender_name,
                                    parts.document.date, true});
    const RasterSize size{fax_width, fax_height, fax_dots_per_inch_x, fax_dots_per_inch_y,
                          raster_left};
    std::vector<Bitmap> bitmaps;
    for (const auto& page : plan->pages) bitmaps.push_back(paint_bitmap(page, size));
    payload.tiff = fax_tiff(bitmaps);
    payload.pages = static_cast<int>(plan->pages.size());
    payload.recipient_name = parts.recipient_name;
    payload.sender_name = settings_->sender_name;
    return payload;
}

}  // namespace carillon::channels
