#include "channels/window_profile.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "channels/window_files.h"

namespace carillon::channels {

namespace {

using base::Json;
using base::ObjectReader;

constexpr double page_mm_max = 600;

class ProfileReader {
public:
    ProfileReader(const Json& json, base::Problems& problems)
        : reader_(json, "$", problems), problems_(problems) {}

    WindowProfile read() {
        profile_.name = reader_.required_text("name");
        profile_.title = reader_.required_text("title");
        profile_.source = reader_.text("source");
        read_page();
        profile_.window = box("window", true);
        profile_.return_line = box("return_line", false);
        profile_.address = box("address", true);
        profile_.address_lines_max =
            static_cast<int>(reader_.integer("address_lines_max", 6, 3, 10));
        profile_.letterhead = box("letterhead", true);
        profile_.contact = box("contact", true);
        profile_.body_top = reader_.number("body_top", 0, 0, page_mm_max);
        if (!reader_.has("body_top")) reader_.problem("body_top", "json.missing", "is required");
        read_margins();
        profile_.footer = box("footer", true);
        read_marks();
        profile_.max_pages = static_cast<int>(reader_.integer("max_pages", 10, 1, 100));
        reader_.finish();
        if (problems_.empty()) check_places();
        return std::move(profile_);
    }

private:
    void read_page() {
        const auto* page = reader_.required("page");
        if (page == nullptr) return;
        ObjectReader reader{*page, reader_.path_of("page"), problems_};
        profile_.page_width = length(reader, "width");
        profile_.page_height = length(reader, "height");
        reader.finish();
    }

    static double length(ObjectReader& reader, std::string_view key) {
        if (reader.required(key) == nullptr) return 0;
        return reader.number(key, 0, 0, page_mm_max);
    }

    Box box(std::string_view key, bool required) {
        const auto* json = required ? reader_.required(key) : reader_.object(key);
        if (json == nullptr) return {};
        ObjectReader reader{*json, reader_.path_of(key), problems_};
        const Box found{length(reader, "left"), length(reader, "top"), length(reader, "width"),
                        length(reader, "height")};
        reader.finish();
        const Box page{0, 0, profile_.page_width, profile_.page_height};
        if (!is_empty(page) && !inside(found, page))
            reader_.problem(key, "window.outside_page", "leaves the page");
        return found;
    }

    void read_margins() {
        const auto* json = reader_.required("margins");
        if (json == nullptr) return;
        ObjectReader reader{*json, reader_.path_of("margins"), problems_};
        profile_.margins = {length(reader, "left"), length(reader, "right"), length(reader, "top"),
                            length(reader, "bottom")};
        reader.finish();
        if (profile_.margins.left + profile_.margins.right + 50 > profile_.page_width)
            reader_.problem("margins", "window.no_room", "leave less than 50 mm for the text");
        if (profile_.body_top + profile_.margins.bottom + 50 > profile_.page_height)
            reader_.problem("body_top", "window.no_room", "leaves less than 50 mm for the text");
    }

    void read_marks() {
        profile_.hole_mark = reader_.number("hole_mark", 0, 0, page_mm_max);
        const auto* marks = reader_.list("fold_marks");
        if (marks == nullptr) return;
        for (std::size_t i = 0; i < marks->size(); ++i) {
            const auto mark = (*marks)[i].number();
            if (mark && *mark > 0 && *mark < profile_.page_height)
                profile_.fold_marks.push_back(*mark);
            else
                reader_.problem("fold_marks", "window.outside_page",
                                "entry " + std::to_string(i + 1) + " is no height on the page");
        }
    }

    void check_places() {
        if (!inside(profile_.address, profile_.window))
            reader_.problem("address", "window.address_outside", "must lie within the window");
        if (!is_empty(profile_.return_line)) {
            if (!inside(profile_.return_line, profile_.window))
                reader_.problem("return_line", "window.address_outside",
                                "must lie within the window");
            if (overlap(profile_.return_line, profile_.address))
                reader_.problem("return_line", "window.overlap", "overlaps the address");
        }
        const auto& margins = profile_.margins;
        const double width = profile_.page_width - margins.left - margins.right;
        const double end = profile_.page_height - margins.bottom;
        const std::pair<std::string_view, Box> zones[] = {
            {"window", profile_.window},
            {"letterhead", profile_.letterhead},
            {"contact", profile_.contact},
            {"body_top", {margins.left, profile_.body_top, width, end - profile_.body_top}},
            {"footer", profile_.footer}};
        for (std::size_t i = 0; i < std::size(zones); ++i)
            for (std::size_t j = i + 1; j < std::size(zones); ++j)
                if (overlap(zones[i].second, zones[j].second))
                    reader_.problem(zones[j].first, "window.overlap",
                                    "overlaps " + std::string{zones[i].first});
    }

    ObjectReader reader_;
    base::Problems& problems_;
    WindowProfile profile_{};
};

std::vector<WindowProfile> read_built_in() {
    std::vector<WindowProfile> windows;
    for (const auto& file : window_files) {
        const auto json = Json::parse(file.text, file.name);
        if (!json) throw std::logic_error(json.error().text());
        auto window = parse_window_profile(*json);
        if (!window)
            throw std::logic_error(std::string{file.name} + ": " + window.error()[0].text());
        windows.push_back(std::move(*window));
    }
    return windows;
}

}  // namespace

tl::expected<WindowProfile, base::Problems> parse_window_profile(const Json& json) {
    base::Problems problems;
    auto profile = ProfileReader{json, problems}.read();
    if (!problems.empty()) return tl::unexpected{std::move(problems)};
    return profile;
}

const std::vector<WindowProfile>& built_in_windows() {
    static const auto windows = read_built_in();
    return windows;
}

const WindowProfile* find_window(std::string_view name) {
    const auto& windows = built_in_windows();
    const auto found = std::ranges::find(windows, name, &WindowProfile::name);
    return found == windows.end() ? nullptr : &*found;
}

}  // namespace carillon::channels
