#include "channels/fax_tiff.h"

#include <tiffio.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace carillon::channels {

namespace {

// A file in memory, as libtiff wants to see one.
struct MemoryFile {
    std::string bytes{};
    std::size_t at{};
};

tmsize_t read_memory(thandle_t handle, void* out, tmsize_t size) {
    auto& file = *static_cast<MemoryFile*>(handle);
    const auto count = std::min(static_cast<std::size_t>(size),
                                file.bytes.size() - std::min(file.at, file.bytes.size()));
    std::memcpy(out, file.bytes.data() + file.at, count);
    file.at += count;
    return static_cast<tmsize_t>(count);
}

tmsize_t write_memory(thandle_t handle, void* data, tmsize_t size) {
    auto& file = *static_cast<MemoryFile*>(handle);
    const auto end = file.at + static_cast<std::size_t>(size);
    if (file.bytes.size() < end) file.bytes.resize(end);
    std::memcpy(file.bytes.data() + file.at, data, static_cast<std::size_t>(size));
    file.at = end;
    return size;
}

toff_t seek_memory(thandle_t handle, toff_t offset, int whence) {
    auto& file = *static_cast<MemoryFile*>(handle);
    const auto place = static_cast<std::size_t>(offset);
    if (whence == SEEK_SET) file.at = place;
    if (whence == SEEK_CUR) file.at += place;
    if (whence == SEEK_END) file.at = file.bytes.size() + place;
    return file.at;
}

int close_memory(thandle_t) {
    return 0;
}

toff_t size_of_memory(thandle_t handle) {
    return static_cast<MemoryFile*>(handle)->bytes.size();
}

void need(bool done) {
    if (!done) throw std::runtime_error("writing a fax page failed");
}

void write_page(TIFF* tiff, const Bitmap& page, std::size_t number, std::size_t count) {
    const auto set = [&](auto tag, auto... values) {
        need(TIFFSetField(tiff, static_cast<std::uint32_t>(tag), values...) == 1);
    };
    set(TIFFTAG_SUBFILETYPE, FILETYPE_PAGE);
    set(TIFFTAG_IMAGEWIDTH, page.width);
    set(TIFFTAG_IMAGELENGTH, page.height);
    set(TIFFTAG_BITSPERSAMPLE, 1);
    set(TIFFTAG_SAMPLESPERPIXEL, 1);
    set(TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
    set(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
    // Class F asks for the bit order of the line. It is that of the coded bytes: the library wants
    // pixels with the leftmost in the highest bit all the same.
    set(TIFFTAG_FILLORDER, FILLORDER_LSB2MSB);
    set(TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    set(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    set(TIFFTAG_ROWSPERSTRIP, page.height);
    set(TIFFTAG_XRESOLUTION, fax_dots_per_inch_x);
    set(TIFFTAG_YRESOLUTION, fax_dots_per_inch_y);
    set(TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    set(TIFFTAG_PAGENUMBER, static_cast<int>(number), static_cast<int>(count));
    std::string rows = page.bits;
    auto* data = reinterpret_cast<std::uint8_t*>(rows.data());
    need(TIFFWriteEncodedStrip(tiff, 0, data, static_cast<tmsize_t>(rows.size())) > 0);
    need(TIFFWriteDirectory(tiff) == 1);
}

}  // namespace

std::string fax_tiff(const std::vector<Bitmap>& pages) {
    MemoryFile file;
    const std::unique_ptr<TIFF, void (*)(TIFF*)> tiff{
        TIFFClientOpen("fax", "w", &file, read_memory, write_memory, seek_memory, close_memory,
                       size_of_memory, nullptr, nullptr),
        TIFFClose};
    need(tiff != nullptr);
    for (std::size_t i = 0; i < pages.size(); ++i)
        write_page(tiff.get(), pages[i], i, pages.size());
    need(TIFFFlush(tiff.get()) == 1);
    return file.bytes;
}

}  // namespace carillon::channels
