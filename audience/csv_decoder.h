// Bytes of a file in one of the four encodings to UTF-8; private to the CSV reader.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "audience/csv.h"

namespace carillon::audience {

// What the first bytes of a file (up to 64 KB) say. Errors: csv.encoding for binary files and
// UTF-16 without a mark.
base::Result<Encoding> detect_encoding(std::string_view beginning);

// Length of the byte order mark that `beginning` carries in this encoding.
std::size_t mark_size(std::string_view beginning, Encoding encoding);

// Converts chunk by chunk; where chunks end does not matter. Not thread-safe.
class CsvDecoder {
public:
    explicit CsvDecoder(Encoding encoding);
    ~CsvDecoder();
    // Broken sequences become U+FFFD, except in UTF-8, which is passed on untouched.
    void append(std::string_view bytes, bool last, std::string& out);

private:
    struct Converter;
    std::unique_ptr<Converter> converter_;  // none for UTF-8
};

}  // namespace carillon::audience
