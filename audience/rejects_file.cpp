#include "audience/rejects_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "audience/mapping.h"

namespace carillon::audience {

namespace {

[[noreturn]] void refuse(const std::string& path) {
    throw std::runtime_error("cannot write " + path + ": " + std::strerror(errno));
}

}  // namespace

RejectsFile::RejectsFile(const std::string& path, std::int64_t size,
                         const std::vector<std::string>& header, char delimiter)
    : path_(path), delimiter_(delimiter) {
    // Rows of clients: for the owner's eyes.
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) refuse(path_);
    truncate(size);
    if (size > 0) return;
    std::vector<std::string_view> cells{std::begin(reject_columns), std::end(reject_columns)};
    cells.insert(cells.end(), header.begin(), header.end());
    std::string text = "\xEF\xBB\xBF";  // spreadsheets take a file without it for something else
    append_csv_row(text, cells, delimiter_);
    write(text);
}

RejectsFile::~RejectsFile() {
    ::close(file_);
}

void RejectsFile::truncate(std::int64_t size) {
    if (::ftruncate(file_, size) != 0 || ::lseek(file_, size, SEEK_SET) < 0) refuse(path_);
    size_ = size;
}

void RejectsFile::write(const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const auto count = ::write(file_, text.data() + done, text.size() - done);
        if (count < 0 && errno != EINTR) refuse(path_);
        if (count > 0) done += static_cast<std::size_t>(count);
    }
    size_ += static_cast<std::int64_t>(text.size());
}

std::int64_t RejectsFile::append(std::vector<Reject> rejects) {
    if (rejects.empty()) return size_;
    std::ranges::stable_sort(rejects, {}, &Reject::line);
    std::string text;
    for (const auto& reject : rejects) {
        const auto line = std::to_string(reject.line);
        const std::string_view head[] = {line, reject.column, reject.reason};
        append_csv_row(text, head, delimiter_);
        text.resize(text.size() - 2);
        text += delimiter_;
        text += reject.cells;
    }
    write(text);
    if (::fsync(file_) != 0) refuse(path_);
    return size_;
}

}  // namespace carillon::audience
