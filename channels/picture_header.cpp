#include "channels/picture_header.h"

// jpeglib.h needs it before.
#include <cstdio>

#include <jpeglib.h>

#include <csetjmp>
#include <cstdint>
#include <optional>

namespace carillon::channels {

namespace {

using namespace std::string_view_literals;

// How the three begin and end. An end that is asked for finds files that were cut off, and leaves
// no room for a second file behind the first.
constexpr auto png_start = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"sv;
constexpr auto png_end = "\0\0\0\0IEND\xae\x42\x60\x82"sv;
constexpr auto jpeg_start = "\xff\xd8\xff"sv;
constexpr auto jpeg_end = "\xff\xd9"sv;
constexpr auto gif_end = ";"sv;

struct Size {
    std::uint64_t width{};
    std::uint64_t height{};
};

std::uint64_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

// Width and height stand right behind the start (PNG, section 11.2.1). libpng would unpack every
// compressed text before the pixels to come to the same eight bytes.
std::optional<Size> png_size(std::string_view bytes) {
    constexpr std::size_t header = 33;  // with depth, colours and the checksum
    if (bytes.size() < header + png_end.size()) return std::nullopt;
    Size size;
    for (std::size_t i = 0; i < 4; ++i) {
        size.width = size.width << 8 | byte_at(bytes, png_start.size() + i);
        size.height = size.height << 8 | byte_at(bytes, png_start.size() + 4 + i);
    }
    return size;
}

// The "logical screen" of GIF89a, section 18: two numbers, low byte first.
std::optional<Size> gif_size(std::string_view bytes) {
    constexpr std::size_t header = 13;
    if (bytes.size() < header + gif_end.size()) return std::nullopt;
    return Size{byte_at(bytes, 6) | byte_at(bytes, 7) << 8, byte_at(bytes, 8) | byte_at(bytes, 9)
                                                                                    << 8};
}

struct Trouble {
    jpeg_error_mgr base;  // first: libjpeg hands back a pointer to it
    std::jmp_buf back;
};

[[noreturn]] void give_up(j_common_ptr jpeg) {
    std::longjmp(reinterpret_cast<Trouble*>(jpeg->err)->back, 1);
}

void say_nothing(j_common_ptr, int) {}

// Reads the markers up to the first scan; nothing in here has a destructor, for libjpeg jumps. By
// hand it would be a parser: the size stands behind any number of other markers.
bool read_jpeg(const unsigned char* bytes, std::size_t count, Size& size) {
    jpeg_decompress_struct jpeg{};
    Trouble trouble{};
    jpeg.err = jpeg_std_error(&trouble.base);
    trouble.base.error_exit = give_up;
    trouble.base.emit_message = say_nothing;
    if (setjmp(trouble.back) != 0) {
        jpeg_destroy_decompress(&jpeg);
        return false;
    }
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, bytes, static_cast<unsigned long>(count));
    const bool is_picture = jpeg_read_header(&jpeg, TRUE) == JPEG_HEADER_OK;
    size = {jpeg.image_width, jpeg.image_height};
    jpeg_destroy_decompress(&jpeg);
    return is_picture;
}

std::optional<Size> jpeg_size(std::string_view bytes) {
    Size size;
    const auto* first = reinterpret_cast<const unsigned char*>(bytes.data());
    if (!read_jpeg(first, bytes.size(), size)) return std::nullopt;
    return size;
}

std::optional<PictureFormat> format_of(std::string_view bytes) {
    if (bytes.starts_with(png_start)) return PictureFormat::png;
    if (bytes.starts_with(jpeg_start)) return PictureFormat::jpeg;
    if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return PictureFormat::gif;
    return std::nullopt;
}

std::optional<Size> size_of(PictureFormat format, std::string_view bytes) {
    switch (format) {
        case PictureFormat::png: return bytes.ends_with(png_end) ? png_size(bytes) : std::nullopt;
        case PictureFormat::jpeg:
            return bytes.ends_with(jpeg_end) ? jpeg_size(bytes) : std::nullopt;
        case PictureFormat::gif: return bytes.ends_with(gif_end) ? gif_size(bytes) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

std::string_view media_type_of(PictureFormat format) {
    switch (format) {
        case PictureFormat::png: return "image/png";
        case PictureFormat::jpeg: return "image/jpeg";
        case PictureFormat::gif: return "image/gif";
    }
    return {};
}

std::string_view suffix_of(PictureFormat format) {
    return format == PictureFormat::jpeg ? "jpg" : media_type_of(format).substr(6);
}

base::Result<PictureHeader> read_picture_header(std::string_view bytes) {
    const auto format = format_of(bytes);
    if (!format) return base::fail("picture.format", "this is neither a PNG, a JPEG nor a GIF");
    const auto size = size_of(*format, bytes);
    if (!size || size->width == 0 || size->height == 0)
        return base::fail("picture.broken",
                          "the picture is damaged or cut off, or something stands behind its end");
    constexpr std::uint64_t most = picture_side_max;
    if (size->width > most || size->height > most)
        return base::fail("picture.side", "a side has at most 10000 pixels");
    return PictureHeader{*format, static_cast<int>(size->width), static_cast<int>(size->height)};
}

}  // namespace carillon::channels
