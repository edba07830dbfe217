// The folder that letters pass through on their way to a print house. It is its own memory: killed
// at any moment and opened again, it neither loses a letter nor hands one over twice.
//
//   open/      accepted letters that wait for the next batch
//   closing/   the plan of the batch that is being made, and its manifest before it is published
//   outbox/    what the print house takes: <batch>.pdf, then <batch>.csv as the sign that it is
//              complete; it may take both away
//   sent/      a copy of every manifest, for good: the list of letters never to be made again
//   cancelled/ letters that were called back, or that turned out to be no PDF
//
// A batch is named after the keys in it, so making it again makes the same files. Its manifest is
// moved into outbox/ in one rename: a manifest in sent/ that is not in closing/ has been published.
// Not thread-safe; one process at a time may have the folder open.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "channels/channel.h"
#include "channels/durable_file.h"
#include "channels/letter_csv.h"
#include "channels/merged_pdf.h"

namespace carillon::channels {

struct StoredLetter {
    std::string key{};
    base::Instant accepted_at{};
    LetterPayload letter{};
};

struct StoreSettings {
    std::filesystem::path folder{};
    bool duplex{true};  // sheets are counted and begun accordingly
};

class LetterStore {
public:
    enum class Standing { unknown, waiting, sent, cancelled };

    // Finishes the batch a killed process was making. Errors: letter.folder_unusable,
    // letter.folder_in_use, letter.manifest_invalid.
    static base::Result<std::unique_ptr<LetterStore>> open(StoreSettings settings);

    // Whether letters wait in the folder, or a batch was being made: opening it goes on with them.
    static bool has_left_work(const std::filesystem::path& folder);

    Standing standing(const std::string& key) const;
    // For each letter the problem that kept it out, or nothing when it is safe on disk.
    std::vector<std::optional<std::string>> keep(const std::vector<StoredLetter>& letters);
    // Errors: letter.cancel_too_late, letter.unknown, letter.folder_unusable.
    base::Result<void> cancel(const std::string& key);

    std::size_t waiting() const { return open_.size(); }
    std::optional<base::Instant> oldest() const;

    struct Batch {
        std::string name{};                 // empty: nothing was left to hand over
        std::vector<std::string> spoilt{};  // keys of letters that were no PDF and are taken out
    };
    // Hands over the `letters_max` oldest letters. Errors: letter.folder_unusable; then nothing is
    // lost and the next call goes on.
    base::Result<Batch> close_batch(std::size_t letters_max);

    const std::filesystem::path& folder() const { return settings_.folder; }

private:
    struct Waiting {
        std::string key{};
        base::Instant accepted_at{};
    };
    struct Plan {
        std::string batch{};
        std::vector<std::string> names{};
    };

    LetterStore(StoreSettings settings, std::unique_ptr<File> lock);

    base::Result<void> load();
    base::Result<void> load_manifests(const std::filesystem::path& folder);
    base::Result<void> load_open();
    base::Result<Plan> read_plan(const std::filesystem::path& path) const;
    Plan plan_batch(std::size_t letters_max) const;
    // The key of a letter that is no PDF, or nothing when the batch is handed over.
    base::Result<std::optional<std::string>> finish(const Plan& plan);
    base::Result<std::optional<std::string>> make(const Plan& plan);
    base::Result<std::optional<std::string>> give_up(const Plan& plan);
    base::Result<void> forget(const Plan& plan);
    std::filesystem::path in(const char* part, const std::string& name) const;

    StoreSettings settings_;
    std::unique_ptr<File> lock_;
    std::map<std::string, Waiting> open_{};   // by file name
    std::unordered_set<std::string> sent_{};  // keys
};

}  // namespace carillon::channels
