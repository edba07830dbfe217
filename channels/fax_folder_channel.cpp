#include "channels/fax_folder_channel.h"

#include <system_error>

#include "channels/durable_file.h"

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t together = 64;
constexpr std::size_t capacity_messages = 512;
constexpr auto wait_for_work = 1s;
constexpr auto retry_after_failure = 30s;

}  // namespace

FaxFolderChannel::FaxFolderChannel(FaxFolderSettings settings, OutcomeSink sink)
    : settings_(std::move(settings)), sink_(std::move(sink)), thread_([this] { run(); }) {}

FaxFolderChannel::~FaxFolderChannel() {
    stop(0ms);
}

std::size_t FaxFolderChannel::capacity() const {
    return capacity_messages;
}

void FaxFolderChannel::send(std::vector<Message> batch) {
    const auto late = inbox_.put(std::move(batch));
    if (!late.empty()) sink_(given_back(late, "the channel is stopped"));
}

void FaxFolderChannel::stop(std::chrono::milliseconds patience) {
    inbox_.stop(patience);
    const std::scoped_lock lock{stop_mutex_};
    if (thread_.joinable()) thread_.join();
}

void FaxFolderChannel::run() {
    while (true) {
        const auto batch = inbox_.take(together, wait_for_work);
        if (batch.finished) return;
        if (batch.messages.empty()) continue;
        if (batch.given_up) {
            sink_(given_back(batch.messages, "the channel is stopping"));
            continue;
        }
        std::vector<Report> reports;
        for (const auto& message : batch.messages) reports.push_back({message.id, store(message)});
        sink_(std::move(reports));
    }
}

Outcome FaxFolderChannel::store(const Message& message) const {
    const auto* fax = std::get_if<FaxPayload>(&message.payload);
    if (fax == nullptr) return Rejected{"the payload is no fax"};
    if (message.deadline < base::steady_now())
        return Deferred{"its deadline passed before it was written", false, std::nullopt};
    std::error_code error;
    fs::create_directories(settings_.folder, error);
    if (error) return Deferred{error.message(), false, retry_after_failure};
    const auto name = file_name_of(message.key);
    const auto pdf = settings_.folder / (name + ".pdf");
    auto problem = write_durably(settings_.folder / (name + ".tiff"), fax->tiff);
    if (!problem) problem = write_durably(pdf, fax->pdf);
    if (problem) return Deferred{*problem, false, retry_after_failure};
    return Accepted{"file " + pdf.string(), {}, fax->pages};
}

base::Result<std::string> FaxFolderChannel::probe() {
    std::error_code error;
    fs::create_directories(settings_.folder, error);
    const auto path = settings_.folder / ".probe";
    if (const auto problem = write_durably(path, "probe\n"))
        return base::fail("fax.folder_unusable", *problem, settings_.folder.string());
    fs::remove(path, error);
    return "faxes are written to " + settings_.folder.string();
}

}  // namespace carillon::channels
