// Rectangles on paper, in millimetres from the top left corner of the page.
#pragma once

#include <string>

namespace carillon::channels {

struct Box {
    double left{};
    double top{};
    double width{};
    double height{};

    double right() const { return left + width; }
    double bottom() const { return top + height; }
    bool operator==(const Box&) const = default;
};

// 0.05 mm of slack: what rounding may do.
constexpr double box_slack_mm = 0.05;

inline bool inside(const Box& inner, const Box& outer) {
    return inner.left >= outer.left - box_slack_mm &&
           inner.right() <= outer.right() + box_slack_mm && inner.top >= outer.top - box_slack_mm &&
           inner.bottom() <= outer.bottom() + box_slack_mm;
}
inline bool overlap(const Box& a, const Box& b) {
    return a.left < b.right() - box_slack_mm && b.left < a.right() - box_slack_mm &&
           a.top < b.bottom() - box_slack_mm && b.top < a.bottom() - box_slack_mm;
}
// Ink of a line of text may stand a little beyond its measure: an f, a quotation mark. That is how
// letters are drawn, not a line too long.
inline Box without_overhang(Box ink) {
    constexpr double overhang_mm = 0.4;
    ink.left += overhang_mm;
    ink.width -= 2 * overhang_mm;
    return ink;
}
inline bool is_empty(const Box& box) {
    return box.width <= 0 || box.height <= 0;
}

}  // namespace carillon::channels
