#include "reports/chart_geometry.h"

#include <algorithm>

namespace carillon::reports {

namespace {

constexpr double label_width = 200;
constexpr double plot_width = 440;
constexpr double value_width = 120;
constexpr double row_height = 24;
constexpr double margin = 8;
constexpr std::string_view bar_colour = "#1f5fbf";
constexpr std::string_view line_colour = "#46536a";
constexpr std::string_view axis_colour = "#b6bfcd";

struct Scale {
    double low{};
    double high{};
    double x(double value) const {
        return margin + label_width + (value - low) / (high - low) * plot_width;
    }
};

// Zero is always on the scale; a chart of nothing but zeros still has one.
Scale scale_of(const Chart& chart) {
    Scale scale;
    for (const auto& item : chart.items) {
        scale.low = std::min({scale.low, item.value, item.within.low});
        scale.high = std::max({scale.high, item.value, item.within.high});
    }
    if (scale.high - scale.low <= 0) scale.high = 1;
    return scale;
}

}  // namespace

Drawing draw(const Chart& chart) {
    const auto scale = scale_of(chart);
    Drawing drawing;
    drawing.width = 2 * margin + label_width + plot_width + value_width;
    drawing.height = 2 * margin + row_height * static_cast<double>(chart.items.size());
    drawing.boxes.push_back(
        {scale.x(0) - 0.5, margin, 1, drawing.height - 2 * margin, axis_colour});
    double y = margin;
    for (const auto& item : chart.items) {
        const auto middle = y + row_height / 2;
        double end = scale.x(std::max(item.value, item.within.high));
        if (chart.kind == ChartKind::bars) {
            const auto from = scale.x(std::min(0.0, item.value));
            const auto to = scale.x(std::max(0.0, item.value));
            drawing.boxes.push_back({from, middle - 8, to - from, 16, bar_colour});
            end = to;
        } else {
            const auto from = scale.x(item.within.low);
            const auto to = scale.x(item.within.high);
            drawing.boxes.push_back({from, middle - 1, to - from, 2, line_colour});
            drawing.boxes.push_back({from - 0.75, middle - 5, 1.5, 10, line_colour});
            drawing.boxes.push_back({to - 0.75, middle - 5, 1.5, 10, line_colour});
            drawing.boxes.push_back({scale.x(item.value) - 4, middle - 4, 8, 8, bar_colour});
        }
        drawing.labels.push_back({margin + label_width - 8, middle + 4, true, item.label});
        drawing.labels.push_back({end + 8, middle + 4, false, item.shown});
        y += row_height;
    }
    return drawing;
}

}  // namespace carillon::reports
