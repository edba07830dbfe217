// Calls have no provider: the task itself is the message. It stands in the database before this
// channel is asked, so all that is left to say is that somebody can see it. Whoever makes the call
// reports how it ended (scheduler/call_desk.h).
#pragma once

#include <string>

#include "channels/channel.h"

namespace carillon::channels {

// Safe from several threads.
class CallChannel final : public Channel {
public:
    CallChannel(std::string name, OutcomeSink sink)
        : name_(std::move(name)), sink_(std::move(sink)) {}

    base::ChannelKind kind() const override { return base::ChannelKind::call; }
    const std::string& name() const override { return name_; }
    std::size_t capacity() const override { return 1000; }
    void send(std::vector<Message> batch) override;
    void stop(std::chrono::milliseconds) override {}
    base::Result<std::string> probe() override { return "tasks stand on the call desk"; }

private:
    const std::string name_;
    const OutcomeSink sink_;
};

}  // namespace carillon::channels
