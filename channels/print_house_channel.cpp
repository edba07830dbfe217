#include "channels/print_house_channel.h"

#include <algorithm>
#include <set>

#include "base/digest.h"

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t accepted_together = 256;
constexpr std::size_t capacity_messages = 2048;
constexpr auto retry_after_failure = 30s;
constexpr std::uintmax_t incoming_bytes_max = 64'000'000;

std::string reference_of(const std::string& key) {
    return "print-house " + key;
}

bool looks_like_pdf(std::string_view bytes) {
    constexpr std::size_t tail = 32;
    return bytes.starts_with("%PDF-") &&
           bytes.substr(bytes.size() - std::min(bytes.size(), tail)).find("%%EOF") !=
               std::string_view::npos;
}

// Names that file transfers use while they are not finished.
bool is_unfinished(const std::string& name) {
    return name.starts_with('.') || name.ends_with(".tmp") || name.ends_with(".part") ||
           name.ends_with(".filepart");
}

}  // namespace

PrintHouseChannel::PrintHouseChannel(PrintHouseSettings settings, const base::Clock& clock,
                                     ChannelSinks sinks, std::unique_ptr<LetterStore> store)
    : settings_(std::move(settings)),
      clock_(clock),
      sinks_(std::move(sinks)),
      store_(std::move(store)),
      thread_([this] { run(); }) {}

base::Result<std::unique_ptr<PrintHouseChannel>> PrintHouseChannel::create(
    PrintHouseSettings settings, const base::Clock& clock, ChannelSinks sinks) {
    if (settings.incoming.empty()) settings.incoming = settings.folder / "incoming";
    auto store = LetterStore::open({settings.folder, settings.duplex});
    if (!store) return base::fail(std::move(store.error()));
    for (const auto* part : {"", "done", "rejects"}) {
        std::error_code error;
        const auto path = settings.incoming / part;
        fs::create_directories(path, error);
        if (error)
            return base::fail("letter.folder_unusable", path.string() + ": " + error.message());
    }
    return std::unique_ptr<PrintHouseChannel>{
        new PrintHouseChannel{std::move(settings), clock, std::move(sinks), std::move(*store)}};
}

PrintHouseChannel::~PrintHouseChannel() {
    stop(0ms);
}

std::size_t PrintHouseChannel::capacity() const {
    return capacity_messages;
}

void PrintHouseChannel::send(std::vector<Message> batch) {
    const auto late = inbox_.put(std::move(batch));
    if (!late.empty()) sinks_.outcomes(given_back(late, "the channel is stopped"));
}

void PrintHouseChannel::stop(std::chrono::milliseconds patience) {
    inbox_.stop(patience);
    const std::scoped_lock lock{stop_mutex_};
    if (thread_.joinable()) thread_.join();
}

void PrintHouseChannel::run() {
    // Letters of an earlier process may have missed their cut-off.
    close_due_batches();
    while (true) {
        const auto batch = inbox_.take(accepted_together, settings_.poll);
        if (batch.finished) return;
        if (batch.given_up) {
            sinks_.outcomes(given_back(batch.messages, "the channel is stopping"));
            continue;
        }
        if (!batch.messages.empty()) {
            auto reports = accept(batch.messages);
            sinks_.outcomes(std::move(reports));
        }
        close_due_batches();
        take_incoming();
    }
}

std::vector<Report> PrintHouseChannel::accept(const std::vector<Message>& messages) {
    using Standing = LetterStore::Standing;
    std::vector<Report> reports;
    std::vector<StoredLetter> fresh;
    std::vector<base::MessageId> fresh_ids;
    std::set<std::string> fresh_keys;
    const std::scoped_lock lock{store_mutex_};
    for (const auto& message : messages) {
        const auto* letter = std::get_if<LetterPayload>(&message.payload);
        const auto standing = store_->standing(message.key);
        if (standing == Standing::waiting || standing == Standing::sent) {
            reports.push_back({message.id, Accepted{reference_of(message.key)}});
        } else if (standing == Standing::cancelled) {
            reports.push_back({message.id, Rejected{"the letter was cancelled"}});
        } else if (letter == nullptr || !looks_like_pdf(letter->pdf)) {
            reports.push_back({message.id, Rejected{"the payload is no PDF letter"}});
        } else if (message.deadline < base::steady_now()) {
            reports.push_back({message.id, Deferred{"its deadline passed before it was written",
                                                    false, std::nullopt, true}});
        } else if (!fresh_keys.insert(message.key).second) {
            reports.push_back({message.id, Deferred{"a letter of the same key is being written",
                                                    false, std::nullopt, true}});
        } else {
            fresh.push_back({message.key, clock_.now(), *letter});
            fresh_ids.push_back(message.id);
        }
    }
    auto problems = store_->keep(fresh);
    for (std::size_t i = 0; i < fresh.size(); ++i) {
        if (problems[i])
            reports.push_back(
                {fresh_ids[i], Deferred{std::move(*problems[i]), false, retry_after_failure}});
        else
            reports.push_back({fresh_ids[i], Accepted{reference_of(fresh[i].key)}});
    }
    return reports;
}

void PrintHouseChannel::close_due_batches() {
    std::vector<Receipt> spoilt;
    {
        const std::scoped_lock lock{store_mutex_};
        while (true) {
            const auto oldest = store_->oldest();
            const bool full = store_->waiting() >= settings_.batch_max;
            const bool due = oldest && clock_.now() >= next_cut_off(settings_.cut_off, *oldest);
            if (!full && !due) break;
            const auto closed = store_->close_batch(settings_.batch_max);
            trouble_ = closed ? "" : closed.error().text();
            // What stands in the way (a full disk) may pass: the next turn tries again.
            if (!closed) break;
            for (const auto& key : closed->spoilt)
                spoilt.push_back({.external_id = "spoilt " + key,
                                  .key = key,
                                  .state = Receipt::State::failed,
                                  .reason = "the letter's PDF cannot be read"});
        }
    }
    if (!spoilt.empty() && sinks_.receipts) sinks_.receipts(std::move(spoilt));
}

fs::path PrintHouseChannel::returned(const char* part) const {
    return settings_.incoming / part;
}

void PrintHouseChannel::take_incoming() {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{settings_.incoming, error})
        if (entry.is_regular_file(error) && !is_unfinished(entry.path().filename().string()))
            files.push_back(entry.path());
    std::ranges::sort(files);
    for (const auto& file : files) take_incoming(file);
}

// Receipts first, then the rejects, then the file is put away: whatever is interrupted is done
// again, and receipts that come twice are known by their ids.
void PrintHouseChannel::take_incoming(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    const auto bytes = size <= incoming_bytes_max ? read_whole(path) : std::nullopt;
    if (!bytes && size <= incoming_bytes_max) return;
    const auto is_ours = [this](std::string_view key) {
        const std::scoped_lock lock{store_mutex_};
        return store_->standing(std::string{key}) == LetterStore::Standing::sent;
    };
    std::string rejects;
    if (bytes) {
        auto read = read_return_file(*bytes, is_ours);
        if (!read) {
            rejects = "line,column,reason,row\n1,1," + read.error().code + ",\n";
        } else {
            rejects = std::move(read->rejects);
            if (!read->receipts.empty() &&
                (!sinks_.receipts || !sinks_.receipts(std::move(read->receipts))))
                return;
        }
    } else {
        rejects = "line,column,reason,row\n1,1,the file is larger than 64 MB,\n";
    }
    const auto name = path.filename().string();
    if (!rejects.empty() && write_durably(returned("rejects") / (name + ".rejects.csv"), rejects))
        return;
    const auto mark = base::sha256_hex(bytes ? *bytes : name).substr(0, 12);
    (void)move_durably(path, returned("done") / (mark + "-" + name));
}

base::Result<void> PrintHouseChannel::cancel(const std::string& key) {
    const std::scoped_lock lock{store_mutex_};
    return store_->cancel(key);
}

base::Result<std::string> PrintHouseChannel::probe() {
    const auto path = settings_.folder / ".probe";
    if (const auto problem = write_durably(path, "probe\n"))
        return base::fail("letter.folder_unusable", *problem, settings_.folder.string());
    std::error_code error;
    fs::remove(path, error);
    const std::scoped_lock lock{store_mutex_};
    if (!trouble_.empty())
        return base::fail("letter.batch_stuck", trouble_, settings_.folder.string());
    return "letters go to " + (settings_.folder / "outbox").string() + ", " +
           std::to_string(store_->waiting()) + " wait for the next batch";
}

}  // namespace carillon::channels
