// SmtpChannel against a server on a real socket: what a drop, a refusal or a bad certificate means
// for a message.
#include "channels/smtp_channel.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <set>

#include "channels/socket_link.h"
#include "smtp_server.h"

using namespace carillon;
using namespace carillon::channels;
using namespace carillon::testing;
using namespace std::chrono_literals;

namespace {

// Collects reports; assertions wait until all have come.
class Mailroom {
public:
    OutcomeSink sink() {
        return [this](std::vector<Report> reports) {
            const std::scoped_lock lock{mutex_};
            for (auto& report : reports) {
                ++count_;
                outcomes_[report.id.value].push_back(std::move(report.outcome));
            }
            changed_.notify_all();
        };
    }
    bool wait_for(std::size_t count, std::chrono::seconds patience = 20s) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return count_ >= count; });
    }
    std::size_t count() {
        const std::scoped_lock lock{mutex_};
        return count_;
    }
    std::map<std::int64_t, std::vector<Outcome>> outcomes() {
        const std::scoped_lock lock{mutex_};
        return outcomes_;
    }
    Outcome outcome_of(std::int64_t id) { return outcomes().at(id).at(0); }
    template <class Kind>
    std::size_t count_of() {
        std::size_t count = 0;
        for (const auto& [id, list] : outcomes())
            for (const auto& outcome : list) count += std::holds_alternative<Kind>(outcome) ? 1 : 0;
        return count;
    }
    bool each_once() {
        for (const auto& [id, list] : outcomes())
            if (list.size() != 1) return false;
        return true;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::int64_t, std::vector<Outcome>> outcomes_;
    std::size_t count_{0};
};

Message message_of(std::int64_t id, base::Purpose purpose = base::Purpose::marketing) {
    Message message;
    message.id.value = id;
    message.key = "m-" + std::to_string(id);
    message.to = "client" + std::to_string(id) + "@client.test";
    message.purpose = purpose;
    message.payload = EmailPayload{
        .envelope_from = "bounces@bank.test",
        .bytes = "Subject: " + message.key + "\r\n\r\n.leading dot\r\n..two\r\nHello\r\n"};
    return message;
}

std::vector<Message> messages(std::int64_t count) {
    std::vector<Message> batch;
    for (std::int64_t id = 1; id <= count; ++id) batch.push_back(message_of(id));
    return batch;
}

SmtpSettings settings_for(const SmtpServer& server) {
    SmtpSettings settings;
    settings.host = "127.0.0.1";
    settings.port = server.port();
    settings.dialogue.tls = SmtpTls::off;
    settings.connections = 4;
    settings.backoff_first = 1ms;
    settings.backoff_max = 5ms;
    return settings;
}

std::unique_ptr<SmtpChannel> channel_with(SmtpSettings settings, Mailroom& room) {
    auto channel = SmtpChannel::create(std::move(settings), room.sink());
    if (!channel) FAIL(channel.error().text());
    return std::move(*channel);
}

std::string to_of(const SmtpServer::Mail& mail) {
    return mail.to.substr(0, mail.to.find('>'));
}

}  // namespace

TEST_CASE("every message arrives once and unchanged, with and without pipelining",
          "[channels][smtp]") {
    const bool pipelining = GENERATE(true, false);
    SmtpServer server{{.pipelining = pipelining}};
    Mailroom room;
    const auto channel = channel_with(settings_for(server), room);
    channel->send(messages(300));
    REQUIRE(room.wait_for(300));
    channel->stop(5s);
    CHECK(room.count_of<Accepted>() == 300);
    CHECK(room.each_once());
    std::set<std::string> recipients;
    for (const auto& mail : server.received()) {
        recipients.insert(to_of(mail));
        CHECK_THAT(mail.data, Catch::EndsWith("\r\n\r\n.leading dot\r\n..two\r\nHello\r\n"));
    }
    CHECK(server.received().size() == 300);
    CHECK(recipients.size() == 300);
}

TEST_CASE("a connection cut at any stage leaves exactly one honest report", "[channels][smtp]") {
    const auto stage = GENERATE(as<std::string>{}, "banner", "EHLO", "MAIL", "RCPT", "DATA", "body",
                                "dot", "after-dot");
    INFO("cut at " << stage);
    SmtpServer server{{.drop_at = stage}};
    Mailroom room;
    const auto channel = channel_with(settings_for(server), room);
    for (std::int64_t id = 1; id <= 40; ++id) {
        channel->send({message_of(id)});
        if (id % 8 == 0) REQUIRE(room.wait_for(static_cast<std::size_t>(id)));
    }
    REQUIRE(room.wait_for(40));
    channel->stop(5s);
    CHECK(room.count() == 40);
    CHECK(room.each_once());
    const auto received = server.received().size();
    if (stage == "dot") {
        CHECK(received > 0);
        CHECK(room.count_of<Uncertain>() == received);
        CHECK(room.count_of<Deferred>() == 40 - received);
    } else if (stage == "after-dot") {
        CHECK(room.count_of<Accepted>() == received);
        CHECK(room.count_of<Deferred>() == 40 - received);
    } else if (stage == "body") {
        // A small body and its dot leave in one write: the client cannot know where the server
        // stopped reading.
        CHECK(received == 0);
        CHECK(room.count_of<Accepted>() == 0);
    } else {
        CHECK(received == 0);
        CHECK(room.count_of<Deferred>() == 40);
    }
}

TEST_CASE("a body cut before its dot could be written is deferred", "[channels][smtp]") {
    SmtpServer server{{.drop_at = "body"}};
    Mailroom room;
    const auto channel = channel_with(settings_for(server), room);
    auto message = message_of(1);
    std::string line(900, 'x');
    line += "\r\n";
    auto& bytes = std::get<EmailPayload>(message.payload).bytes;
    while (bytes.size() < 30'000'000) bytes += line;
    channel->send({message});
    REQUIRE(room.wait_for(1));
    const auto outcome = room.outcome_of(1);
    REQUIRE(std::holds_alternative<Deferred>(outcome));
    CHECK(std::get<Deferred>(outcome).consumed_attempt);
}

TEST_CASE("STARTTLS and AUTH cut short are deferred, too", "[channels][smtp]") {
    const auto stage = GENERATE(as<std::string>{}, "STARTTLS", "AUTH");
    SmtpServer server{
        {.offer_starttls = stage == "STARTTLS", .offer_auth = true, .drop_at = stage}};
    Mailroom room;
    auto settings = settings_for(server);
    settings.dialogue.tls = stage == "STARTTLS" ? SmtpTls::required : SmtpTls::off;
    settings.dialogue.user = "relay";
    settings.dialogue.password = "secret";
    settings.dialogue.auth_without_tls = true;
    const auto channel = channel_with(settings, room);
    channel->send(messages(20));
    REQUIRE(room.wait_for(20));
    CHECK(room.count_of<Deferred>() == 20);
    CHECK(server.received().empty());
}

TEST_CASE("each recipient gets its own answer", "[channels][smtp]") {
    const bool pipelining = GENERATE(true, false);
    SmtpServer server{
        {.pipelining = pipelining,
         .answer = [](const std::string& command, const std::string& line) {
             const auto number = std::atoi(line.c_str() + std::string{"RCPT TO:<client"}.size());
             return command == "RCPT" && number % 3 == 0 ? "550 5.1.1 no such user" : "";
         }}};
    Mailroom room;
    const auto channel = channel_with(settings_for(server), room);
    channel->send(messages(99));
    REQUIRE(room.wait_for(99));
    for (const auto& [id, outcomes] : room.outcomes()) {
        const auto* rejected = std::get_if<Rejected>(&outcomes[0]);
        CHECK((rejected != nullptr) == (id % 3 == 0));
        if (rejected != nullptr) CHECK(rejected->address_is_bad);
    }
    CHECK(server.received().size() == 66);
}

TEST_CASE("a dead server gives messages back at once and is tried again later",
          "[channels][smtp]") {
    Mailroom room;
    SmtpSettings settings;
    {
        const SmtpServer gone{{}};
        settings = settings_for(gone);
    }
    settings.backoff_first = 200ms;
    settings.backoff_max = 10s;
    const auto channel = channel_with(settings, room);
    channel->send(messages(500));
    REQUIRE(room.wait_for(500));
    for (const auto& [id, outcomes] : room.outcomes()) {
        const auto* deferred = std::get_if<Deferred>(&outcomes[0]);
        REQUIRE(deferred != nullptr);
        CHECK_FALSE(deferred->consumed_attempt);
        CHECK(deferred->retry_after.value_or(0ms) > 0ms);
    }
}

TEST_CASE("a server that answers slowly is waited for, not forever", "[channels][smtp]") {
    SmtpServer server{{.before_dot_reply = 700ms}};
    Mailroom room;
    auto settings = settings_for(server);
    settings.connections = 1;
    settings.dialogue.timeouts.dot = 150ms;
    const auto channel = channel_with(settings, room);
    channel->send(messages(1));
    REQUIRE(room.wait_for(1));
    CHECK(std::holds_alternative<Uncertain>(room.outcome_of(1)));
    CHECK(server.received().size() == 1);
}

TEST_CASE("a message whose deadline has passed is never sent", "[channels][smtp]") {
    SmtpServer server{{}};
    Mailroom room;
    const auto channel = channel_with(settings_for(server), room);
    auto batch = messages(20);
    for (auto& message : batch)
        if (message.id.value % 2 == 0) message.deadline = base::steady_now() - 1ms;
    channel->send(std::move(batch));
    REQUIRE(room.wait_for(20));
    CHECK(room.count_of<Accepted>() == 10);
    CHECK(room.count_of<Deferred>() == 10);
    CHECK(server.received().size() == 10);
}

TEST_CASE("an idle connection is closed politely and opened again when needed",
          "[channels][smtp]") {
    SmtpServer server{{}};
    Mailroom room;
    auto settings = settings_for(server);
    settings.idle = 50ms;
    const auto channel = channel_with(settings, room);
    channel->send({message_of(1)});
    REQUIRE(room.wait_for(1));
    while (server.commands().back() != "QUIT") std::this_thread::sleep_for(5ms);
    channel->send({message_of(2)});
    REQUIRE(room.wait_for(2));
    CHECK(room.count_of<Accepted>() == 2);
    CHECK(server.connections() == 2);
}

TEST_CASE("a server that says 421 now and then gets everything in the end", "[channels][smtp]") {
    // What large providers do to end a connection.
    std::atomic<int> count{0};
    SmtpServer server{{.answer = [&](const std::string& command, const std::string&) {
        return command == "MAIL" && ++count % 4 == 0 ? "421 4.7.0 enough for now" : "";
    }}};
    Mailroom room;
    const auto channel = channel_with(settings_for(server), room);
    std::size_t deferred = 0;
    std::vector<std::int64_t> open;
    for (std::int64_t id = 1; id <= 30; ++id) open.push_back(id);
    for (int round = 0; round < 50 && !open.empty(); ++round) {
        const auto before = room.count();
        for (const auto id : open) channel->send({message_of(round * 1000 + id)});
        REQUIRE(room.wait_for(before + open.size()));
        std::vector<std::int64_t> again;
        for (const auto id : open)
            if (!std::holds_alternative<Accepted>(room.outcome_of(round * 1000 + id)))
                again.push_back(id);
        deferred += again.size();
        open = again;
        std::this_thread::sleep_for(10ms);
    }
    CHECK(open.empty());
    CHECK(deferred > 0);
    CHECK(room.count_of<Uncertain>() == 0);
    CHECK(server.received().size() == 30);
}

TEST_CASE("transactional mail does not wait behind bulk", "[channels][smtp]") {
    SmtpServer server{{.before_dot_reply = 30ms}};
    Mailroom room;
    auto settings = settings_for(server);
    settings.connections = 2;
    const auto channel = channel_with(settings, room);
    channel->send(messages(60));
    while (server.received().size() < 4) std::this_thread::sleep_for(5ms);
    channel->send({message_of(1000, base::Purpose::transactional)});
    const auto sent_before = server.received().size();
    REQUIRE(room.wait_for(61));
    const auto mails = server.received();
    const auto urgent = std::ranges::find_if(
        mails, [](const auto& mail) { return mail.to.find("client1000@") != std::string::npos; });
    // Each connection may have one under way and one more in its pipeline.
    CHECK(static_cast<std::size_t>(urgent - mails.begin()) <= sent_before + 4);
    CHECK(room.count_of<Accepted>() == 61);
}

TEST_CASE("stop finishes what is in flight and gives the rest back", "[channels][smtp]") {
    SmtpServer server{{.before_dot_reply = 50ms}};
    Mailroom room;
    const auto channel = channel_with(settings_for(server), room);
    channel->send(messages(200));
    while (server.received().empty()) std::this_thread::sleep_for(5ms);
    channel->stop(10s);
    CHECK(room.count() == 200);
    CHECK(room.each_once());
    CHECK(room.count_of<Uncertain>() == 0);
    CHECK(room.count_of<Accepted>() == server.received().size());
    channel->send({message_of(500)});
    CHECK(room.count() == 201);
    CHECK(std::holds_alternative<Deferred>(room.outcome_of(500)));
}

TEST_CASE("stop without patience reports what nobody knows", "[channels][smtp]") {
    SmtpServer server{{.before_dot_reply = 1s}};
    Mailroom room;
    const auto channel = channel_with(settings_for(server), room);
    channel->send(messages(20));
    while (server.received().size() < 3) std::this_thread::sleep_for(5ms);
    channel->stop(0ms);
    CHECK(room.count() == 20);
    CHECK(room.each_once());
    CHECK(room.count_of<Uncertain>() == server.received().size());
}

TEST_CASE("messages sent from many threads are all reported", "[channels][smtp]") {
    SmtpServer server{{}};
    Mailroom room;
    const auto channel = channel_with(settings_for(server), room);
    std::vector<std::thread> senders;
    for (std::int64_t sender = 0; sender < 4; ++sender)
        senders.emplace_back([&, sender] {
            for (std::int64_t i = 0; i < 50; ++i)
                channel->send({message_of(sender * 1000 + i + 1)});
        });
    for (auto& sender : senders) sender.join();
    REQUIRE(room.wait_for(200));
    CHECK(room.count_of<Accepted>() == 200);
    CHECK(room.each_once());
}

// ---- TLS

namespace {

struct TlsFixture {
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("carillon-tls-" + std::to_string(::getpid()));
    Identity authority = make_identity({.authority = true});
    std::string ca_file;

    TlsFixture() {
        std::filesystem::create_directories(folder);
        ca_file = write_pem(authority, folder, "ca").certificate;
    }
    ~TlsFixture() { std::filesystem::remove_all(folder); }
    TlsFixture(const TlsFixture&) = delete;
    TlsFixture& operator=(const TlsFixture&) = delete;

    PemFiles server(CertificateWish wish) {
        if (wish.issuer == nullptr) wish.issuer = &authority;
        return write_pem(make_identity(wish), folder, "server");
    }
    SmtpSettings settings(const SmtpServer& server, SmtpTls tls) const {
        auto settings = settings_for(server);
        settings.host = "localhost";
        settings.ca_file = ca_file;
        settings.dialogue.tls = tls;
        settings.dialogue.user = "relay";
        settings.dialogue.password = "secret";
        return settings;
    }
};

bool has_auth(const SmtpServer& server) {
    for (const auto& command : server.commands())
        if (command.starts_with("AUTH") || command.starts_with("MAIL")) return true;
    return false;
}

}  // namespace

TEST_CASE("mail goes through STARTTLS and through implicit TLS", "[channels][smtp][tls]") {
    const auto tls = GENERATE(SmtpTls::required, SmtpTls::opportunistic, SmtpTls::implicit);
    TlsFixture fixture;
    SmtpServer server{{.offer_starttls = tls != SmtpTls::implicit,
                       .implicit_tls = tls == SmtpTls::implicit,
                       .offer_auth = true,
                       .certificate = fixture.server({})}};
    Mailroom room;
    const auto channel = channel_with(fixture.settings(server, tls), room);
    channel->send(messages(100));
    REQUIRE(room.wait_for(100));
    CHECK(room.count_of<Accepted>() == 100);
    CHECK(server.received().size() == 100);
    const auto probed = channel->probe();
    REQUIRE(probed);
    CHECK_THAT(*probed, Catch::Contains("with TLS") && Catch::Contains("PIPELINING"));
}

TEST_CASE("a large message goes through TLS whole", "[channels][smtp][tls]") {
    TlsFixture fixture;
    SmtpServer server{
        {.offer_starttls = true, .offer_auth = true, .certificate = fixture.server({})}};
    Mailroom room;
    const auto channel = channel_with(fixture.settings(server, SmtpTls::required), room);
    auto message = message_of(1);
    auto& bytes = std::get<EmailPayload>(message.payload).bytes;
    for (int line = 0; line < 40'000; ++line)
        bytes += std::to_string(line) + std::string(70, 'x') + "\r\n";
    const auto sent = bytes;
    channel->send({message});
    REQUIRE(room.wait_for(1));
    CHECK(room.count_of<Accepted>() == 1);
    REQUIRE(server.received().size() == 1);
    CHECK(server.received()[0].data == sent);
}

TEST_CASE("a server that cannot prove its name gets neither password nor mail",
          "[channels][smtp][tls]") {
    TlsFixture fixture;
    enum class Flaw { another_name, expired, unknown_issuer, wildcard, address_only };
    const auto flaw = GENERATE(Flaw::another_name, Flaw::expired, Flaw::unknown_issuer,
                               Flaw::wildcard, Flaw::address_only);
    const Identity stranger = make_identity({.authority = true});
    CertificateWish wish;
    if (flaw == Flaw::another_name) wish.names = "DNS:mail.evil.test";
    if (flaw == Flaw::expired) wish.expired = true;
    if (flaw == Flaw::unknown_issuer) wish.issuer = &stranger;
    if (flaw == Flaw::wildcard) wish.names = "DNS:*.localhost";
    if (flaw == Flaw::address_only) wish.names = "IP:127.0.0.1";
    const auto tls = GENERATE(SmtpTls::required, SmtpTls::implicit, SmtpTls::opportunistic);
    SmtpServer server{{.offer_starttls = tls != SmtpTls::implicit,
                       .implicit_tls = tls == SmtpTls::implicit,
                       .offer_auth = true,
                       .certificate = fixture.server(wish)}};
    Mailroom room;
    const auto channel = channel_with(fixture.settings(server, tls), room);
    channel->send(messages(3));
    REQUIRE(room.wait_for(3));
    CHECK(room.count_of<Deferred>() == 3);
    CHECK_THAT(std::get<Deferred>(room.outcome_of(1)).reason, Catch::Contains("certificate"));
    CHECK_FALSE(has_auth(server));
}

TEST_CASE("required TLS that was stripped on the way stops the mail", "[channels][smtp][tls]") {
    TlsFixture fixture;
    SmtpServer server{{.offer_starttls = false, .offer_auth = true}};
    Mailroom room;
    const auto channel = channel_with(fixture.settings(server, SmtpTls::required), room);
    channel->send(messages(3));
    REQUIRE(room.wait_for(3));
    CHECK(room.count_of<Deferred>() == 3);
    CHECK_FALSE(has_auth(server));
}

TEST_CASE("plaintext put in before TLS is not taken for an answer within it",
          "[channels][smtp][tls]") {
    TlsFixture fixture;
    SmtpServer server{{.offer_starttls = true,
                       .offer_auth = true,
                       .certificate = fixture.server({}),
                       .injection = "250-test\r\n250 PIPELINING\r\n235 welcome\r\n"}};
    Mailroom room;
    const auto channel = channel_with(fixture.settings(server, SmtpTls::required), room);
    channel->send(messages(3));
    REQUIRE(room.wait_for(3));
    CHECK(room.count_of<Deferred>() == 3);
    CHECK_FALSE(has_auth(server));
    const auto probed = channel->probe();
    REQUIRE_FALSE(probed);
    CHECK_THAT(probed.error().text(), Catch::Contains("in the clear after STARTTLS"));
}

TEST_CASE("a missing file of authorities is a clear mistake", "[channels][smtp][tls]") {
    SmtpSettings settings;
    settings.ca_file = "/nonexistent/ca.pem";
    const auto channel = SmtpChannel::create(settings, [](const std::vector<Report>&) {});
    REQUIRE_FALSE(channel);
    CHECK(channel.error().code == "tls.ca_invalid");
}
