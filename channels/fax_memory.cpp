#include "channels/fax_memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <system_error>

namespace carillon::channels {

namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr std::string_view ending = ".fax";

tl::unexpected<base::Failure> unusable(const std::string& why) {
    return base::fail("fax.folder_unusable", why);
}

// "<milliseconds> <job or nothing>\n"
std::optional<FaxMemory::Note> parse_note(std::string_view text) {
    std::int64_t millis = 0;
    const auto* end = text.data() + text.size();
    const auto [next, error] = std::from_chars(text.data(), end, millis);
    if (error != std::errc{} || next == end || *next != ' ' || !text.ends_with('\n'))
        return std::nullopt;
    return FaxMemory::Note{base::from_millis(millis), std::string{next + 1, end - 1}};
}

}  // namespace

Result<std::unique_ptr<FaxMemory>> FaxMemory::open(fs::path folder, base::Instant now,
                                                   std::chrono::hours keep) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return unusable(folder.string() + ": " + error.message());
    auto lock = std::make_unique<File>(folder / ".lock", O_RDWR | O_CREAT);
    if (!*lock) return unusable(system_problem("cannot open", folder / ".lock"));
    if (!lock->lock())
        return base::fail("fax.folder_in_use",
                          "Another process sends faxes with this folder: " + folder.string());
    for (const auto& entry : fs::directory_iterator{folder, error}) {
        const auto name = entry.path().filename().string();
        const bool unfinished = name.starts_with('.') && name.ends_with(".tmp");
        const auto text = name.ends_with(ending) ? read_whole(entry.path()) : std::nullopt;
        const auto note = text ? parse_note(*text) : std::nullopt;
        if (unfinished || (note && now - note->begun > keep)) ::unlink(entry.path().c_str());
    }
    return std::unique_ptr<FaxMemory>{new FaxMemory{std::move(folder), std::move(lock)}};
}

fs::path FaxMemory::path_of(const std::string& key) const {
    return folder_ / (file_name_of(key) + std::string{ending});
}

Result<std::optional<FaxMemory::Note>> FaxMemory::find(const std::string& key) const {
    const auto path = path_of(key);
    std::error_code error;
    const bool there = fs::exists(path, error);
    if (error) return unusable(path.string() + ": " + error.message());
    if (!there) return std::nullopt;
    const auto text = read_whole(path);
    auto note = text ? parse_note(*text) : std::nullopt;
    if (!note) return unusable("cannot read " + path.string());
    return note;
}

Result<void> FaxMemory::remember(const std::string& key, const Note& note) {
    const auto text = std::to_string(base::to_millis(note.begun)) + " " + note.job + "\n";
    if (auto problem = write_durably(path_of(key), text)) return unusable(*problem);
    return {};
}

void FaxMemory::forget(const std::string& key) {
    ::unlink(path_of(key).c_str());
}

}  // namespace carillon::channels
