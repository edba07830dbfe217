// A page of a PDF as people look at it at a screen: the letter or fax that the channel sends, not a
// second drawing of it. Safe from several threads, each with its own document.
#pragma once

#include <string>

#include "base/result.h"

namespace carillon::channels {

struct PageImage {
    std::string png{};
    int pages{};  // of the whole document
};

// `page` counts from 1; `width` in pixels, the height follows. For documents that we made
// ourselves. Errors: page.unknown (no such page), page.unreadable.
base::Result<PageImage> page_image(const std::string& pdf, int page, int width);

}  // namespace carillon::channels
