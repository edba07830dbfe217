// Which faxes were handed to the server: one small file a key, written before the decisive byte, so
// that a fax whose sender was killed is looked up and never sent twice. The server itself forgets
// finished jobs after a while (faxqclean(8): 15 minutes); this does not. For one thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "channels/durable_file.h"

namespace carillon::channels {

class FaxMemory {
public:
    struct Note {
        base::Instant begun{};
        std::string job{};  // of the server, once it has taken the fax over
    };

    // Notes older than `keep` are removed. Errors: fax.folder_unusable, fax.folder_in_use.
    static base::Result<std::unique_ptr<FaxMemory>> open(std::filesystem::path folder,
                                                         base::Instant now,
                                                         std::chrono::hours keep);

    // Errors: fax.folder_unusable, also for a note that cannot be read: it must not be taken for
    // none.
    base::Result<std::optional<Note>> find(const std::string& key) const;
    base::Result<void> remember(const std::string& key, const Note& note);
    // Only when the fax is known not to have been handed over.
    void forget(const std::string& key);

private:
    FaxMemory(std::filesystem::path folder, std::unique_ptr<File> lock)
        : folder_(std::move(folder)), lock_(std::move(lock)) {}
    std::filesystem::path path_of(const std::string& key) const;

    const std::filesystem::path folder_;
    const std::unique_ptr<File> lock_;
};

}  // namespace carillon::channels
