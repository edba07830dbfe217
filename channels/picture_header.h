// What a picture says of itself in its first bytes. It is recognised by its content, never by a
// name or a header, and no pixel is decoded. Pure, safe from several threads.
#pragma once

#include <string_view>

#include "base/result.h"

namespace carillon::channels {

enum class PictureFormat { png, jpeg, gif };

std::string_view media_type_of(PictureFormat format);  // "image/png"
std::string_view suffix_of(PictureFormat format);      // "png", "jpg", "gif"

struct PictureHeader {
    PictureFormat format{};
    int width{};  // pixels; 1 .. picture_side_max, as the height
    int height{};
};

inline constexpr int picture_side_max = 10'000;

// Errors: picture.format (none of the three), picture.broken (cut off, or something stands behind
// its end), picture.side.
base::Result<PictureHeader> read_picture_header(std::string_view bytes);

}  // namespace carillon::channels
