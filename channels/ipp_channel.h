// Letters to a printer or print server of the house by IPP (RFC 8011), one job each. The job's name
// is the message's key: before a letter is submitted again after a lost answer, it is looked up, so
// that none is printed twice. What becomes of a job is asked for until it has ended. A
// password is told as HTTP authentication (RFC 7617) where the server asks for it: use TLS then.
#pragma once

#include <memory>
#include <string>

#include "channels/channel.h"

namespace carillon::channels {

struct IppSettings {
    std::string name{"letter"};
    std::string host{"localhost"};
    int port{631};
    std::string queue{};  // "letters": ipp://host:port/printers/letters
    std::string user{"carillon"};
    std::string password{};  // empty: none is told
    bool tls{false};
    std::string ca_file{};  // PEM; empty: the authorities the system trusts
    bool duplex{true};
    std::chrono::milliseconds timeout{std::chrono::seconds{20}};  // for one answer
    std::chrono::milliseconds poll{std::chrono::seconds{5}};
    std::size_t jobs_watched_max{10'000};
};

// Safe from several threads; one thread talks to the server.
class IppChannel final : public Channel {
public:
    IppChannel(IppSettings settings, ChannelSinks sinks);
    ~IppChannel() override;

    base::ChannelKind kind() const override { return base::ChannelKind::letter; }
    const std::string& name() const override;
    std::size_t capacity() const override;
    void send(std::vector<Message> batch) override;
    void stop(std::chrono::milliseconds patience) override;
    // Asks for the printer's state; prints nothing.
    base::Result<std::string> probe() override;
    bool tells_beginnings() const override { return true; }

private:
    class Worker;
    std::unique_ptr<Worker> worker_;
};

}  // namespace carillon::channels
