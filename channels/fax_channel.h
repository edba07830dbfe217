// Faxes through a HylaFAX server: handed over with hfaxd's protocol, followed by listings of the
// queue and by notices of its scripts, and received ones taken in from a folder.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "base/clock.h"
#include "channels/channel.h"
#include "channels/fax_memory.h"
#include "channels/fax_sender.h"
#include "channels/message_inbox.h"

namespace carillon::channels {

struct FaxChannelSettings {
    std::string name{"fax"};
    FaxSenderSettings sender{};
    std::filesystem::path folder{};    // our memory of what was handed over; made when not there
    std::filesystem::path notices{};   // of packaging/hylafax/notify-carillon; empty: none
    std::filesystem::path received{};  // of packaging/hylafax/faxrcvd-carillon; empty: none
    std::string region{"RU"};          // whose national numbers callers have
    std::chrono::milliseconds poll{std::chrono::seconds{20}};         // how often to list the queue
    std::chrono::milliseconds poll_folders{std::chrono::seconds{1}};  // how often to look there
    std::chrono::hours keep{std::chrono::hours{24 * 180}};            // what was handed over
};

// Safe from several threads; one thread works. `clock` is borrowed.
class FaxChannel final : public Channel {
public:
    // Errors: fax.folder_unusable, fax.folder_in_use.
    static base::Result<std::unique_ptr<FaxChannel>> create(FaxChannelSettings settings,
                                                            const base::Clock& clock,
                                                            ChannelSinks sinks);
    ~FaxChannel() override;

    base::ChannelKind kind() const override { return base::ChannelKind::fax; }
    const std::string& name() const override { return settings_.name; }
    std::size_t capacity() const override;
    void send(std::vector<Message> batch) override;
    // A fax that is being handed over when patience ends may become Uncertain. What the server has
    // is sent by the server, whether we run or not.
    void stop(std::chrono::milliseconds patience) override;
    // Logs in and lists the queue.
    base::Result<std::string> probe() override;
    bool remembers_keys() const override { return true; }

    // Calls a fax back that is not finished. Errors: fax.unknown, fax.cancel_too_late,
    // fax.server_*.
    base::Result<void> cancel(const std::string& key) override;

private:
    FaxChannel(FaxChannelSettings settings, const base::Clock& clock, ChannelSinks sinks,
               std::unique_ptr<FaxMemory> memory);

    FaxSenderSettings interruptible();
    void run();
    void hand_over(const std::vector<Message>& messages);
    void poll_queue();
    bool take(const FaxJob& job);

    const FaxChannelSettings settings_;
    const ChannelSinks sinks_;
    std::atomic<base::Steady> stop_by_{base::Steady::max()};
    std::unique_ptr<FaxMemory> memory_;
    FaxSender sender_;
    std::set<std::string> told_;  // ids of receipts about jobs the server still lists
    base::Steady poll_at_{};
    MessageInbox inbox_{};
    std::mutex stop_mutex_;
    std::thread thread_;
};

}  // namespace carillon::channels
