// Where the boxes and labels of a chart stand, in points; shared by SVG and PDF so that both look
// alike. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/document.h"

namespace carillon::reports {

inline constexpr std::string_view ink = "#1d2433";

struct Box {
    double x{}, y{}, width{}, height{};
    std::string_view colour{};  // "#rrggbb"
};
struct Label {
    double x{}, y{};  // baseline
    bool right{};     // ends at x instead of starting there
    std::string text{};
};
struct Drawing {
    double width{};
    double height{};
    std::vector<Box> boxes{};
    std::vector<Label> labels{};
};

Drawing draw(const Chart& chart);

}  // namespace carillon::reports
