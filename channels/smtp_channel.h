// E-mail through an SMTP server (a relay or the bank's own MTA): one thread drives all connections.
#pragma once

#include <memory>
#include <string>

#include "channels/channel.h"
#include "channels/send_queue.h"
#include "channels/smtp_session.h"

namespace carillon::channels {

struct SmtpSettings {
    std::string name{"email"};
    std::string host{"localhost"};
    int port{587};
    SmtpDialogue dialogue{};
    std::string ca_file{};          // PEM; empty: the authorities the system trusts
    std::string tls_name{};         // name in the certificate when it is not `host`
    bool verify_certificate{true};  // also the host name
    std::size_t connections{8};  // with 2 or more, one of them never carries debt or marketing mail
    QueueSettings queue{};
    std::chrono::milliseconds idle{std::chrono::seconds{20}};  // then a connection says QUIT
    std::chrono::milliseconds backoff_first{500};  // between tries to reach a dead server, doubling
    std::chrono::milliseconds backoff_max{std::chrono::minutes{5}};
};

// Safe from several threads. Reports come from the channel's thread, after stop() from the
// caller's. While the server cannot be reached, messages are given back at once as Deferred with
// the time to come back.
class SmtpChannel final : public Channel {
public:
    // The sink must outlive the channel, must not throw and must not call stop(). Errors:
    // tls.ca_invalid, tls.host_invalid.
    static base::Result<std::unique_ptr<SmtpChannel>> create(SmtpSettings settings,
                                                             OutcomeSink sink,
                                                             BeginSink begins = {});
    ~SmtpChannel() override;  // stop() without patience

    base::ChannelKind kind() const override { return base::ChannelKind::email; }
    const std::string& name() const override;
    std::size_t capacity() const override;
    void send(std::vector<Message> batch) override;
    void stop(std::chrono::milliseconds patience) override;
    void recall() override;
    // Connects, negotiates TLS, authenticates and says NOOP, in the calling thread, at most about
    // 30 s.
    base::Result<std::string> probe() override;
    bool tells_beginnings() const override { return true; }

private:
    class Loop;
    explicit SmtpChannel(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

}  // namespace carillon::channels
