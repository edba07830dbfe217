#include "reports/document_bytes.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/digest.h"

namespace carillon::reports {

std::string document_bytes(const Document& document, std::string_view format) {
    namespace fs = std::filesystem;
    if (format == "csv") return to_csv(document);
    if (format == "html") return to_html(document);
    if (format != "xlsx" && format != "pdf") return to_text(document);
    const auto path =
        fs::temp_directory_path() / ("carillon-" + base::to_hex(base::random_bytes(12)));
    const bool written =
        format == "xlsx" ? write_xlsx(document, path.string()) : write_pdf(document, path.string());
    std::string bytes;
    if (written) {
        std::ifstream file{path, std::ios::binary};
        bytes.assign(std::istreambuf_iterator<char>{file}, {});
    }
    std::error_code ignored;
    fs::remove(path, ignored);
    return bytes;
}

}  // namespace carillon::reports
