// A library to be loaded before libc (LD_PRELOAD): the process dies by SIGKILL at one chosen change
// of one folder. Every change there is counted: a file made or opened to write, a write, a sync, a
// rename, a removal.
//
// CARILLON_KILL_FOLDER  the folder; nothing else counts
// CARILLON_KILL_AT      dies before change number N (from 1); a write is done by half first; 0:
// lives CARILLON_KILL_LOG     a file that gets one line for each change: its kind and the file's
// name
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

std::string_view setting(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view{value};
}

bool is_ours(std::string_view path) {
    static const std::string folder = std::string{setting("CARILLON_KILL_FOLDER")} + "/";
    return folder.size() > 1 && path.starts_with(folder);
}

std::array<std::atomic<bool>, 65'536> watched{};  // by descriptor

bool is_watched(int descriptor) {
    return descriptor >= 0 && static_cast<std::size_t>(descriptor) < watched.size() &&
           watched[static_cast<std::size_t>(descriptor)];
}

void watch(int descriptor, bool on) {
    if (descriptor >= 0 && static_cast<std::size_t>(descriptor) < watched.size())
        watched[static_cast<std::size_t>(descriptor)] = on;
}

void write_down(std::string_view kind, std::string_view path) {
    static const int log = [] {
        const std::string name{setting("CARILLON_KILL_LOG")};
        if (name.empty()) return -1;
        return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, name.c_str(),
                                          O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    }();
    if (log < 0) return;
    const auto line = std::string{kind} + " " + std::string{path} + "\n";
    (void)::syscall(SYS_write, log, line.data(), line.size());
}

// Whether this change is the one to die at.
bool is_the_one(std::string_view kind, std::string_view path = {}) {
    static const long chosen =
        std::strtol(std::string{setting("CARILLON_KILL_AT")}.c_str(), nullptr, 10);
    static std::atomic<long> count{0};
    write_down(kind, path);
    return ++count == chosen;
}

void die() {
    ::kill(::getpid(), SIGKILL);
}

template <class Function>
Function original(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

int open_watched(const char* path, int flags, mode_t mode) {
    const bool ours = is_ours(path);
    const bool changes = (flags & (O_CREAT | O_WRONLY | O_RDWR)) != 0;
    if (ours && changes && is_the_one("open", path)) die();
    const auto descriptor = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
    watch(descriptor, ours);
    return descriptor;
}

mode_t mode_of(int flags, std::va_list arguments) {
    return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const auto mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_watched(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const auto mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_watched(path, flags, mode);
}

int close(int descriptor) {
    watch(descriptor, false);
    return static_cast<int>(::syscall(SYS_close, descriptor));
}

ssize_t write(int descriptor, const void* bytes, std::size_t size) {
    if (is_watched(descriptor) && is_the_one("write")) {
        (void)::syscall(SYS_write, descriptor, bytes, size / 2);
        die();
    }
    return ::syscall(SYS_write, descriptor, bytes, size);
}

int fsync(int descriptor) {
    if (is_watched(descriptor) && is_the_one("fsync")) die();
    return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

int syncfs(int descriptor) noexcept {
    if (is_watched(descriptor) && is_the_one("syncfs")) die();
    return static_cast<int>(::syscall(SYS_syncfs, descriptor));
}

int rename(const char* from, const char* to) noexcept {
    if ((is_ours(from) || is_ours(to)) && is_the_one("rename", to)) die();
    return original<int (*)(const char*, const char*)>("rename")(from, to);
}

int unlink(const char* path) noexcept {
    if (is_ours(path) && is_the_one("unlink", path)) die();
    return original<int (*)(const char*)>("unlink")(path);
}

}  // extern "C"
