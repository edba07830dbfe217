#include "channels/letter_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/digest.h"
#include "base/json.h"

namespace carillon::channels {

namespace {

using base::Json;
using base::Result;
namespace fs = std::filesystem;

constexpr const char* parts[] = {"open", "closing", "outbox", "sent", "cancelled"};
constexpr std::string_view letter_ending = ".letter";
constexpr std::string_view plan_ending = ".plan";
// From so many files on, one sync of the whole file system is cheaper than one of each file.
constexpr std::size_t sync_all_from = 8;

tl::unexpected<base::Failure> unusable(const std::string& problem) {
    return base::fail("letter.folder_unusable", problem);
}

// One line of JSON, then the PDF: one file, so that one rename accepts a letter.
std::string to_file(const StoredLetter& stored) {
    Json::Array address;
    for (const auto& line : stored.letter.address) address.emplace_back(line);
    const Json head{Json::Object{{"key", stored.key},
                                 {"accepted_at", base::to_millis(stored.accepted_at)},
                                 {"pages", stored.letter.pages},
                                 {"country", stored.letter.country},
                                 {"window", stored.letter.window},
                                 {"address", std::move(address)}}};
    return head.dump() + "\n" + stored.letter.pdf;
}

Result<StoredLetter> from_file(const fs::path& path) {
    const auto bytes = read_whole(path);
    if (!bytes) return unusable(system_problem("cannot read", path));
    const auto line_end = bytes->find('\n');
    const auto head = Json::parse(bytes->substr(0, line_end), path.string());
    if (!head) return base::fail(head.error());
    base::Problems problems;
    base::ObjectReader reader{*head, "$", problems};
    StoredLetter stored;
    stored.key = reader.required_text("key");
    stored.accepted_at =
        base::from_millis(reader.required_integer("accepted_at", 0, std::int64_t{1} << 53));
    stored.letter.pages = static_cast<int>(reader.required_integer("pages", 0, 10'000));
    stored.letter.country = reader.text("country");
    stored.letter.window = reader.text("window");
    stored.letter.address = reader.texts("address");
    if (!problems.empty() || line_end == std::string::npos)
        return base::fail("letter.folder_unusable", "This is no letter of ours.", path.string());
    stored.letter.pdf = bytes->substr(line_end + 1);
    return stored;
}

std::vector<fs::path> files_in(const fs::path& folder, std::string_view ending) {
    std::vector<fs::path> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder, error}) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with('.') && name.ends_with(ending)) found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found;
}

// What a killed process had not finished writing.
void remove_temporary_files(const fs::path& folder) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder, error}) {
        const auto name = entry.path().filename().string();
        if (name.starts_with('.') && name.ends_with(".tmp")) ::unlink(entry.path().c_str());
    }
}

std::string letter_file(const std::string& key) {
    return file_name_of(key) + std::string{letter_ending};
}

}  // namespace

LetterStore::LetterStore(StoreSettings settings, std::unique_ptr<File> lock)
    : settings_(std::move(settings)), lock_(std::move(lock)) {}

fs::path LetterStore::in(const char* part, const std::string& name) const {
    return settings_.folder / part / name;
}

Result<std::unique_ptr<LetterStore>> LetterStore::open(StoreSettings settings) {
    for (const auto* part : parts) {
        std::error_code error;
        fs::create_directories(settings.folder / part, error);
        if (error) return unusable((settings.folder / part).string() + ": " + error.message());
    }
    auto lock = std::make_unique<File>(settings.folder / ".lock", O_RDWR | O_CREAT);
    if (!*lock) return unusable(system_problem("cannot open", settings.folder / ".lock"));
    if (!lock->lock())
        return base::fail("letter.folder_in_use",
                          "Another process works in this folder: " + settings.folder.string());
    std::unique_ptr<LetterStore> store{new LetterStore{std::move(settings), std::move(lock)}};
    if (auto loaded = store->load(); !loaded) return base::fail(std::move(loaded.error()));
    return store;
}

bool LetterStore::has_left_work(const fs::path& folder) {
    return !files_in(folder / "open", letter_ending).empty() ||
           !files_in(folder / "closing", plan_ending).empty();
}

Result<void> LetterStore::load() {
    for (const auto* part : parts) remove_temporary_files(settings_.folder / part);
    for (const auto* part : {"sent", "outbox"})
        if (auto done = load_manifests(settings_.folder / part); !done) return done;
    if (auto done = load_open(); !done) return done;
    for (const auto& path : files_in(settings_.folder / "closing", plan_ending)) {
        const auto plan = read_plan(path);
        if (!plan) return base::fail(plan.error());
        // A letter that is no PDF is found again by the next batch; this plan is given up for it.
        if (auto done = finish(*plan); !done) return base::fail(std::move(done.error()));
    }
    return {};
}

Result<void> LetterStore::load_manifests(const fs::path& folder) {
    for (const auto& path : files_in(folder, ".csv")) {
        const auto csv = read_whole(path);
        if (!csv) return unusable(system_problem("cannot read", path));
        auto keys = manifest_keys(*csv);
        if (!keys) {
            keys.error().place = path.string();
            return base::fail(std::move(keys.error()));
        }
        for (auto& key : *keys) sent_.insert(std::move(key));
    }
    return {};
}

Result<void> LetterStore::load_open() {
    for (const auto& path : files_in(settings_.folder / "open", letter_ending)) {
        const auto stored = from_file(path);
        if (!stored) return base::fail(stored.error());
        open_[path.filename().string()] = {stored->key, stored->accepted_at};
    }
    return {};
}

LetterStore::Standing LetterStore::standing(const std::string& key) const {
    const auto name = letter_file(key);
    if (open_.contains(name)) return sent_.contains(key) ? Standing::sent : Standing::waiting;
    if (sent_.contains(key)) return Standing::sent;
    return fs::exists(in("cancelled", name)) ? Standing::cancelled : Standing::unknown;
}

std::vector<std::optional<std::string>> LetterStore::keep(
    const std::vector<StoredLetter>& letters) {
    std::vector<std::optional<std::string>> problems(letters.size());
    const bool together = letters.size() >= sync_all_from;
    const auto temporary = [&](std::size_t i) {
        return in("open", "." + letter_file(letters[i].key) + ".tmp");
    };
    for (std::size_t i = 0; i < letters.size(); ++i) {
        const File file{temporary(i), O_WRONLY | O_CREAT | O_TRUNC};
        if (!file || !file.write(to_file(letters[i])) || (!together && !file.sync()))
            problems[i] = system_problem("cannot write", temporary(i));
    }
    const File folder{settings_.folder / "open", O_RDONLY | O_DIRECTORY};
    const bool synced = folder && (!together || folder.sync_file_system());
    for (std::size_t i = 0; i < letters.size(); ++i) {
        const auto name = letter_file(letters[i].key);
        if (!problems[i] && !synced) problems[i] = system_problem("cannot sync", temporary(i));
        if (!problems[i] && ::rename(temporary(i).c_str(), in("open", name).c_str()) != 0)
            problems[i] = system_problem("cannot rename", temporary(i));
        if (problems[i])
            ::unlink(temporary(i).c_str());
        else
            open_[name] = {letters[i].key, letters[i].accepted_at};
    }
    // A letter whose name may not last is not taken on, though it stays and goes out: its message
    // comes again and finds it.
    if (!folder || !folder.sync())
        for (auto& problem : problems)
            if (!problem) problem = system_problem("cannot sync", settings_.folder / "open");
    return problems;
}

Result<void> LetterStore::cancel(const std::string& key) {
    const auto name = letter_file(key);
    switch (standing(key)) {
        case Standing::unknown:
            return base::fail("letter.unknown", "No letter of this key waits.", key);
        case Standing::sent:
            return base::fail("letter.cancel_too_late",
                              "The letter has been handed to the print house.", key);
        case Standing::cancelled: return {};
        case Standing::waiting: break;
    }
    if (const auto problem = move_durably(in("open", name), in("cancelled", name)))
        return unusable(*problem);
    open_.erase(name);
    return {};
}

std::optional<base::Instant> LetterStore::oldest() const {
    const auto found = std::ranges::min_element(
        open_, {}, [](const auto& entry) { return entry.second.accepted_at; });
    if (found == open_.end()) return std::nullopt;
    return found->second.accepted_at;
}

LetterStore::Plan LetterStore::plan_batch(std::size_t letters_max) const {
    std::vector<const std::pair<const std::string, Waiting>*> waiting;
    for (const auto& entry : open_) waiting.push_back(&entry);
    std::ranges::stable_sort(waiting, {},
                             [](const auto* entry) { return entry->second.accepted_at; });
    if (waiting.size() > letters_max) waiting.resize(letters_max);
    Plan plan;
    std::string keys;
    for (const auto* entry : waiting) plan.names.push_back(entry->first);
    std::ranges::sort(plan.names);
    for (const auto& name : plan.names) keys += name + "\n";
    plan.batch = "letters-" + base::sha256_hex(keys).substr(0, 20);
    return plan;
}

Result<LetterStore::Batch> LetterStore::close_batch(std::size_t letters_max) {
    Batch closed;
    while (!open_.empty()) {
        const auto plan = plan_batch(letters_max);
        std::string text;
        for (const auto& name : plan.names) text += name + "\n";
        const auto path = in("closing", plan.batch + std::string{plan_ending});
        if (const auto problem = write_durably(path, text)) return unusable(*problem);
        auto spoilt = finish(plan);
        if (!spoilt) return base::fail(std::move(spoilt.error()));
        if (!*spoilt) {
            closed.name = plan.batch;
            break;
        }
        closed.spoilt.push_back(std::move(**spoilt));
    }
    return closed;
}

Result<LetterStore::Plan> LetterStore::read_plan(const fs::path& path) const {
    const auto text = read_whole(path);
    if (!text) return unusable(system_problem("cannot read", path));
    Plan plan{.batch = path.stem().string()};
    for (std::size_t at = 0; at < text->size();) {
        const auto end = std::min(text->find('\n', at), text->size());
        if (end > at) plan.names.push_back(text->substr(at, end - at));
        at = end + 1;
    }
    return plan;
}

// Goes on wherever a killed process stopped; see the head of letter_store.h.
Result<std::optional<std::string>> LetterStore::finish(const Plan& plan) {
    const auto prepared = in("closing", plan.batch + ".csv");
    const auto ledger = in("sent", plan.batch + ".csv");
    if (!fs::exists(ledger)) {
        const bool complete = std::ranges::all_of(
            plan.names, [this](const auto& name) { return open_.contains(name); });
        // A letter left the queue after this was planned; what remains is planned anew.
        if (!complete) return give_up(plan);
        auto spoilt = make(plan);
        if (!spoilt || *spoilt) return spoilt;
    }
    if (fs::exists(prepared))
        if (const auto problem = move_durably(prepared, in("outbox", plan.batch + ".csv")))
            return unusable(*problem);
    if (auto done = forget(plan); !done) return base::fail(std::move(done.error()));
    return std::nullopt;
}

Result<std::optional<std::string>> LetterStore::make(const Plan& plan) {
    std::vector<StoredLetter> letters;
    std::vector<std::string_view> pdfs;
    for (const auto& name : plan.names) {
        auto stored = from_file(in("open", name));
        if (!stored) return base::fail(std::move(stored.error()));
        letters.push_back(std::move(*stored));
    }
    for (const auto& stored : letters) pdfs.push_back(stored.letter.pdf);
    const auto start = settings_.duplex ? SheetStart::front : SheetStart::anywhere;
    const auto merged = merge_pdf(pdfs, start);
    if (!merged) {
        // Which letter it was is found by looking at each alone; it leaves the queue.
        for (std::size_t i = 0; i < letters.size(); ++i) {
            if (merge_pdf({pdfs[i]}, start)) continue;
            if (const auto problem =
                    move_durably(in("open", plan.names[i]), in("cancelled", plan.names[i])))
                return unusable(*problem);
            open_.erase(plan.names[i]);
            if (auto done = give_up(plan); !done) return done;
            return letters[i].key;
        }
        return base::fail(merged.error());
    }
    Manifest manifest{.batch = plan.batch, .batch_sha256 = base::sha256_hex(merged->bytes)};
    for (std::size_t i = 0; i < letters.size(); ++i) {
        const auto& letter = letters[i].letter;
        manifest.rows.push_back({letters[i].key, merged->first_pages[i], letter.pages,
                                 settings_.duplex ? (letter.pages + 1) / 2 : letter.pages,
                                 letter.country, letter.window, letter.address,
                                 base::sha256_hex(letter.pdf)});
    }
    const auto csv = to_csv(manifest);
    for (const auto& [path, bytes] :
         {std::pair{in("outbox", plan.batch + ".pdf"), std::string_view{merged->bytes}},
          std::pair{in("closing", plan.batch + ".csv"), std::string_view{csv}},
          std::pair{in("sent", plan.batch + ".csv"), std::string_view{csv}}})
        if (const auto problem = write_durably(path, bytes)) return unusable(*problem);
    return std::nullopt;
}

Result<std::optional<std::string>> LetterStore::give_up(const Plan& plan) {
    ::unlink(in("closing", plan.batch + ".csv").c_str());
    const auto path = in("closing", plan.batch + std::string{plan_ending});
    if (::unlink(path.c_str()) != 0) return unusable(system_problem("cannot remove", path));
    return std::nullopt;
}

Result<void> LetterStore::forget(const Plan& plan) {
    for (const auto& name : plan.names) {
        const auto found = open_.find(name);
        if (found == open_.end()) continue;
        sent_.insert(found->second.key);
        ::unlink(in("open", name).c_str());
        open_.erase(found);
    }
    if (!sync_folder(settings_.folder / "open"))
        return unusable(system_problem("cannot sync", settings_.folder / "open"));
    const auto path = in("closing", plan.batch + std::string{plan_ending});
    if (::unlink(path.c_str()) != 0) return unusable(system_problem("cannot remove", path));
    return {};
}

}  // namespace carillon::channels
