#include "channels/typesetter.h"

#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <tuple>

#include "channels/font_family.h"

namespace carillon::channels {

namespace {

constexpr double points_per_mm = 72 / 25.4;

double mm_of(double pango_units) {
    return pango_units / PANGO_SCALE / points_per_mm;
}

struct Unref {
    void operator()(gpointer object) const { g_object_unref(object); }
};

struct FontMetrics {
    double ascent{};
    double descent{};
};

// The fonts of one thread. Pango and cairo keep what they have loaded as long as it lives.
class Fonts {
public:
    static Fonts& of_this_thread() {
        thread_local Fonts fonts;
        return fonts;
    }

    // Errors: letter.font_missing.
    base::Result<PangoContext*> context(const std::string& family) {
        auto& found = contexts_[family];
        if (!found) {
            auto fonts = find_font_family(family);
            if (!fonts) return base::fail(std::move(fonts.error()));
            found = make_context(static_cast<FcConfig*>(fonts->get()));
        }
        return found.get();
    }

    const PangoFontDescription* description(const TextStyle& style) {
        auto& found = descriptions_[{style.family, style.size_pt, style.weight}];
        if (found) return found.get();
        found.reset(pango_font_description_new());
        pango_font_description_set_family(found.get(), style.family.c_str());
        pango_font_description_set_size(found.get(),
                                        static_cast<int>(style.size_pt * PANGO_SCALE + 0.5));
        pango_font_description_set_weight(
            found.get(), style.weight == Weight::bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
        return found.get();
    }

    const FontMetrics& metrics(PangoContext* context, const TextStyle& style) {
        const auto [at, fresh] = metrics_.try_emplace({style.family, style.size_pt, style.weight});
        if (fresh) {
            auto* found = pango_context_get_metrics(context, description(style), nullptr);
            at->second = {mm_of(pango_font_metrics_get_ascent(found)),
                          mm_of(pango_font_metrics_get_descent(found))};
            pango_font_metrics_unref(found);
        }
        return at->second;
    }

private:
    using Key = std::tuple<std::string, double, Weight>;
    using Description = std::unique_ptr<PangoFontDescription, void (*)(PangoFontDescription*)>;
    struct OwnedDescription : Description {
        OwnedDescription() : Description(nullptr, pango_font_description_free) {}
    };

    using Context = std::unique_ptr<PangoContext, Unref>;

    static Context make_context(FcConfig* fonts) {
        const std::unique_ptr<PangoFontMap, Unref> map{
            pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT)};
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map.get()), fonts);
        Context context{pango_font_map_create_context(map.get())};
        // One unit is one point, and positions are those of the paper, not of a screen's pixels.
        pango_cairo_context_set_resolution(context.get(), 72);
        pango_context_set_round_glyph_positions(context.get(), FALSE);
        auto* options = cairo_font_options_create();
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
        pango_cairo_context_set_font_options(context.get(), options);
        cairo_font_options_destroy(options);
        return context;
    }

    std::map<std::string, Context> contexts_;
    std::map<Key, OwnedDescription> descriptions_;
    std::map<Key, FontMetrics> metrics_;
};

void add_attribute(PangoAttrList* list, PangoAttribute* attribute, std::size_t from,
                   std::size_t to) {
    attribute->start_index = static_cast<guint>(from);
    attribute->end_index = static_cast<guint>(to);
    pango_attr_list_insert(list, attribute);
}

// Text on its way into a layout.
struct Draft {
    struct Range {
        std::size_t from{};
        std::size_t to{};
    };
    std::string text{};
    std::vector<Range> bold{};

    // `borrowing`: what the family lacks may come from another one.
    void apply(PangoLayout* layout, const std::string& language, bool borrowing) const {
        auto* attributes = pango_attr_list_new();
        for (const auto& range : bold)
            add_attribute(attributes, pango_attr_weight_new(PANGO_WEIGHT_BOLD), range.from,
                          range.to);
        add_attribute(attributes, pango_attr_fallback_new(borrowing ? TRUE : FALSE), 0,
                      text.size());
        add_attribute(attributes,
                      pango_attr_language_new(pango_language_from_string(language.c_str())), 0,
                      text.size());
        pango_layout_set_attributes(layout, attributes);
        pango_attr_list_unref(attributes);
        pango_layout_set_text(layout, text.data(), static_cast<int>(text.size()));
    }
};

// Calls `visit` with every space that a line shows, as glyph of a run.
template <class Visit>
void each_space(PangoLayoutLine* line, const char* text, Visit visit) {
    for (auto* at = line->runs; at != nullptr; at = at->next) {
        auto* run = static_cast<PangoLayoutRun*>(at->data);
        PangoGlyphItemIter cluster;
        for (bool more = pango_glyph_item_iter_init_start(&cluster, run, text) != FALSE; more;
             more = pango_glyph_item_iter_next_cluster(&cluster) != FALSE) {
            const auto character = g_utf8_get_char(text + cluster.start_index);
            auto& glyph = run->glyphs->glyphs[cluster.start_glyph];
            // The space at which a line was broken has lost its width.
            if ((character == ' ' || character == 0xA0) && glyph.geometry.width > 0) visit(glyph);
        }
    }
}

// Widens the spaces of all lines but the last of a paragraph, and narrows those of a line whose
// hyphen has no room: breaking does not count it. Pango 1.50's own justification
// forgets the hyphen of some lines and overshoots by its width.
void justify(PangoLayout* layout, double width_mm) {
    const int width = static_cast<int>(width_mm * points_per_mm * PANGO_SCALE);
    const char* text = pango_layout_get_text(layout);
    const int count = pango_layout_get_line_count(layout);
    for (int i = 0; i + 1 < count; ++i) {
        if (pango_layout_get_line_readonly(layout, i + 1)->is_paragraph_start) continue;
        auto* line = pango_layout_get_line(layout, i);
        PangoRectangle logical{};
        pango_layout_line_get_extents(line, nullptr, &logical);
        int gap = width - logical.width;
        int spaces = 0;
        each_space(line, text, [&](PangoGlyphInfo&) { ++spaces; });
        if (gap == 0 || spaces == 0) continue;
        each_space(line, text, [&](PangoGlyphInfo& glyph) {
            const int part = gap / spaces--;
            glyph.geometry.width += part;
            gap -= part;
        });
    }
}

// Every character that no font has, in the order of the lines.
std::vector<gunichar> missing_characters(PangoLayout* layout) {
    std::vector<gunichar> missing;
    if (pango_layout_get_unknown_glyphs_count(layout) == 0) return missing;
    auto* at = pango_layout_get_iter(layout);
    do {
        const auto* run = pango_layout_iter_get_run_readonly(at);
        for (int i = 0; run != nullptr && i < run->glyphs->num_glyphs; ++i) {
            const auto glyph = run->glyphs->glyphs[i].glyph;
            if ((glyph & PANGO_GLYPH_UNKNOWN_FLAG) != 0 && glyph != PANGO_GLYPH_EMPTY)
                missing.push_back(glyph & ~PANGO_GLYPH_UNKNOWN_FLAG);
        }
    } while (pango_layout_iter_next_run(at));
    pango_layout_iter_free(at);
    return missing;
}

// Letters of scripts that are set as ours are, from left to right and without joining. A small
// picture from another font would only look like a mistake.
bool may_be_borrowed(gunichar character) {
    switch (g_unichar_get_script(character)) {
        case G_UNICODE_SCRIPT_LATIN:
        case G_UNICODE_SCRIPT_GREEK:
        case G_UNICODE_SCRIPT_CYRILLIC:
        case G_UNICODE_SCRIPT_ARMENIAN:
        case G_UNICODE_SCRIPT_GEORGIAN:
        case G_UNICODE_SCRIPT_INHERITED: return true;
        default: return false;
    }
}

std::string name_of_character(gunichar missing) {
    char utf8[8]{};
    g_unichar_to_utf8(missing, utf8);
    char code[16]{};
    std::snprintf(code, sizeof code, "U+%04X", missing);
    return "'" + std::string{utf8} + "' (" + code + ")";
}

std::vector<SetLine> lines_of(PangoLayout* layout) {
    std::vector<SetLine> lines;
    for (int i = 0; i < pango_layout_get_line_count(layout); ++i) {
        PangoRectangle ink{};
        pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, i), &ink, nullptr);
        lines.push_back({mm_of(ink.x), mm_of(ink.x + ink.width)});
    }
    return lines;
}

// PT's fonts have no narrow no-break space; the wide one keeps together as well.
void widen_narrow_spaces(std::string& text) {
    constexpr std::string_view narrow = "\xE2\x80\xAF";
    for (auto at = text.find(narrow); at != std::string::npos; at = text.find(narrow, at))
        text.replace(at, narrow.size(), "\xC2\xA0");
}

}  // namespace

double SetText::right() const {
    double widest = 0;
    for (const auto& line : lines) widest = std::max(widest, line.right);
    return widest;
}

base::Result<SetText> Typesetter::set(const RichText& text, const TextStyle& style, double width_mm,
                                      std::string_view place) const {
    auto& fonts = Fonts::of_this_thread();
    const auto context = fonts.context(style.family);
    if (!context) return base::fail(context.error());
    SetText set;
    set.layout = std::shared_ptr<void>{pango_layout_new(*context), Unref{}};
    auto* layout = static_cast<PangoLayout*>(set.layout.get());
    pango_layout_set_font_description(layout, fonts.description(style));
    if (width_mm > 0)
        pango_layout_set_width(layout, static_cast<int>(width_mm * points_per_mm * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD);

    Draft draft;
    for (const auto& span : text) {
        const auto from = draft.text.size();
        draft.text += style.justified ? hyphenation_.soften(span.text) : span.text;
        widen_narrow_spaces(draft.text);
        if (span.weight == Weight::bold && style.weight != Weight::bold)
            draft.bold.push_back({from, draft.text.size()});
    }
    draft.apply(layout, language_, false);
    auto missing = missing_characters(layout);
    if (!missing.empty() && std::ranges::all_of(missing, may_be_borrowed)) {
        draft.apply(layout, language_, true);
        missing = missing_characters(layout);
    }
    if (const auto at = std::ranges::find_if_not(missing, may_be_borrowed); at != missing.end())
        std::swap(*at, missing.front());
    if (!missing.empty())
        return base::fail("letter.glyph_missing",
                          "The font " + style.family + " has no character " +
                              name_of_character(missing.front()) + ".",
                          std::string{place});
    if (style.justified) justify(layout, width_mm);
    set.lines = lines_of(layout);
    const auto& metrics = fonts.metrics(*context, style);
    set.leading = style.leading_pt / points_per_mm;
    set.ascent = metrics.ascent;
    set.descent = metrics.descent;
    set.baseline = (set.leading - metrics.ascent - metrics.descent) / 2 + metrics.ascent;
    return set;
}

base::Result<SetText> Typesetter::set(std::string_view text, const TextStyle& style,
                                      double width_mm, std::string_view place) const {
    return set(RichText{Span{std::string{text}, Weight::regular}}, style, width_mm, place);
}

base::Result<void> check_font(const std::string& family) {
    if (auto found = find_font_family(family); !found) return base::fail(std::move(found.error()));
    return {};
}

}  // namespace carillon::channels
