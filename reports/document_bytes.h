// A document in one of its formats, as bytes.
#pragma once

#include <string>
#include <string_view>

#include "reports/document.h"

namespace carillon::reports {

// csv, html, xlsx, pdf; whatever else: text. Empty when it cannot be made. A workbook and a PDF go
// through a temporary file.
std::string document_bytes(const Document& document, std::string_view format);

}  // namespace carillon::reports
