#include "channels/page_plan.h"

#include <algorithm>

namespace carillon::channels {

std::string_view to_text(Role role) {
    switch (role) {
        case Role::address: return "address";
        case Role::return_line: return "return line";
        case Role::letterhead: return "letterhead";
        case Role::contact: return "contact block";
        case Role::body: return "text";
        case Role::footer: return "footer";
        case Role::fold_mark: return "fold mark";
    }
    return {};
}

double TextItem::shift(std::size_t line) const {
    const auto& extents = text.lines[line];
    switch (align) {
        case Align::left: return 0;
        case Align::centre: return (width - extents.right - extents.left) / 2;
        case Align::right: return width - extents.right;
    }
    return 0;
}

namespace {

Box ink_of(const TextItem& item) {
    double left = item.left + item.width;
    double right = item.left;
    for (std::size_t line = item.first; line < item.first + item.count; ++line) {
        const auto& extents = item.text.lines[line];
        if (extents.right <= extents.left) continue;
        left = std::min(left, item.left + item.shift(line) + extents.left);
        right = std::max(right, item.left + item.shift(line) + extents.right);
    }
    const auto& text = item.text;
    const double top = item.top + text.baseline - text.ascent;
    const double lines = static_cast<double>(item.count) - 1;
    return {left, top, std::max(0.0, right - left),
            lines * text.leading + text.ascent + text.descent};
}

}  // namespace

Box Item::ink() const {
    if (const auto* text = std::get_if<TextItem>(&what)) return ink_of(*text);
    if (const auto* rule = std::get_if<RuleItem>(&what)) return rule->box;
    if (const auto* picture = std::get_if<PictureItem>(&what)) return picture->box;
    return std::get<SymbolItem>(what).box;
}

}  // namespace carillon::channels
