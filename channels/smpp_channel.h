// Short messages through an SMPP 3.4 centre: one thread drives all connections, which stay bound,
// because receipts and replies come through them.
#pragma once

#include <memory>
#include <string>

#include "channels/channel.h"
#include "channels/send_queue.h"
#include "channels/smpp_session.h"

namespace carillon::channels {

struct SmppSettings {
    std::string name{"sms"};
    std::string host{"localhost"};
    int port{2775};
    SmppDialogue dialogue{};
    bool separate_receiver{false};  // bind transmitters and one receiver instead of transceivers
    bool tls{false};                // from the first byte
    std::string ca_file{};          // PEM; empty: the authorities the system trusts
    std::string tls_name{};         // name in the certificate when it is not `host`
    bool verify_certificate{true};
    std::size_t connections{1};  // with 2 or more, one never carries debt or marketing messages
    QueueSettings queue{};
    double parts_per_second{0};                     // of the whole channel; 0: unlimited
    std::vector<std::string> bad_address_errors{};  // "err" values of receipts
    std::chrono::milliseconds backoff_first{1000};
    std::chrono::milliseconds backoff_max{std::chrono::minutes{2}};
};

// Safe from several threads. Reports, receipts and inbound messages come from the channel's thread.
// While the centre cannot be reached, messages are given back at once as Deferred with the time to
// come back.
class SmppChannel final : public Channel {
public:
    // The sinks and the clock must outlive the channel; sinks must not throw and must not call
    // stop(). An empty sink for receipts or inbound messages takes and drops them. Errors:
    // tls.ca_invalid, tls.host_invalid.
    static base::Result<std::unique_ptr<SmppChannel>> create(SmppSettings settings,
                                                             const base::Clock& clock,
                                                             ChannelSinks sinks);
    ~SmppChannel() override;  // stop() without patience

    base::ChannelKind kind() const override { return base::ChannelKind::sms; }
    const std::string& name() const override;
    std::size_t capacity() const override;
    void send(std::vector<Message> batch) override;
    void stop(std::chrono::milliseconds patience) override;
    void recall() override;
    // Connects, binds as a transmitter and unbinds, in the calling thread.
    base::Result<std::string> probe() override;
    bool tells_beginnings() const override { return true; }

private:
    class Loop;
    explicit SmppChannel(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

}  // namespace carillon::channels
