// Several PDF files in one, for printing. Pure; safe from several threads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace carillon::channels {

struct MergedPdf {
    std::string bytes{};
    std::vector<int> first_pages{};  // of each part, counted from 1
    int pages{};
};

enum class SheetStart {
    anywhere,
    front,  // an empty page is added where a part would begin on the back of a sheet
};

// The same parts, the same bytes. Errors: letter.pdf_invalid, naming the part.
base::Result<MergedPdf> merge_pdf(const std::vector<std::string_view>& parts, SheetStart start);

}  // namespace carillon::channels
