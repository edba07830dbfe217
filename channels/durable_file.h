// Files that survive a power cut once we say they do, and names for them that nobody stumbles over.
// Safe from several threads.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::channels {

// A descriptor that closes itself; false when it could not be opened (errno says why).
class File {
public:
    File(const std::filesystem::path& path, int flags);
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    explicit operator bool() const { return descriptor_ >= 0; }
    bool write(std::string_view bytes) const;
    bool sync() const;
    bool sync_file_system() const;
    // For this process alone, until the file is closed or the process dies; false: somebody else
    // has it.
    bool lock() const;

private:
    int descriptor_;
};

bool sync_folder(const std::filesystem::path& folder);

// "cannot write /x/y: No space left on device", from errno.
std::string system_problem(const char* what, const std::filesystem::path& path);

// Content to the disk under a temporary name, then the name, then the folder that holds it. The
// problem, or nothing when the file is there for good.
std::optional<std::string> write_durably(const std::filesystem::path& path, std::string_view bytes);
// Renames within one file system and makes that last. The problem, or nothing.
std::optional<std::string> move_durably(const std::filesystem::path& from,
                                        const std::filesystem::path& to);

std::optional<std::string> read_whole(const std::filesystem::path& path);

// A key as a file name without an ending: what a shell, a person or a file system could stumble
// over is written %XX; a very long key is replaced by its digest.
std::string file_name_of(std::string_view key);

}  // namespace carillon::channels
