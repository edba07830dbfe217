// Pictures are known by their bytes, and no bytes do harm.
#include <catch2/catch.hpp>

#include "base/digest.h"
#include "channels/picture_header.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::string_literals;

namespace {

std::string be32(std::uint32_t number) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xff);
    return bytes;
}

// Header and end; what stands between is nobody's business here.
std::string png(std::uint32_t width, std::uint32_t height, const std::string& between = {}) {
    return "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"s + be32(width) + be32(height) + "\x08\x02\0\0\0"s +
           "\x12\x34\x56\x78"s + between + "\0\0\0\0IEND\xae\x42\x60\x82"s;
}

std::string gif(int width, int height, const std::string& between = {}) {
    const auto le16 = [](int number) {
        return std::string{static_cast<char>(number & 0xff), static_cast<char>(number >> 8)};
    };
    return "GIF89a" + le16(width) + le16(height) + "\0\0\0"s + between + ";";
}

// 8 x 4 pixels of one colour, made by libjpeg; the size stands at 163 (height) and 165.
std::string jpeg() {
    static const auto bytes =
        base::from_base64(
            "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxO"
            "QERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2Nj"
            "Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAEAAgDASIAAhEBAxEB/8QAHwAAAQUBAQEB"
            "AQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKB"
            "kaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1"
            "dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl"
            "5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcF"
            "BAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5"
            "OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0"
            "tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDJooor2TzD"
            "/9k=")
            .value();
    return bytes;
}

std::string code_of(const std::string& bytes) {
    const auto header = read_picture_header(bytes);
    return header ? std::to_string(header->width) + "x" + std::to_string(header->height)
                  : header.error().code;
}

}  // namespace

TEST_CASE("a picture is what its first bytes say", "[pictures]") {
    CHECK(code_of(png(320, 200)) == "320x200");
    CHECK(code_of(gif(320, 200)) == "320x200");
    CHECK(code_of(jpeg()) == "8x4");
    CHECK(read_picture_header(png(1, 1))->format == PictureFormat::png);
    CHECK(read_picture_header(gif(1, 1))->format == PictureFormat::gif);
    CHECK(read_picture_header(jpeg())->format == PictureFormat::jpeg);
    CHECK(media_type_of(PictureFormat::jpeg) == "image/jpeg");
    CHECK(suffix_of(PictureFormat::jpeg) == "jpg");
    CHECK(suffix_of(PictureFormat::gif) == "gif");
}

TEST_CASE("what is no picture of these three is refused", "[pictures]") {
    for (const auto& bytes :
         {""s, "x"s, "<svg xmlns='http://www.w3.org/2000/svg'/>"s, "<?xml version='1.0'?><svg/>"s,
          "<!doctype html><script>x()</script>"s + png(8, 8), "RIFF\x10\0\0\0WEBPVP8 "s, "BM"s,
          "%PDF-1.7"s,
          "\0\0\0\x1c"
          "ftypavif"s,
          "\x89PNG\r\n\x1a\n"s, " " + gif(8, 8)})
        CHECK(code_of(bytes) == "picture.format");
}

TEST_CASE("a picture cut off anywhere is refused, and nothing is read behind its end",
          "[pictures]") {
    for (const auto& whole : {png(8, 8), gif(8, 8), jpeg()})
        for (std::size_t length = 0; length < whole.size(); ++length) {
            // A copy of exactly this length: the sanitizers see a byte too far.
            const std::string part{whole.data(), length};
            INFO(length);
            CHECK(code_of(part).starts_with("picture."));
        }
}

TEST_CASE("something behind the end makes two files of one", "[pictures]") {
    for (const auto& whole : {png(8, 8), gif(8, 8), jpeg()})
        for (const auto& more : {"PK\x03\x04"s, "<script>x()</script>"s, "\0"s})
            CHECK(code_of(whole + more) == "picture.broken");
}

TEST_CASE("sides have a limit, whatever the header claims", "[pictures]") {
    CHECK(code_of(png(10'000, 10'000)) == "10000x10000");
    CHECK(code_of(png(10'001, 1)) == "picture.side");
    CHECK(code_of(png(1, 10'001)) == "picture.side");
    CHECK(code_of(png(0xffffffff, 0xffffffff)) == "picture.side");
    CHECK(code_of(png(0x80000000, 1)) == "picture.side");
    CHECK(code_of(png(0, 1)) == "picture.broken");
    CHECK(code_of(png(1, 0)) == "picture.broken");
    CHECK(code_of(gif(65'535, 1)) == "picture.side");
    CHECK(code_of(gif(0, 0)) == "picture.broken");
    auto wide = jpeg();
    wide[165] = '\xff';
    CHECK(code_of(wide) == "picture.side");
    auto flat = jpeg();
    flat[163] = flat[164] = '\0';
    CHECK(code_of(flat) == "picture.broken");
}

TEST_CASE("a script in the comment of a picture leaves it a picture", "[pictures]") {
    CHECK(code_of(png(8, 8, be32(19) + "tEXt</><script>x()</script>"s)) == "8x8");
    CHECK(code_of(gif(0x2a2f, 0x0a0d)) == "picture.side");  // "GIF89a/*": a script that begins so
    CHECK(code_of("\xff\xd8\xff\xfe\0\x0a<script>"s + jpeg().substr(2)) == "8x4");
}

TEST_CASE("no single wrong byte in a header does harm", "[pictures]") {
    for (const auto& whole : {png(8, 8), gif(8, 8), jpeg()})
        for (std::size_t at = 0; at < whole.size(); ++at)
            for (int value = 0; value < 256; value += 5) {
                auto bytes = whole;
                bytes[at] = static_cast<char>(value);
                if (const auto header = read_picture_header(bytes)) {
                    CHECK(header->width <= picture_side_max);
                    CHECK(header->height <= picture_side_max);
                }
            }
}
