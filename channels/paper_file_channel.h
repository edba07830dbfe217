// The sandbox of letters and faxes: each becomes a PDF that a person can look at, a fax a TIFF
// beside it, and nothing leaves the house. <folder>/<key>.pdf and .tiff; one sent again lands on
// the same files.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "channels/channel.h"
#include "channels/message_inbox.h"

namespace carillon::channels {

struct PaperFileSettings {
    std::string name{};
    base::ChannelKind kind{base::ChannelKind::letter};  // letter or fax
    std::filesystem::path folder{};                     // made when it does not exist
};

// Safe from several threads; one thread writes.
class PaperFileChannel final : public Channel {
public:
    PaperFileChannel(PaperFileSettings settings, OutcomeSink sink);
    ~PaperFileChannel() override;

    base::ChannelKind kind() const override { return settings_.kind; }
    const std::string& name() const override { return settings_.name; }
    std::size_t capacity() const override;
    void send(std::vector<Message> batch) override;
    void stop(std::chrono::milliseconds patience) override;
    // Writes and removes a file in the folder.
    base::Result<std::string> probe() override;

private:
    void run();
    Outcome store(const Message& message) const;

    const PaperFileSettings settings_;
    const OutcomeSink sink_;
    MessageInbox inbox_{};
    std::mutex stop_mutex_;
    std::thread thread_;
};

}  // namespace carillon::channels
