// The sandbox: finished messages become files that a person can open, and nothing leaves the house.
// E-mails: <folder>/<yyyy-mm-dd of the Date header>/<key>.eml; a message sent again lands on the
// same file. Short messages: <folder>/<yyyy-mm-dd of today>/<key>.sms.txt.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "channels/channel.h"

namespace carillon::channels {

struct FileChannelSettings {
    std::string name{"email"};
    base::ChannelKind kind{base::ChannelKind::email};
    std::filesystem::path folder{};  // made when it does not exist
    bool durable{true};              // Accepted only when the file survives a power cut
    bool fan_out{false};             // 256 folders a day, for millions of files
};

// Safe from several threads; one thread writes. `clock` dates messages without a Date header;
// borrowed.
class FileChannel final : public Channel {
public:
    FileChannel(FileChannelSettings settings, const base::Clock& clock, OutcomeSink sink);
    ~FileChannel() override;

    base::ChannelKind kind() const override { return settings_.kind; }
    const std::string& name() const override { return settings_.name; }
    std::size_t capacity() const override;
    void send(std::vector<Message> batch) override;
    void stop(std::chrono::milliseconds patience) override;
    // Writes and removes a file in the folder.
    base::Result<std::string> probe() override;

private:
    struct Draft {
        const Message* message{};
        std::filesystem::path temporary{};
        std::filesystem::path final{};
        std::string problem{};
        int units{1};
    };

    void run();
    std::vector<Report> store(const std::vector<Message>& batch);
    Draft write(const Message& message);
    void publish(std::vector<Draft>& drafts);
    std::filesystem::path path_of(const Message& message, std::string_view day,
                                  std::string_view suffix) const;

    const FileChannelSettings settings_;
    const base::Clock& clock_;
    const OutcomeSink sink_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Message> inbox_;                 // guarded by mutex_
    bool stopping_{false};                       // guarded by mutex_
    bool finished_{false};                       // guarded by mutex_
    base::Steady stop_by_{base::Steady::max()};  // guarded by mutex_
    std::mutex stop_mutex_;
    std::thread thread_;
};

}  // namespace carillon::channels
