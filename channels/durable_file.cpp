#include "channels/durable_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/digest.h"

namespace carillon::channels {

namespace fs = std::filesystem;

File::File(const fs::path& path, int flags)
    : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {}

File::~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool File::write(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto size = ::write(descriptor_, bytes.data(), bytes.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

bool File::sync() const {
    return ::fsync(descriptor_) == 0;
}

bool File::sync_file_system() const {
    return ::syncfs(descriptor_) == 0;
}

bool File::lock() const {
    return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
}

bool sync_folder(const fs::path& folder) {
    const File opened{folder, O_RDONLY | O_DIRECTORY};
    return opened && opened.sync();
}

std::string system_problem(const char* what, const fs::path& path) {
    return std::string{what} + " " + path.string() + ": " + std::strerror(errno);
}

std::optional<std::string> write_durably(const fs::path& path, std::string_view bytes) {
    const auto temporary = path.parent_path() / ("." + path.filename().string() + ".tmp");
    {
        const File file{temporary, O_WRONLY | O_CREAT | O_TRUNC};
        if (!file || !file.write(bytes) || !file.sync()) {
            auto problem = system_problem("cannot write", temporary);
            ::unlink(temporary.c_str());
            return problem;
        }
    }
    return move_durably(temporary, path);
}

std::optional<std::string> move_durably(const fs::path& from, const fs::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return system_problem("cannot rename", from);
    const bool moved_folder = from.parent_path() != to.parent_path();
    if (!sync_folder(to.parent_path()) || (moved_folder && !sync_folder(from.parent_path())))
        return system_problem("cannot sync the folder of", to);
    return std::nullopt;
}

std::optional<std::string> read_whole(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) return std::nullopt;
    return std::string{std::istreambuf_iterator<char>{in}, {}};
}

std::string file_name_of(std::string_view key) {
    constexpr std::size_t name_max = 180;
    std::string name;
    for (const char c : key) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '@' ||
                           (c == '.' && !name.empty());
        if (plain)
            name += c;
        else
            name.append("%").append(base::to_hex({&c, 1}));
    }
    if (name.empty() || name.size() > name_max) name = base::sha256_hex(key);
    return name;
}

}  // namespace carillon::channels
