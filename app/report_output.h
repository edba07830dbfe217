// A document in the format asked for, to a file or to standard output.
#pragma once

#include <functional>
#include <string>

#include "app/output.h"
#include "reports/document.h"

namespace carillon::app {

struct DocumentOutput {
    std::string format{"text"};  // text, json, csv, xlsx, html, pdf
    std::string out{};           // "": standard output; xlsx and pdf need a file
};

// `json`: asked for only in that format.
ExitCode write_document(const Output& output, const DocumentOutput& where,
                        const reports::Document& document, const std::function<base::Json()>& json);

}  // namespace carillon::app
