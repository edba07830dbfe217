#include "channels/smtp_channel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "channels/channel_requests.h"
#include "channels/poller.h"
#include "channels/probing.h"
#include "channels/server_door.h"
#include "channels/smtp_connection.h"
#include "channels/worker_thread.h"

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;
using base::Steady;
using std::chrono::milliseconds;

// Held at once per connection: enough that a pipeline never runs dry between two batches.
constexpr std::size_t messages_per_connection = 128;

bool needs_tls(const SmtpDialogue& dialogue) {
    return dialogue.tls != SmtpTls::off;
}

}  // namespace

// ---- the thread that drives all connections

class SmtpChannel::Loop {
public:
    Loop(SmtpSettings settings, std::optional<TlsClient> tls, OutcomeSink sink, BeginSink begins)
        : settings_(std::move(settings)),
          tls_(std::move(tls)),
          sink_(std::move(sink)),
          requests_([this] { poller_.wake(); }, sink_),
          door_(
              {.host = settings_.host,
               .port = settings_.port,
               .backoff_first = settings_.backoff_first,
               .backoff_max = settings_.backoff_max},
              [this] { poller_.wake(); }, "the server was not reached yet"),
          queue_(settings_.queue, std::move(begins)),
          slots_(settings_.connections),
          thread_([this] { run(); }) {}
    ~Loop() { stop(0ms); }

    const SmtpSettings& settings() const { return settings_; }
    const TlsClient* tls() const { return tls_ ? &*tls_ : nullptr; }

    ChannelRequests& requests() { return requests_; }
    void stop(milliseconds patience);

private:
    struct Slot {
        std::unique_ptr<SmtpConnection> connection{};
        bool waits_for_writing{true};
    };

    void run();
    void take_requests(Steady now);
    void advance_ready(const std::vector<std::uint64_t>& ready, Steady now);
    void advance(std::size_t index, Steady now);
    void feed_rested(Steady now);
    void open_wanted(Steady now);
    void open(std::size_t index, Steady now);
    void tick(Steady now);
    void settle(std::size_t index, Steady now);
    void close(std::size_t index, Steady now);
    void refuse_while_down(Steady now);
    void wind_down(Steady now);
    std::optional<std::chrono::nanoseconds> patience(Steady now) const;
    void deliver_reports();

    Lane lane_of(std::size_t index) const {
        return index == 0 && slots_.size() > 1 ? Lane::urgent : Lane::any;
    }
    std::size_t opening() const;
    bool any_established() const;

    const SmtpSettings settings_;
    const std::optional<TlsClient> tls_;
    const OutcomeSink sink_;
    Poller poller_;

    ChannelRequests requests_;

    // Used by the thread only.
    ServerDoor door_;
    SendQueue queue_;
    std::vector<Slot> slots_;
    std::vector<Report> reports_;
    std::optional<Steady> stopping_;

    std::mutex stop_mutex_;  // two callers of stop() join one after the other
    std::thread thread_;     // last: everything above is there when it starts
};

void SmtpChannel::Loop::stop(milliseconds patience) {
    requests_.stop(patience);
    const std::scoped_lock lock{stop_mutex_};
    if (thread_.joinable()) thread_.join();
}

void SmtpChannel::Loop::run() {
    block_signals();
    auto now = base::steady_now();
    while (true) {
        const auto& ready = poller_.wait(patience(now));
        now = base::steady_now();
        take_requests(now);
        advance_ready(ready, now);
        feed_rested(now);
        open_wanted(now);
        tick(now);
        refuse_while_down(now);
        if (stopping_) wind_down(now);
        deliver_reports();
        const bool done = stopping_ && std::ranges::none_of(slots_, [](const Slot& slot) {
                              return slot.connection != nullptr;
                          });
        if (done && requests_.end()) return;
    }
}

void SmtpChannel::Loop::take_requests(Steady now) {
    auto taken = requests_.take();
    stopping_ = taken.stop_by;
    for (auto& message : taken.messages) queue_.add(std::move(message), now, reports_);
    if (taken.recalled) queue_.defer_all(given_away(), reports_);
}

void SmtpChannel::Loop::advance_ready(const std::vector<std::uint64_t>& ready, Steady now) {
    for (const auto tag : ready) advance(static_cast<std::size_t>(tag), now);
}

void SmtpChannel::Loop::advance(std::size_t index, Steady now) {
    auto& slot = slots_[index];
    if (!slot.connection) return;
    slot.connection->advance(now, [&]() -> std::optional<Message> {
        if (stopping_) return std::nullopt;
        return queue_.take(lane_of(index), now);
    });
    settle(index, now);
}

// Connections that wait for nothing hear nothing from the poller: they are offered what has come
// in.
void SmtpChannel::Loop::feed_rested(Steady now) {
    if (stopping_) return;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (!slots_[i].connection || !slots_[i].connection->session().has_room()) continue;
        if (queue_.ready(lane_of(i), now) > 0) advance(i, now);
    }
}

void SmtpChannel::Loop::open_wanted(Steady now) {
    if (stopping_ || !door_.allows(now)) return;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (slots_[i].connection || queue_.ready(lane_of(i), now) <= opening()) continue;
        // A server that failed is knocked at once, not by all connections.
        if (door_.failing() && opening() > 0) return;
        open(i, now);
        if (!door_.allows(now) || !door_.has_address()) return;
    }
}

void SmtpChannel::Loop::open(std::size_t index, Steady now) {
    auto link = door_.knock(now);
    if (!link) return;
    auto& slot = slots_[index];
    slot.connection =
        std::make_unique<SmtpConnection>(std::move(link), settings_.dialogue, tls(), now);
    slot.waits_for_writing = true;
    poller_.add(slot.connection->descriptor(), index, true);
}

void SmtpChannel::Loop::tick(Steady now) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        auto* connection = slots_[i].connection.get();
        if (connection == nullptr) continue;
        connection->tick(now);
        const bool rested =
            connection->session().idle() && now - connection->idle_since() >= settings_.idle;
        if (rested || (stopping_ && connection->session().idle())) {
            connection->session().quit(now);
            advance(i, now);
        } else {
            settle(i, now);
        }
    }
}

// Takes over what a connection reports, and tells the poller what it waits for.
void SmtpChannel::Loop::settle(std::size_t index, Steady now) {
    auto& slot = slots_[index];
    if (!slot.connection) return;
    for (auto& report : slot.connection->session().take_reports())
        reports_.push_back(std::move(report));
    if (slot.connection->session().answered() > 0) door_.opened();
    if (slot.connection->closed()) return close(index, now);
    const bool wants_write = slot.connection->wants_write();
    if (wants_write == slot.waits_for_writing) return;
    slot.waits_for_writing = wants_write;
    poller_.change(slot.connection->descriptor(), index, wants_write);
}

void SmtpChannel::Loop::close(std::size_t index, Steady now) {
    auto& slot = slots_[index];
    const auto& session = slot.connection->session();
    if (!session.failure().empty()) {
        // A server that took mail before may close whenever it likes; one that never did is out of
        // order.
        if (session.answered() == 0)
            door_.failed(session.failure(), now);
        else
            door_.thrown_out(now);
    }
    poller_.remove(slot.connection->descriptor());
    slot.connection.reset();
}

void SmtpChannel::Loop::refuse_while_down(Steady now) {
    if (!door_.failing() || any_established() || opening() > 0 || queue_.size() == 0) return;
    queue_.defer_all(come_back_in(door_.next() - now, door_.last_failure()), reports_);
}

void SmtpChannel::Loop::wind_down(Steady now) {
    queue_.defer_all(turned_away(), reports_);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (!slots_[i].connection) continue;
        auto& session = slots_[i].connection->session();
        if (now >= *stopping_ || !session.established()) session.lost("the channel was stopped");
        settle(i, now);
    }
}

std::optional<std::chrono::nanoseconds> SmtpChannel::Loop::patience(Steady now) const {
    auto wake = queue_.wakes_at(now);
    if (queue_.size() > 0) wake = std::min(wake, door_.allows(now) ? now + 1s : door_.next());
    for (const auto& slot : slots_) {
        if (!slot.connection) continue;
        wake = std::min(wake, slot.connection->wakes_at());
        if (slot.connection->session().idle())
            wake = std::min(wake, slot.connection->idle_since() + settings_.idle);
    }
    if (stopping_) wake = std::min(wake, *stopping_);
    if (wake == Steady::max()) return std::nullopt;
    return std::max<std::chrono::nanoseconds>(wake - now, 0ns);
}

void SmtpChannel::Loop::deliver_reports() {
    if (!reports_.empty()) sink_(std::exchange(reports_, {}));
}

std::size_t SmtpChannel::Loop::opening() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        slots_, [](const Slot& slot) { return slot.connection && slot.connection->connecting(); }));
}

bool SmtpChannel::Loop::any_established() const {
    return std::ranges::any_of(slots_, [](const Slot& slot) {
        return slot.connection && slot.connection->session().established();
    });
}

// ---- the channel

SmtpChannel::SmtpChannel(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
SmtpChannel::~SmtpChannel() = default;

base::Result<std::unique_ptr<SmtpChannel>> SmtpChannel::create(SmtpSettings settings,
                                                               OutcomeSink sink, BeginSink begins) {
    std::optional<TlsClient> tls;
    if (needs_tls(settings.dialogue)) {
        auto client = TlsClient::create(
            {.host = settings.tls_name.empty() ? settings.host : settings.tls_name,
             .ca_file = settings.ca_file,
             .verify = settings.verify_certificate});
        if (!client) return base::fail(std::move(client.error()));
        tls = std::move(*client);
    }
    settings.connections = std::max<std::size_t>(settings.connections, 1);
    return std::unique_ptr<SmtpChannel>{new SmtpChannel{std::make_unique<Loop>(
        std::move(settings), std::move(tls), std::move(sink), std::move(begins))}};
}

const std::string& SmtpChannel::name() const {
    return loop_->settings().name;
}

std::size_t SmtpChannel::capacity() const {
    return loop_->settings().connections * messages_per_connection;
}

void SmtpChannel::send(std::vector<Message> batch) {
    loop_->requests().send(std::move(batch));
}

void SmtpChannel::recall() {
    loop_->requests().recall();
}

void SmtpChannel::stop(milliseconds patience) {
    loop_->stop(patience);
}

namespace {

base::Result<std::string> probe_server(const SmtpSettings& settings, const TlsClient* tls) {
    auto dialogue = settings.dialogue;
    constexpr milliseconds patience = 10s;
    for (auto* limit :
         {&dialogue.timeouts.connect, &dialogue.timeouts.greeting, &dialogue.timeouts.command})
        *limit = std::min(*limit, patience);
    const auto place = settings.host + ":" + std::to_string(settings.port);
    const auto addresses = resolve(settings.host, settings.port);
    if (!addresses) return base::fail(addresses.error());
    auto link = SocketLink::connect(addresses->front());
    if (!link) return base::fail(std::move(link.error()));
    SmtpConnection connection{std::move(*link), dialogue, tls, base::steady_now()};
    auto& session = connection.session();
    drive(connection, [&] { return session.idle(); });
    if (!connection.closed()) session.noop(base::steady_now());
    drive(connection, [&] { return session.idle(); });
    if (connection.closed()) return base::fail("smtp.probe_failed", session.failure(), place);
    session.quit(base::steady_now());
    drive_to_its_end(connection);
    return place + (connection.secure() ? " with TLS: " : " without TLS: ") +
           session.extensions().text();
}

}  // namespace

base::Result<std::string> SmtpChannel::probe() {
    return probed([&] { return probe_server(loop_->settings(), loop_->tls()); });
}

}  // namespace carillon::channels
