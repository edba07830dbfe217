#include "channels/font_family.h"

#include <fontconfig/fontconfig.h>
#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <set>

#include "channels/durable_file.h"
#include "channels/font_outlines.h"

namespace carillon::channels {

namespace {

struct DestroySet {
    void operator()(FcFontSet* set) const { FcFontSetDestroy(set); }
};
struct DestroyPattern {
    void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
};
struct DestroyObjects {
    void operator()(FcObjectSet* objects) const { FcObjectSetDestroy(objects); }
};

const FcChar8* as_fc(const std::string& text) {
    return reinterpret_cast<const FcChar8*>(text.c_str());
}

// `all`: with its condensed and slanted faces.
std::set<std::string> files_of(const std::string& family, bool all = true) {
    const std::unique_ptr<FcPattern, DestroyPattern> pattern{FcPatternCreate()};
    FcPatternAddString(pattern.get(), FC_FAMILY, as_fc(family));
    if (!all) {
        FcPatternAddInteger(pattern.get(), FC_WIDTH, FC_WIDTH_NORMAL);
        FcPatternAddInteger(pattern.get(), FC_SLANT, FC_SLANT_ROMAN);
    }
    const std::unique_ptr<FcObjectSet, DestroyObjects> objects{
        FcObjectSetBuild(FC_FILE, static_cast<char*>(nullptr))};
    const std::unique_ptr<FcFontSet, DestroySet> found{
        FcFontList(nullptr, pattern.get(), objects.get())};
    std::set<std::string> files;
    for (int i = 0; found && i < found->nfont; ++i) {
        FcChar8* file = nullptr;
        if (FcPatternGetString(found->fonts[i], FC_FILE, 0, &file) == FcResultMatch)
            files.emplace(reinterpret_cast<const char*>(file));
    }
    return files;
}

// A file in memory that stays open as long as the program runs: the font library opens its fonts by
// name, again and again. Empty when that cannot be done.
std::string in_memory(const std::string& bytes) {
    const int descriptor = ::memfd_create("font", MFD_CLOEXEC);
    if (descriptor < 0) return {};
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto size = ::write(descriptor, bytes.data() + done, bytes.size() - done);
        if (size <= 0) {
            ::close(descriptor);
            return {};
        }
        done += static_cast<std::size_t>(size);
    }
    return "/proc/self/fd/" + std::to_string(descriptor);
}

bool add_bare(FcConfig* config, const std::string& file) {
    const auto font = read_whole(file);
    const auto bare = font ? without_instructions(*font) : std::string{};
    const auto place = bare.empty() ? std::string{} : in_memory(bare);
    return !place.empty() && FcConfigAppFontAddFile(config, as_fc(place)) == FcTrue;
}

std::string fallback_of(const std::string& family) {
    return family.find("Serif") == std::string::npos ? "DejaVu Sans" : "DejaVu Serif";
}

base::Result<std::shared_ptr<void>> load(const std::string& family) {
    auto files = files_of(family);
    if (files.empty())
        return base::fail("letter.font_missing", "The system has no font family '" + family + "'.");
    files.merge(files_of(fallback_of(family), false));
    // With the rules of the system, and none of its other fonts.
    const std::shared_ptr<FcConfig> config{FcInitLoadConfig(), FcConfigDestroy};
    for (const auto& file : files)
        if (!add_bare(config.get(), file)) FcConfigAppFontAddFile(config.get(), as_fc(file));
    return std::shared_ptr<void>{config};
}

}  // namespace

base::Result<std::shared_ptr<void>> find_font_family(const std::string& family) {
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<void>> known;
    const std::scoped_lock lock{mutex};
    auto& found = known[family];
    if (!found) {
        auto loaded = load(family);
        if (!loaded) return loaded;
        found = std::move(*loaded);
    }
    return found;
}

}  // namespace carillon::channels
