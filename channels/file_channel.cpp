#include "channels/file_channel.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/local_date.h"
#include "channels/durable_file.h"
#include "channels/gsm0338.h"

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Written, synced and renamed together.
constexpr std::size_t batch_max = 256;
constexpr std::size_t capacity_messages = 2048;
// From so many files on, one sync of the whole file system is cheaper than one of each file.
constexpr std::size_t sync_all_from = 8;
constexpr auto retry_after_failure = 30s;

// The day within "Date: Sat, 21 Nov 2026 18:21:27 +0000", so that every attempt finds the same
// folder; "" when there is none.
std::string day_of(std::string_view message) {
    static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    constexpr std::size_t date_size = 16;  // "Sat, 21 Nov 2026"
    constexpr std::string_view field = "Date: ";
    const auto head = message.substr(0, message.find("\r\n\r\n"));
    const auto at = head.starts_with(field) ? 0 : head.find("\r\nDate: ");
    if (at == std::string_view::npos) return {};
    const auto date = head.substr(at + field.size() + (at == 0 ? 0 : 2)).substr(0, date_size);
    if (date.size() < date_size) return {};
    const auto month = months.find(date.substr(8, 3));
    if (month == std::string_view::npos || month % 3 != 0) return {};
    const auto number = std::to_string(month / 3 + 1);
    auto text = std::string{date.substr(12, 4)} + (number.size() < 2 ? "-0" : "-") + number + "-" +
                std::string{date.substr(5, 2)};
    return base::parse_date(text) ? text : std::string{};
}

// What a message looks like as a file.
struct Content {
    std::string bytes{};
    std::string suffix{};
    std::string day{};  // "" for today
    int units{1};
    std::string problem{};
};

Content content_of(const EmailPayload& email) {
    return {.bytes = email.bytes, .suffix = ".eml", .day = day_of(email.bytes)};
}

Content content_of(const SmsPayload& sms, const std::string& to) {
    const auto split = split_sms(sms.text);
    if (!split) return {.problem = split.error().detail};
    Content content{.suffix = ".sms.txt", .units = static_cast<int>(split->parts.size())};
    content.bytes = "From: " + sms.from + "\nTo: " + to +
                    "\nEncoding: " + std::string{name_of(split->encoding)} +
                    "\nParts: " + std::to_string(content.units) + "\n\n" + sms.text + "\n";
    if (split->parts.size() < 2) return content;
    // As they travel: each with what it holds of its room.
    for (std::size_t i = 0; i < split->parts.size(); ++i) {
        const auto& part = split->parts[i];
        const int room = room_of(split->encoding).in_part;
        content.bytes += "\n--- part " + std::to_string(i + 1) + " of " +
                         std::to_string(split->parts.size()) + ", " + std::to_string(part.units) +
                         " of " + std::to_string(room) + " ---\n" + part.text + "\n";
    }
    return content;
}

Content content_of(const Message& message) {
    if (const auto* email = std::get_if<EmailPayload>(&message.payload)) return content_of(*email);
    if (const auto* sms = std::get_if<SmsPayload>(&message.payload))
        return content_of(*sms, message.to);
    return {.problem = "the sandbox does not know this kind of message"};
}

FileChannelSettings without_last_slash(FileChannelSettings settings) {
    settings.folder = (settings.folder / "").parent_path();
    return settings;
}

}  // namespace

FileChannel::FileChannel(FileChannelSettings settings, const base::Clock& clock, OutcomeSink sink)
    : settings_(without_last_slash(std::move(settings))),
      clock_(clock),
      sink_(std::move(sink)),
      thread_([this] { run(); }) {}

FileChannel::~FileChannel() {
    stop(0ms);
}

std::size_t FileChannel::capacity() const {
    return capacity_messages;
}

void FileChannel::send(std::vector<Message> batch) {
    {
        const std::scoped_lock lock{mutex_};
        if (!finished_) {
            std::move(batch.begin(), batch.end(), std::back_inserter(inbox_));
            batch.clear();
        }
    }
    changed_.notify_one();
    std::vector<Report> late;
    for (const auto& message : batch)
        late.push_back({message.id, Deferred{"the channel is stopped", false, std::nullopt}});
    if (!late.empty()) sink_(std::move(late));
}

void FileChannel::stop(std::chrono::milliseconds patience) {
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
        stop_by_ = std::min(stop_by_, base::steady_now() + patience);
    }
    changed_.notify_one();
    const std::scoped_lock lock{stop_mutex_};
    if (thread_.joinable()) thread_.join();
}

void FileChannel::run() {
    while (true) {
        std::vector<Message> batch;
        bool given_up = false;
        {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [this] { return stopping_ || !inbox_.empty(); });
            if (inbox_.empty()) {
                finished_ = true;
                return;
            }
            const auto count = static_cast<std::ptrdiff_t>(std::min(inbox_.size(), batch_max));
            batch.assign(std::move_iterator{inbox_.begin()},
                         std::move_iterator{inbox_.begin() + count});
            inbox_.erase(inbox_.begin(), inbox_.begin() + count);
            given_up = stopping_ && base::steady_now() >= stop_by_;
        }
        if (!given_up) {
            sink_(store(batch));
            continue;
        }
        std::vector<Report> reports;
        for (const auto& message : batch)
            reports.push_back(
                {message.id, Deferred{"the channel is stopping", false, std::nullopt}});
        sink_(std::move(reports));
    }
}

std::vector<Report> FileChannel::store(const std::vector<Message>& batch) {
    std::vector<Draft> drafts;
    std::vector<Report> reports;
    for (const auto& message : batch) {
        if (message.deadline < base::steady_now())
            reports.push_back({message.id, Deferred{"its deadline passed before it was written",
                                                    false, std::nullopt, true}});
        else
            drafts.push_back(write(message));
    }
    publish(drafts);
    for (auto& draft : drafts) {
        const auto id = draft.message->id;
        if (draft.problem.empty())
            reports.push_back(
                {id,
                 Accepted{.provider_ref = draft.final.lexically_relative(settings_.folder).string(),
                          .units = draft.units}});
        else
            reports.push_back({id, Deferred{std::move(draft.problem), false, retry_after_failure}});
    }
    return reports;
}

FileChannel::Draft FileChannel::write(const Message& message) {
    const auto content = content_of(message);
    Draft draft{.message = &message,
                .final = path_of(message, content.day, content.suffix),
                .problem = content.problem,
                .units = content.units};
    if (!draft.problem.empty()) return draft;
    draft.temporary = draft.final.parent_path() / ("." + draft.final.filename().string() + ".tmp");
    std::error_code error;
    fs::create_directories(draft.final.parent_path(), error);
    const File file{draft.temporary, O_WRONLY | O_CREAT | O_TRUNC};
    if (!file || !file.write(content.bytes))
        draft.problem = system_problem("cannot write", draft.temporary);
    return draft;
}

// Content to the disk, then the name, then the folder that holds the name.
void FileChannel::publish(std::vector<Draft>& drafts) {
    const bool together = settings_.durable && drafts.size() >= sync_all_from;
    bool synced = true;
    if (together) {
        const File folder{settings_.folder, O_RDONLY | O_DIRECTORY};
        synced = folder && folder.sync_file_system();
    }
    std::set<fs::path> folders;
    for (auto& draft : drafts) {
        if (draft.problem.empty() && settings_.durable && !together)
            synced = File{draft.temporary, O_RDONLY}.sync();
        if (draft.problem.empty() && !synced)
            draft.problem = system_problem("cannot sync", draft.temporary);
        if (draft.problem.empty() && ::rename(draft.temporary.c_str(), draft.final.c_str()) != 0)
            draft.problem = system_problem("cannot rename", draft.temporary);
        if (!draft.problem.empty())
            ::unlink(draft.temporary.c_str());
        else
            folders.insert(draft.final.parent_path());
    }
    if (!settings_.durable) return;
    // Folders made on the way are entries of their parents.
    for (const auto& folder : std::set<fs::path>{folders})
        for (auto parent = folder; parent != settings_.folder; parent = parent.parent_path())
            folders.insert(parent.parent_path());
    const bool all_synced = std::ranges::all_of(folders, sync_folder);
    if (all_synced) return;
    for (auto& draft : drafts)
        if (draft.problem.empty())
            draft.problem = system_problem("cannot sync the folder of", draft.final);
}

fs::path FileChannel::path_of(const Message& message, std::string_view day,
                              std::string_view suffix) const {
    auto folder =
        settings_.folder / (day.empty() ? base::to_text(base::TimeZone::utc().date_at(clock_.now()))
                                        : std::string{day});
    if (settings_.fan_out) folder /= base::sha256_hex(message.key).substr(0, 2);
    return folder / (file_name_of(message.key) + std::string{suffix});
}

base::Result<std::string> FileChannel::probe() {
    std::error_code error;
    fs::create_directories(settings_.folder, error);
    const auto path = settings_.folder / ".probe";
    const File file{path, O_WRONLY | O_CREAT | O_TRUNC};
    if (!file || !file.write("probe\n"))
        return base::fail("file.unwritable", system_problem("cannot write", path),
                          settings_.folder.string());
    ::unlink(path.c_str());
    return "files go to " + settings_.folder.string();
}

}  // namespace carillon::channels
