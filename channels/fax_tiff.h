// Fax pages as one TIFF file of class F: CCITT Group 4, one strip a page, resolution tagged.
// Pure; safe from several threads.
#pragma once

#include <string>
#include <vector>

#include "channels/page_plan.h"

namespace carillon::channels {

// ITU-T T.4: 1728 pixels a line, "fine" resolution; an A4 page of 297 mm.
constexpr int fax_width = 1728;
constexpr double fax_dots_per_inch_x = 204;
constexpr double fax_dots_per_inch_y = 196;
constexpr int fax_height = 2292;

// All pages `fax_width` wide. Throws std::runtime_error when the library fails.
std::string fax_tiff(const std::vector<Bitmap>& pages);

}  // namespace carillon::channels
