// Which messages have begun to leave, in a file that outlives the process but not the machine: a
// row that is `submitting` and does not stand here was with nobody when its process was killed.
// Written by storing into a shared mapping, so that it costs no system call; what was stored
// before a kill is there afterwards (mmap(2), MAP_SHARED). After a power cut it is worth nothing,
// and nobody reads it then: the host's name in it holds the boot.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/id.h"
#include "base/result.h"

namespace carillon::scheduler {

// Safe from several threads.
class FlightLog {
public:
    // `process`: whose flights they are. The folder is made when it is not there. Errors:
    // flight_log.unusable.
    static base::Result<std::unique_ptr<FlightLog>> create(const std::filesystem::path& folder,
                                                           const std::string& process);
    // An empty log is removed with its process.
    ~FlightLog();
    FlightLog(const FlightLog&) = delete;
    FlightLog& operator=(const FlightLog&) = delete;

    // Before the first byte of it leaves.
    void begin(base::MessageId id);
    // After what became of them is committed.
    void end(base::MessageId id);
    bool has_begun(base::MessageId id) const;
    const std::filesystem::path& folder() const { return folder_; }

    // What a process of this boot that is gone had begun and not ended. Nothing: not told, so all
    // of it may have left.
    static std::optional<std::unordered_set<std::int64_t>> read(const std::filesystem::path& folder,
                                                                const std::string& process);
    static void forget(const std::filesystem::path& folder, const std::string& process);

private:
    struct Page;  // the file's layout
    FlightLog(std::filesystem::path folder, std::filesystem::path file, Page* page);

    const std::filesystem::path folder_;
    const std::filesystem::path file_;
    Page* const page_;
    mutable std::mutex mutex_;
    std::unordered_map<std::int64_t, std::size_t> places_;  // by message; guarded by mutex_
    std::vector<std::size_t> free_;                         // guarded by mutex_
};

}  // namespace carillon::scheduler
