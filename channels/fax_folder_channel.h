// The sandbox of faxes: <folder>/<key>.pdf and <folder>/<key>.tiff, for a person to look at, and
// nothing leaves the house. A fax sent again lands on the same files.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "channels/channel.h"
#include "channels/message_inbox.h"

namespace carillon::channels {

struct FaxFolderSettings {
    std::string name{"fax"};
    std::filesystem::path folder{};  // made when it does not exist
};

// Safe from several threads; one thread writes.
class FaxFolderChannel final : public Channel {
public:
    FaxFolderChannel(FaxFolderSettings settings, OutcomeSink sink);
    ~FaxFolderChannel() override;

    base::ChannelKind kind() const override { return base::ChannelKind::fax; }
    const std::string& name() const override { return settings_.name; }
    std::size_t capacity() const override;
    void send(std::vector<Message> batch) override;
    void stop(std::chrono::milliseconds patience) override;
    // Writes and removes a file in the folder.
    base::Result<std::string> probe() override;

private:
    void run();
    Outcome store(const Message& message) const;

    const FaxFolderSettings settings_;
    const OutcomeSink sink_;
    MessageInbox inbox_{};
    std::mutex stop_mutex_;
    std::thread thread_;
};

}  // namespace carillon::channels
