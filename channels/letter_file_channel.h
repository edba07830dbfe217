// The sandbox of letters: each becomes a PDF that a person can look at, and nothing leaves the
// house. <folder>/<key>.pdf; a letter sent again lands on the same file.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "channels/channel.h"
#include "channels/message_inbox.h"

namespace carillon::channels {

struct LetterFileSettings {
    std::string name{"letter"};
    std::filesystem::path folder{};  // made when it does not exist
};

// Safe from several threads; one thread writes.
class LetterFileChannel final : public Channel {
public:
    LetterFileChannel(LetterFileSettings settings, OutcomeSink sink);
    ~LetterFileChannel() override;

    base::ChannelKind kind() const override { return base::ChannelKind::letter; }
    const std::string& name() const override { return settings_.name; }
    std::size_t capacity() const override;
    void send(std::vector<Message> batch) override;
    void stop(std::chrono::milliseconds patience) override;
    // Writes and removes a file in the folder.
    base::Result<std::string> probe() override;

private:
    void run();
    Outcome store(const Message& message) const;

    const LetterFileSettings settings_;
    const OutcomeSink sink_;
    MessageInbox inbox_{};
    std::mutex stop_mutex_;
    std::thread thread_;
};

}  // namespace carillon::channels
