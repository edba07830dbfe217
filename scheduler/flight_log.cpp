#include "scheduler/flight_log.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "scheduler/dispatcher_identity.h"

namespace carillon::scheduler {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t places = 65'536;  // more than all windows together hold
constexpr std::string_view version = "carillon flights 1 ";

fs::path file_of(const fs::path& folder, std::string process) {
    std::ranges::replace(process, ':', '-');
    return folder / ("flights-" + process);
}

// The file names whose it is: numbers of processes come again.
std::string title_of(const std::string& process) {
    return std::string{version} + own_host() + " " + process;
}

}  // namespace

struct FlightLog::Page {
    std::array<char, 504> title{};
    std::atomic<std::int64_t> overfull{};  // 1: it says nothing any more
    std::array<std::atomic<std::int64_t>, places> ids{};
};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

base::Result<std::unique_ptr<FlightLog>> FlightLog::create(const fs::path& folder,
                                                           const std::string& process) {
    const auto unusable = [&](const std::string& why) {
        return base::fail("flight_log.unusable", why, folder.string());
    };
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return unusable(error.message());
    const auto file = file_of(folder, process);
    // Never one that is there: who wrote it may still be read.
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return unusable(std::strerror(errno));
    // Allocated, not sparse: a full disk must be told here, not by a signal later.
    const int allocated = ::posix_fallocate(descriptor, 0, sizeof(Page));
    void* mapped = allocated == 0 ? ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE,
                                           MAP_SHARED, descriptor, 0)
                                  : MAP_FAILED;
    ::close(descriptor);
    if (mapped == MAP_FAILED) {
        fs::remove(file, error);
        return unusable(std::strerror(allocated != 0 ? allocated : errno));
    }
    auto* page = new (mapped) Page;
    const auto title = title_of(process);
    std::copy_n(title.begin(), std::min(title.size(), page->title.size() - 1), page->title.begin());
    return std::unique_ptr<FlightLog>{new FlightLog{folder, file, page}};
}

FlightLog::FlightLog(fs::path folder, fs::path file, Page* page)
    : folder_(std::move(folder)), file_(std::move(file)), page_(page) {
    free_.reserve(places);
    for (std::size_t i = places; i > 0; --i) free_.push_back(i - 1);
}

FlightLog::~FlightLog() {
    ::munmap(page_, sizeof(Page));
    std::error_code error;
    if (places_.empty()) fs::remove(file_, error);
}

void FlightLog::begin(base::MessageId id) {
    const std::scoped_lock lock{mutex_};
    if (places_.contains(id.value)) return;
    if (free_.empty()) {
        page_->overfull.store(1);
        return;
    }
    const auto place = free_.back();
    free_.pop_back();
    places_.emplace(id.value, place);
    page_->ids[place].store(id.value);
}

void FlightLog::end(base::MessageId id) {
    const std::scoped_lock lock{mutex_};
    const auto found = places_.find(id.value);
    if (found == places_.end()) return;
    page_->ids[found->second].store(0);
    free_.push_back(found->second);
    places_.erase(found);
}

bool FlightLog::has_begun(base::MessageId id) const {
    const std::scoped_lock lock{mutex_};
    return places_.contains(id.value);
}

std::optional<std::unordered_set<std::int64_t>> FlightLog::read(const fs::path& folder,
                                                                const std::string& process) {
    std::ifstream in{file_of(folder, process), std::ios::binary};
    const auto page = std::make_unique<Page>();
    if (!in.read(reinterpret_cast<char*>(page.get()), sizeof(Page))) return std::nullopt;
    page->title.back() = 0;
    if (title_of(process) != page->title.data() || page->overfull.load() != 0) return std::nullopt;
    std::unordered_set<std::int64_t> begun;
    for (const auto& id : page->ids)
        if (const auto value = id.load(); value != 0) begun.insert(value);
    return begun;
}

void FlightLog::forget(const fs::path& folder, const std::string& process) {
    std::error_code error;
    fs::remove(file_of(folder, process), error);
}

}  // namespace carillon::scheduler
