// The file of rejected rows: line, column and reason in front of the original cells, so that a
// person can put them right in a spreadsheet and import that file again. Private to the importers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "audience/import_batch.h"

namespace carillon::audience {

// Not thread-safe. Trouble with the file is thrown (std::runtime_error): an import must not lose
// what it rejected.
class RejectsFile {
public:
    // Begins a new file, or goes on behind `size` bytes that belong to committed batches.
    RejectsFile(const std::string& path, std::int64_t size, const std::vector<std::string>& header,
                char delimiter);
    ~RejectsFile();
    RejectsFile(const RejectsFile&) = delete;
    RejectsFile& operator=(const RejectsFile&) = delete;

    // Writes and makes durable; call it before the batch is committed. Returns the size of the
    // file.
    std::int64_t append(std::vector<Reject> rejects);
    std::int64_t size() const { return size_; }
    // Forgets what was appended behind `size`: its batch was rolled back.
    void truncate(std::int64_t size);

private:
    void write(const std::string& text);

    std::string path_;
    char delimiter_;
    int file_{-1};
    std::int64_t size_{};
};

}  // namespace carillon::audience
