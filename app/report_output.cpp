#include "app/report_output.h"

#include <fstream>
#include <iostream>

#include "reports/document_bytes.h"

namespace carillon::app {

namespace {

bool is_file_format(const std::string& format) {
    return format == "xlsx" || format == "pdf";
}

bool write_file(const reports::Document& document, const std::string& format,
                const std::string& path) {
    return format == "xlsx" ? reports::write_xlsx(document, path)
                            : reports::write_pdf(document, path);
}

}  // namespace

ExitCode write_document(const Output& output, const DocumentOutput& where,
                        const reports::Document& document,
                        const std::function<base::Json()>& json) {
    if (is_file_format(where.format) && !output.is_json()) {
        if (where.out.empty())
            return output.refuse(
                {"report.out", "this format is a file: give --out FILE", "--format"});
        if (write_file(document, where.format, where.out)) return ExitCode::done;
        return output.fail("cannot write " + where.out);
    }
    const auto text = where.format == "json" || output.is_json()
                          ? json().dump() + "\n"
                          : reports::document_bytes(document, where.format);
    if (where.out.empty()) {
        std::cout << text;
        return ExitCode::done;
    }
    std::ofstream file{where.out, std::ios::binary | std::ios::trunc};
    file << text;
    return file.flush() ? ExitCode::done : output.fail("cannot write " + where.out);
}

}  // namespace carillon::app
