#include "channels/paper_file_channel.h"

#include "channels/durable_file.h"

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t written_together = 64;
constexpr std::size_t capacity_messages = 1024;
constexpr auto wait_for_messages = 1s;
constexpr auto retry_after_failure = 30s;

}  // namespace

PaperFileChannel::PaperFileChannel(PaperFileSettings settings, OutcomeSink sink)
    : settings_(std::move(settings)), sink_(std::move(sink)), thread_([this] { run(); }) {}

PaperFileChannel::~PaperFileChannel() {
    stop(0ms);
}

std::size_t PaperFileChannel::capacity() const {
    return capacity_messages;
}

void PaperFileChannel::send(std::vector<Message> batch) {
    const auto late = inbox_.put(std::move(batch));
    if (!late.empty()) sink_(given_back(late, "the channel is stopped"));
}

void PaperFileChannel::stop(std::chrono::milliseconds patience) {
    inbox_.stop(patience);
    const std::scoped_lock lock{stop_mutex_};
    if (thread_.joinable()) thread_.join();
}

void PaperFileChannel::run() {
    while (true) {
        const auto batch = inbox_.take(written_together, wait_for_messages);
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

Outcome PaperFileChannel::store(const Message& message) const {
    const auto* letter = std::get_if<LetterPayload>(&message.payload);
    const auto* fax = std::get_if<FaxPayload>(&message.payload);
    if (letter == nullptr && fax == nullptr)
        return Rejected{"the payload is neither a letter nor a fax"};
    if (message.deadline < base::steady_now())
        return Deferred{"its deadline passed before it was written", false, std::nullopt, true};
    std::error_code error;
    fs::create_directories(settings_.folder, error);
    const auto name = file_name_of(message.key);
    const auto file = name + ".pdf";
    auto problem = fax == nullptr ? std::nullopt
                                  : write_durably(settings_.folder / (name + ".tiff"), fax->tiff);
    if (!problem)
        problem = write_durably(settings_.folder / file, fax == nullptr ? letter->pdf : fax->pdf);
    if (problem) return Deferred{std::move(*problem), false, retry_after_failure};
    return Accepted{file, {}, fax == nullptr ? 1 : fax->pages};
}

base::Result<std::string> PaperFileChannel::probe() {
    std::error_code error;
    fs::create_directories(settings_.folder, error);
    const auto path = settings_.folder / ".probe";
    if (const auto problem = write_durably(path, "probe\n"))
        return base::fail("file.unwritable", *problem, settings_.folder.string());
    fs::remove(path, error);
    return "files go to " + settings_.folder.string();
}

}  // namespace carillon::channels
