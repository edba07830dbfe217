// Where what stands on a letter, so that the address shows in the window of the envelope and
// nothing else does. All lengths in millimetres, from the top left corner of the page. The profiles
// of examples/windows are compiled in; each names the source of its figures. Plain values; the
// functions are safe from several threads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "channels/page_geometry.h"

namespace carillon::channels {

struct PageMargins {
    double left{};
    double right{};
    double top{};     // from the second page on
    double bottom{};  // text ends above it
};

struct WindowProfile {
    std::string name{};
    std::string title{};   // for lists that people choose from
    std::string source{};  // where the figures come from
    double page_width{};
    double page_height{};
    Box window{};       // what can be seen; the only things in it are return line and address
    Box return_line{};  // within the window; empty: the sender is not named there
    Box address{};      // within the window, below the return line
    int address_lines_max{6};
    Box letterhead{};
    Box contact{};      // telephone, reference, date
    double body_top{};  // of page 1
    PageMargins margins{};
    Box footer{};  // sheet mark, legal line and page number, on every page
    std::vector<double> fold_marks{};
    double hole_mark{};  // 0: none
    int max_pages{10};
};

// Every mistake at once, with its JSON path. Errors: json.*, window.outside_page (a box leaves the
// page), window.overlap (letterhead, contact, body or footer touch the window or one another),
// window.address_outside.
tl::expected<WindowProfile, base::Problems> parse_window_profile(const base::Json& json);

// The profiles compiled in: din-5008-b, ru-dl-right, uk-dl, us-10.
const std::vector<WindowProfile>& built_in_windows();
// nullptr when there is none of this name.
const WindowProfile* find_window(std::string_view name);

}  // namespace carillon::channels
