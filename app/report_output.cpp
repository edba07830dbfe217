#include "app/report_output.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/digest.h"

namespace carillon::app {

namespace {

namespace fs = std::filesystem;

bool is_file_format(const std::string& format) {
    return format == "xlsx" || format == "pdf";
}

bool write_file(const reports::Document& document, const std::string& format,
                const std::string& path) {
    return format == "xlsx" ? reports::write_xlsx(document, path)
                            : reports::write_pdf(document, path);
}

}  // namespace

std::string document_bytes(const reports::Document& document, const std::string& format) {
    if (format == "csv") return reports::to_csv(document);
    if (format == "html") return reports::to_html(document);
    if (!is_file_format(format)) return reports::to_text(document);
    const auto path =
        fs::temp_directory_path() / ("carillon-" + base::to_hex(base::random_bytes(12)));
    std::string bytes;
    if (write_file(document, format, path.string())) {
        std::ifstream file{path, std::ios::binary};
        bytes.assign(std::istreambuf_iterator<char>{file}, {});
    }
    std::error_code ignored;
    fs::remove(path, ignored);
    return bytes;
}

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
                          : document_bytes(document, where.format);
    if (where.out.empty()) {
        std::cout << text;
        return ExitCode::done;
    }
    std::ofstream file{where.out, std::ios::binary | std::ios::trunc};
    file << text;
    return file.flush() ? ExitCode::done : output.fail("cannot write " + where.out);
}

}  // namespace carillon::app
