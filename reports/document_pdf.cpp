// A document as A4 pages across. The only file here that speaks to cairo and pango.
#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "reports/chart_geometry.h"
#include "reports/document.h"

namespace carillon::reports {

namespace {

// Points: 1/72 inch.
constexpr double page_width = 842;
constexpr double page_height = 595;
constexpr double border = 42;
constexpr double text_width = page_width - 2 * border;
constexpr double cell_gap = 8;
constexpr double column_min = 30;

struct CairoDelete {
    void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(PangoLayout* layout) const { g_object_unref(layout); }
};

struct Rgb {
    double red{}, green{}, blue{};
};

Rgb rgb_of(std::string_view colour) {
    const auto part = [&](std::size_t at) {
        return static_cast<double>(
                   std::strtol(std::string{colour.substr(at, 2)}.c_str(), nullptr, 16)) /
               255.0;
    };
    return {part(1), part(3), part(5)};
}

struct Font {
    double size{9};
    bool bold{};
};
constexpr Font title_font{18, true};
constexpr Font section_font{13, true};
constexpr Font table_font{9.5, true};
constexpr Font plain_font{9, false};
constexpr Font head_font{8, true};
constexpr Font cell_font{8, false};

class Pages {
public:
    explicit Pages(const std::string& path)
        : surface_(cairo_pdf_surface_create(path.c_str(), page_width, page_height)),
          cairo_(cairo_create(surface_.get())) {}

    bool write(const Document& document) {
        cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_TITLE,
                                       document.title.c_str());
        paragraph(document.title, title_font);
        paragraph(document.subtitle, plain_font);
        for (const auto& section : document.sections) write_section(section);
        number_page();
        cairo_.reset();
        cairo_surface_finish(surface_.get());
        return cairo_surface_status(surface_.get()) == CAIRO_STATUS_SUCCESS;
    }

private:
    using Layout = std::unique_ptr<PangoLayout, CairoDelete>;

    Layout layout_of(const std::string& text, const Font& font, double width) const {
        Layout layout{pango_cairo_create_layout(cairo_.get())};
        auto* description = pango_font_description_from_string("PT Sans, sans-serif");
        pango_font_description_set_absolute_size(description, font.size * PANGO_SCALE);
        if (font.bold) pango_font_description_set_weight(description, PANGO_WEIGHT_BOLD);
        pango_layout_set_font_description(layout.get(), description);
        pango_font_description_free(description);
        pango_layout_set_text(layout.get(), text.c_str(), static_cast<int>(text.size()));
        if (width > 0) {
            pango_layout_set_width(layout.get(), static_cast<int>(width * PANGO_SCALE));
            pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
        }
        return layout;
    }
    static double width_of(PangoLayout* layout) {
        int width = 0;
        pango_layout_get_size(layout, &width, nullptr);
        return width / static_cast<double>(PANGO_SCALE);
    }
    static double height_of(PangoLayout* layout) {
        int height = 0;
        pango_layout_get_size(layout, nullptr, &height);
        return height / static_cast<double>(PANGO_SCALE);
    }
    void set_colour(std::string_view colour) {
        const auto rgb = rgb_of(colour);
        cairo_set_source_rgb(cairo_.get(), rgb.red, rgb.green, rgb.blue);
    }
    void show(PangoLayout* layout, double x, double y) {
        set_colour(ink);
        cairo_move_to(cairo_.get(), x, y);
        pango_cairo_show_layout(cairo_.get(), layout);
    }

    void number_page() {
        const auto layout = layout_of(std::to_string(page_), plain_font, 0);
        show(layout.get(), page_width - border - width_of(layout.get()), page_height - 28);
    }
    void new_page() {
        number_page();
        cairo_show_page(cairo_.get());
        ++page_;
        y_ = border;
    }
    // False when a new page had to begin.
    bool need(double height) {
        if (y_ + height <= page_height - border || y_ <= border) return true;
        new_page();
        return false;
    }

    void paragraph(const std::string& text, const Font& font) {
        const auto layout = layout_of(text, font, text_width);
        need(height_of(layout.get()));
        show(layout.get(), border, y_);
        y_ += height_of(layout.get()) + 2;
    }

    void write_section(const Section& section) {
        y_ += 10;
        need(height_with_first_piece(section));
        paragraph(section.title, section_font);
        line("#1f5fbf", 1.2);
        y_ += 4;
        for (const auto& sentence : section.sentences) paragraph(sentence, plain_font);
        for (const auto& chart : section.charts) write_chart(chart);
        for (const auto& table : section.tables) write_table(table);
    }
    // A heading and its sentences do not stand alone at the foot of a page: what they are about
    // begins on the same one.
    double height_with_first_piece(const Section& section) const {
        double height = 40;
        for (const auto& sentence : section.sentences)
            height += height_of(layout_of(sentence, plain_font, text_width).get()) + 2;
        if (!section.charts.empty())
            height += room_of(section.charts.front());
        else if (!section.tables.empty())
            height += room_of(section.tables.front());
        return std::min(height, page_height - 2 * border);
    }
    static double room_of(const Chart& chart) {
        const auto drawing = draw(chart);
        return drawing.height * scale_of(chart, drawing) + 20;
    }
    // Low enough for the table of the same figures below it, and for its labels beside each other.
    static double scale_of(const Chart& chart, const Drawing& drawing) {
        constexpr double height_aim = 200;
        constexpr double item_min = 12;
        const auto height =
            std::max(height_aim, item_min * static_cast<double>(chart.items.size()));
        return std::min({1.0, text_width / drawing.width, height / drawing.height});
    }
    // A short table stays in one piece.
    static double room_of(const Table& table) {
        return std::min(40 + 15 * static_cast<double>(table.rows.size()), 300.0);
    }
    void line(std::string_view colour, double thickness) {
        set_colour(colour);
        cairo_rectangle(cairo_.get(), border, y_, text_width, thickness);
        cairo_fill(cairo_.get());
        y_ += thickness;
    }

    void write_chart(const Chart& chart) {
        const auto drawing = draw(chart);
        need(room_of(chart));
        y_ += 6;
        paragraph(chart.title, table_font);
        const auto scale = scale_of(chart, drawing);
        for (const auto& box : drawing.boxes) {
            set_colour(box.colour);
            cairo_rectangle(cairo_.get(), border + box.x * scale, y_ + box.y * scale,
                            box.width * scale, box.height * scale);
            cairo_fill(cairo_.get());
        }
        for (const auto& label : drawing.labels) {
            const auto layout = layout_of(label.text, plain_font, 0);
            const auto x = border + label.x * scale - (label.right ? width_of(layout.get()) : 0);
            const auto base = pango_layout_get_baseline(layout.get()) / double{PANGO_SCALE};
            show(layout.get(), x, y_ + label.y * scale - base);
        }
        y_ += drawing.height * scale;
    }

    // As wide as their content; when that is too much, the widest give way first.
    std::vector<double> column_widths(const Table& table) const {
        std::vector<double> widths;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            auto widest = width_of(layout_of(table.columns[i], head_font, 0).get());
            for (const auto& row : table.rows)
                widest = std::max(widest, width_of(layout_of(row[i].text, cell_font, 0).get()));
            widths.push_back(widest + cell_gap);
        }
        auto limit = text_width;
        const auto total = [&] {
            double sum = 0;
            for (const auto width : widths) sum += std::min(width, limit);
            return sum;
        };
        while (total() > text_width && limit > column_min) limit -= 1;
        for (auto& width : widths) width = std::min(width, limit);
        return widths;
    }

    void write_table(const Table& table) {
        const auto widths = column_widths(table);
        need(room_of(table));
        y_ += 8;
        paragraph(table.title, table_font);
        write_head(table, widths);
        for (const auto& row : table.rows)
            if (!write_row(row, widths, cell_font)) {
                write_head(table, widths);
                write_row(row, widths, cell_font);
            }
    }
    void write_head(const Table& table, const std::vector<double>& widths) {
        std::vector<Cell> head;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            head.emplace_back(table.columns[i]);
            if (!table.rows.empty()) head.back().number = table.rows.front()[i].number;
        }
        write_row(head, widths, head_font);
        line("#46536a", 0.8);
    }
    // False, with a new page begun, when the row does not fit this one.
    bool write_row(const std::vector<Cell>& row, const std::vector<double>& widths,
                   const Font& font) {
        std::vector<Layout> layouts;
        double height = 0;
        for (std::size_t i = 0; i < row.size(); ++i) {
            layouts.push_back(layout_of(row[i].text, font, widths[i] - cell_gap));
            if (row[i].number) pango_layout_set_alignment(layouts[i].get(), PANGO_ALIGN_RIGHT);
            height = std::max(height, height_of(layouts[i].get()));
        }
        if (!need(height + 4)) return false;
        double x = border;
        for (std::size_t i = 0; i < layouts.size(); ++i) {
            show(layouts[i].get(), x, y_ + 2);
            x += widths[i];
        }
        y_ += height + 4;
        set_colour("#d9dee7");
        cairo_rectangle(cairo_.get(), border, y_ - 0.5, text_width, 0.5);
        cairo_fill(cairo_.get());
        return true;
    }

    std::unique_ptr<cairo_surface_t, CairoDelete> surface_;
    std::unique_ptr<cairo_t, CairoDelete> cairo_;
    double y_{border};
    int page_{1};
};

}  // namespace

bool write_pdf(const Document& document, const std::string& path) {
    return Pages{path}.write(document);
}

}  // namespace carillon::reports
