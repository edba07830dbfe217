#include "audience/csv_decoder.h"

#include <unicode/ucnv.h>

#include <algorithm>
#include <stdexcept>

#include "base/text.h"

namespace carillon::audience {

namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr std::string_view utf16_le_mark = "\xFF\xFE";
constexpr std::string_view utf16_be_mark = "\xFE\xFF";

const char* converter_name(Encoding encoding) {
    switch (encoding) {
        case Encoding::utf8: return "UTF-8";
        case Encoding::utf16_le: return "UTF-16LE";
        case Encoding::utf16_be: return "UTF-16BE";
        case Encoding::cp1251: return "windows-1251";
    }
    std::abort();
}

// A sample may end inside a character.
bool is_utf8_so_far(std::string_view sample) {
    for (int cut = 0; cut < 4 && !sample.empty(); ++cut) {
        if (base::is_valid_utf8(sample)) return true;
        sample.remove_suffix(1);
    }
    return sample.empty() || base::is_valid_utf8(sample);
}

bool is_cp1251_letter(unsigned char byte) {
    return byte >= 0xC0 || byte == 0xA8 || byte == 0xB8;
}

// Nine of ten bytes above ASCII are Russian letters.
bool reads_as_cp1251(std::string_view sample) {
    std::ptrdiff_t high = 0;
    std::ptrdiff_t letters = 0;
    for (const char c : sample) {
        const auto byte = static_cast<unsigned char>(c);
        high += byte >= 0x80;
        letters += is_cp1251_letter(byte);
    }
    return high > 0 && letters * 10 >= high * 9;
}

}  // namespace

std::string_view name_of(Encoding encoding) {
    switch (encoding) {
        case Encoding::utf8: return "utf-8";
        case Encoding::utf16_le: return "utf-16le";
        case Encoding::utf16_be: return "utf-16be";
        case Encoding::cp1251: return "cp1251";
    }
    std::abort();
}

std::optional<Encoding> encoding_from(std::string_view name) {
    for (const auto encoding :
         {Encoding::utf8, Encoding::utf16_le, Encoding::utf16_be, Encoding::cp1251})
        if (name_of(encoding) == name) return encoding;
    return std::nullopt;
}

std::size_t mark_size(std::string_view beginning, Encoding encoding) {
    switch (encoding) {
        case Encoding::utf8: return beginning.starts_with(utf8_mark) ? 3 : 0;
        case Encoding::utf16_le: return beginning.starts_with(utf16_le_mark) ? 2 : 0;
        case Encoding::utf16_be: return beginning.starts_with(utf16_be_mark) ? 2 : 0;
        case Encoding::cp1251: return 0;
    }
    std::abort();
}

base::Result<Encoding> detect_encoding(std::string_view beginning) {
    for (const auto encoding : {Encoding::utf8, Encoding::utf16_le, Encoding::utf16_be})
        if (mark_size(beginning, encoding) > 0) return encoding;
    const auto nuls = std::ranges::count(beginning, '\0');
    if (nuls * 4 >= std::ssize(beginning) && nuls > 0)
        return base::fail(
            "csv.encoding",
            "the file looks like UTF-16 without a byte order mark, or is not a text; give its "
            "encoding (utf-16le or utf-16be)");
    if (!is_utf8_so_far(beginning) && reads_as_cp1251(beginning)) return Encoding::cp1251;
    return Encoding::utf8;
}

struct CsvDecoder::Converter {
    explicit Converter(Encoding encoding) {
        UErrorCode status = U_ZERO_ERROR;
        from = ucnv_open(converter_name(encoding), &status);
        to = ucnv_open("UTF-8", &status);
        if (U_FAILURE(status)) throw std::runtime_error("ICU lacks a converter for CSV files");
    }
    ~Converter() {
        ucnv_close(from);
        ucnv_close(to);
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;

    UConverter* from{};
    UConverter* to{};
    UChar pivot[1024]{};
    UChar* pivot_source{pivot};
    UChar* pivot_target{pivot};
};

CsvDecoder::CsvDecoder(Encoding encoding)
    : converter_(encoding == Encoding::utf8 ? nullptr : std::make_unique<Converter>(encoding)) {}

CsvDecoder::~CsvDecoder() = default;

void CsvDecoder::append(std::string_view bytes, bool last, std::string& out) {
    if (!converter_) {
        out += bytes;
        return;
    }
    auto& state = *converter_;
    const char* source = bytes.data();
    const char* const source_end = source + bytes.size();
    char buffer[8192];
    UErrorCode status = U_BUFFER_OVERFLOW_ERROR;
    while (status == U_BUFFER_OVERFLOW_ERROR) {
        status = U_ZERO_ERROR;
        char* target = buffer;
        ucnv_convertEx(state.to, state.from, &target, buffer + sizeof buffer, &source, source_end,
                       state.pivot, &state.pivot_source, &state.pivot_target, state.pivot + 1024,
                       false, last, &status);
        out.append(buffer, static_cast<std::size_t>(target - buffer));
    }
}

}  // namespace carillon::audience
