// Letters to a print house through a folder: batches of merged PDF with a manifest go out, status
// files and returned mail come back. A letter is accepted once it waits safely on disk and is never
// handed over twice; letter_store.h says how.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "channels/channel.h"
#include "channels/cut_off.h"
#include "channels/letter_store.h"
#include "channels/message_inbox.h"

namespace carillon::channels {

struct PrintHouseSettings {
    std::string name{"letter"};
    std::filesystem::path folder{};    // open, closing, outbox, sent, cancelled are made in it
    std::filesystem::path incoming{};  // files that come back; empty: `folder`/incoming
    std::size_t batch_max{1000};       // letters; a full batch goes at once
    CutOff cut_off{};                  // the others go at the next cut-off
    bool duplex{true};
    std::chrono::milliseconds poll{std::chrono::seconds{1}};  // how often to look at both
};

// Safe from several threads; one thread works. `clock` decides about cut-offs; borrowed.
class PrintHouseChannel final : public Channel {
public:
    // Finishes what a killed process left. Errors: letter.folder_unusable, letter.folder_in_use,
    // letter.manifest_invalid.
    static base::Result<std::unique_ptr<PrintHouseChannel>> create(PrintHouseSettings settings,
                                                                   const base::Clock& clock,
                                                                   ChannelSinks sinks);
    ~PrintHouseChannel() override;

    base::ChannelKind kind() const override { return base::ChannelKind::letter; }
    const std::string& name() const override { return settings_.name; }
    std::size_t capacity() const override;
    void send(std::vector<Message> batch) override;
    // Letters that wait for their cut-off stay on disk and go out when the folder is opened again.
    void stop(std::chrono::milliseconds patience) override;
    base::Result<std::string> probe() override;
    bool remembers_keys() const override { return true; }

    // Calls a letter back while it waits. Errors: letter.cancel_too_late, letter.unknown,
    // letter.folder_unusable.
    base::Result<void> cancel(const std::string& key) override;

private:
    PrintHouseChannel(PrintHouseSettings settings, const base::Clock& clock, ChannelSinks sinks,
                      std::unique_ptr<LetterStore> store);

    void run();
    std::vector<Report> accept(const std::vector<Message>& messages);
    void close_due_batches();
    void take_incoming();
    void take_incoming(const std::filesystem::path& path);
    std::filesystem::path returned(const char* part) const;

    const PrintHouseSettings settings_;
    const base::Clock& clock_;
    const ChannelSinks sinks_;
    std::mutex store_mutex_;
    std::unique_ptr<LetterStore> store_;  // guarded by store_mutex_
    std::string trouble_{};               // guarded by store_mutex_; why the last batch did not go
    MessageInbox inbox_{};
    std::mutex stop_mutex_;
    std::thread thread_;
};

}  // namespace carillon::channels
