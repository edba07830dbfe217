#include "channels/smpp_channel.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "channels/channel_requests.h"
#include "channels/poller.h"
#include "channels/probing.h"
#include "channels/server_door.h"
#include "channels/smpp_connection.h"
#include "channels/smpp_inbox.h"
#include "channels/worker_thread.h"

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;
using base::Steady;
using std::chrono::milliseconds;

constexpr auto gathering = 500us;
constexpr std::size_t few_share = 4;  // of a window

}  // namespace

// ---- the thread that drives all connections

class SmppChannel::Loop {
public:
    Loop(SmppSettings settings, std::optional<TlsClient> tls, const base::Clock& clock,
         ChannelSinks sinks)
        : settings_(std::move(settings)),
          tls_(std::move(tls)),
          clock_(clock),
          sinks_(std::move(sinks)),
          requests_([this] { poller_.wake(); }, sinks_.outcomes),
          door_(
              {.host = settings_.host,
               .port = settings_.port,
               .backoff_first = settings_.backoff_first,
               .backoff_max = settings_.backoff_max},
              [this] { poller_.wake(); }, "the centre was not reached yet"),
          queue_(settings_.queue, sinks_.begins),
          pace_(settings_.parts_per_second),
          inbox_({.ids = settings_.dialogue.receipt_ids,
                  .bad_address_errors = settings_.bad_address_errors}),
          slots_(settings_.connections + (settings_.separate_receiver ? 1 : 0)),
          thread_([this] { run(); }) {}
    ~Loop() { stop(0ms); }

    const SmppSettings& settings() const { return settings_; }
    const TlsClient* tls() const { return tls_ ? &*tls_ : nullptr; }
    const base::Clock& clock() const { return clock_; }

    ChannelRequests& requests() { return requests_; }
    void stop(milliseconds patience);

private:
    struct Slot {
        std::unique_ptr<SmppConnection> connection{};
        std::uint64_t number{};  // of the connection, for answers that come later
        bool waits_for_writing{true};
    };

    void run();
    void take_requests(Steady now);
    void advance(std::size_t index, Steady now);
    void feed_rested(Steady now);
    void open_missing(Steady now);
    void open(std::size_t index, Steady now);
    void tick(Steady now);
    void settle(std::size_t index, Steady now);
    void close(std::size_t index, Steady now);
    void store_arrivals(Steady now);
    void give_back(Steady now);
    void wind_down(Steady now);
    std::optional<std::chrono::nanoseconds> patience(Steady now) const;
    void deliver_reports();
    void let_answers_gather();

    SmppMode mode_of(std::size_t index) const {
        if (!settings_.separate_receiver) return SmppMode::transceiver;
        return index < settings_.connections ? SmppMode::transmitter : SmppMode::receiver;
    }
    Lane lane_of(std::size_t index) const {
        return index == 0 && settings_.connections > 1 ? Lane::urgent : Lane::any;
    }
    bool any_opening() const;
    bool can_send() const;

    const SmppSettings settings_;
    const std::optional<TlsClient> tls_;
    const base::Clock& clock_;
    const ChannelSinks sinks_;
    Poller poller_;

    ChannelRequests requests_;

    // Used by the thread only.
    ServerDoor door_;
    SendQueue queue_;
    SmppPace pace_;
    SmppInbox inbox_;
    std::uint64_t opened_{0};
    std::uint64_t heard_{0};  // answers so far, of the connections that stand
    std::vector<Slot> slots_;
    std::vector<Report> reports_;
    std::optional<Steady> stopping_;

    std::mutex stop_mutex_;  // two callers of stop() join one after the other
    std::thread thread_;     // last: everything above is there when it starts
};

void SmppChannel::Loop::stop(milliseconds patience) {
    requests_.stop(patience);
    const std::scoped_lock lock{stop_mutex_};
    if (thread_.joinable()) thread_.join();
}

void SmppChannel::Loop::run() {
    block_signals();
    auto now = base::steady_now();
    while (true) {
        const auto& ready = poller_.wait(patience(now));
        now = base::steady_now();
        take_requests(now);
        for (const auto tag : ready) advance(static_cast<std::size_t>(tag), now);
        feed_rested(now);
        open_missing(now);
        tick(now);
        store_arrivals(now);
        give_back(now);
        if (stopping_) wind_down(now);
        deliver_reports();
        if (!stopping_) let_answers_gather();
        const bool done = stopping_ && std::ranges::none_of(slots_, [](const Slot& slot) {
                              return slot.connection != nullptr;
                          });
        if (done && requests_.end()) return;
    }
}

// Many centres answer every unit with a packet of its own. Woken for each, we would spend more on
// waking than on the messages, and on a small machine take that time from the centre; half a
// millisecond later there are many. Nobody waits longer for it: most of the window is still with
// the centre.
void SmppChannel::Loop::let_answers_gather() {
    std::uint64_t heard = 0;
    bool busy = false;
    for (const auto& slot : slots_) {
        if (!slot.connection) continue;
        const auto& session = slot.connection->session();
        heard += session.answered();
        busy = busy || (session.bound() && !session.idle());
    }
    const auto fresh = heard - std::min(heard, heard_);
    heard_ = heard;
    if (busy && fresh > 0 && fresh < settings_.dialogue.window / few_share)
        std::this_thread::sleep_for(gathering);
}

void SmppChannel::Loop::take_requests(Steady now) {
    auto taken = requests_.take();
    stopping_ = taken.stop_by;
    for (auto& message : taken.messages) queue_.add(std::move(message), now, reports_);
    if (taken.recalled) queue_.defer_all(given_away(), reports_);
}

void SmppChannel::Loop::advance(std::size_t index, Steady now) {
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
void SmppChannel::Loop::feed_rested(Steady now) {
    if (stopping_ || queue_.size() == 0) return;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (!slots_[i].connection || !slots_[i].connection->session().has_room(now)) continue;
        if (queue_.ready(lane_of(i), now) > 0) advance(i, now);
    }
}

void SmppChannel::Loop::open_missing(Steady now) {
    if (stopping_ || !door_.allows(now)) return;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (slots_[i].connection) continue;
        // A centre that failed is knocked at once, not by all connections.
        if (door_.failing() && any_opening()) return;
        open(i, now);
        if (!door_.allows(now) || !door_.has_address()) return;
    }
}

void SmppChannel::Loop::open(std::size_t index, Steady now) {
    auto link = door_.knock(now);
    if (!link) return;
    auto& slot = slots_[index];
    const SmppConnection::Wiring wiring{settings_.dialogue, pace_, tls(), clock_};
    slot.connection =
        std::make_unique<SmppConnection>(std::move(link), wiring, mode_of(index), now);
    slot.number = ++opened_;
    slot.waits_for_writing = true;
    poller_.add(slot.connection->descriptor(), index, true);
}

void SmppChannel::Loop::tick(Steady now) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        auto* connection = slots_[i].connection.get();
        if (connection == nullptr) continue;
        if (stopping_ && connection->session().idle()) connection->session().unbind(now);
        connection->tick(now);
        settle(i, now);
    }
    inbox_.tick(now, clock_.now());
}

// Takes over what a connection has for us, and tells the poller what it waits for.
void SmppChannel::Loop::settle(std::size_t index, Steady now) {
    auto& slot = slots_[index];
    if (!slot.connection) return;
    auto& session = slot.connection->session();
    for (auto& report : session.take_reports()) reports_.push_back(std::move(report));
    for (const auto& late : session.take_late()) inbox_.late(late);
    for (auto& delivery : session.take_deliveries()) {
        const SmppTicket ticket{slot.number, delivery.sequence, delivery.command};
        inbox_.take(ticket, std::move(delivery), now, clock_.now());
    }
    if (session.bound()) door_.opened();
    if (slot.connection->closed()) return close(index, now);
    const bool wants_write = slot.connection->wants_write();
    if (wants_write == slot.waits_for_writing) return;
    slot.waits_for_writing = wants_write;
    poller_.change(slot.connection->descriptor(), index, wants_write);
}

void SmppChannel::Loop::close(std::size_t index, Steady now) {
    auto& slot = slots_[index];
    const auto& session = slot.connection->session();
    if (!session.failure().empty()) {
        // A centre that let us in before may close whenever it likes; one that never did is out of
        // order.
        if (!session.established())
            door_.failed(session.failure(), now);
        else
            door_.thrown_out(now);
    }
    poller_.remove(slot.connection->descriptor());
    slot.connection.reset();
}

// The centre learns that it may forget something only after it is stored.
void SmppChannel::Loop::store_arrivals(Steady now) {
    if (inbox_.has_receipts(now))
        inbox_.receipts_stored(!sinks_.receipts || sinks_.receipts(inbox_.receipts()), now);
    if (inbox_.has_inbound(now))
        inbox_.inbound_stored(!sinks_.inbound || sinks_.inbound(inbox_.inbound()), now);
    const auto answers = inbox_.take_answers();
    if (answers.empty()) return;
    for (const auto& answer : answers) {
        const auto& ticket = answer.ticket;
        const auto slot = std::ranges::find_if(slots_, [&](const Slot& candidate) {
            return candidate.connection && candidate.number == ticket.connection;
        });
        // A centre that has gone meanwhile gives it again.
        if (slot != slots_.end())
            slot->connection->session().answer(ticket.sequence, ticket.command, answer.status);
    }
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (!slots_[i].connection) continue;
        slots_[i].connection->flush(now);
        settle(i, now);
    }
}

// Messages that would wait too long here are better kept by whoever sent them.
void SmppChannel::Loop::give_back(Steady now) {
    if (queue_.size() == 0) return;
    if (door_.failing() && !can_send() && !any_opening())
        return queue_.defer_all(come_back_in(door_.next() - now, door_.last_failure()), reports_);
    if (pace_.pause().count() == 0 || pace_.wait(now) <= settings_.queue.patience) return;
    queue_.defer_all(come_back_in(pace_.wait(now), "the centre asks for fewer messages"), reports_);
}

void SmppChannel::Loop::wind_down(Steady now) {
    queue_.defer_all(turned_away(), reports_);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (!slots_[i].connection) continue;
        auto& session = slots_[i].connection->session();
        if (now >= *stopping_ || !session.established()) session.lost("the channel was stopped");
        settle(i, now);
    }
}

std::optional<std::chrono::nanoseconds> SmppChannel::Loop::patience(Steady now) const {
    auto wake = std::min(queue_.wakes_at(now), inbox_.wakes_at());
    bool missing = false;
    for (const auto& slot : slots_) {
        missing = missing || !slot.connection;
        if (slot.connection) wake = std::min(wake, slot.connection->wakes_at(now));
    }
    if (missing && !stopping_) {
        // The resolver wakes us when it is done, and a knock under way when it is answered.
        const bool is_looking = door_.is_looking();
        const bool is_knocking = door_.failing() && any_opening();
        if (!is_looking && !is_knocking) wake = std::min(wake, std::max(door_.next(), now + 1ms));
    }
    if (queue_.size() > 0 && can_send()) {
        const auto wait = pace_.wait(now);
        if (wait.count() > 0) wake = std::min(wake, now + wait);
    }
    if (stopping_) wake = std::min(wake, *stopping_);
    if (wake == Steady::max()) return std::nullopt;
    return std::max<std::chrono::nanoseconds>(wake - now, 0ns);
}

void SmppChannel::Loop::deliver_reports() {
    if (!reports_.empty()) sinks_.outcomes(std::exchange(reports_, {}));
}

bool SmppChannel::Loop::any_opening() const {
    return std::ranges::any_of(
        slots_, [](const Slot& slot) { return slot.connection && slot.connection->connecting(); });
}

bool SmppChannel::Loop::can_send() const {
    return std::ranges::any_of(slots_, [](const Slot& slot) {
        return slot.connection && slot.connection->session().bound() &&
               slot.connection->session().mode() != SmppMode::receiver;
    });
}

// ---- the channel

SmppChannel::SmppChannel(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
SmppChannel::~SmppChannel() = default;

base::Result<std::unique_ptr<SmppChannel>> SmppChannel::create(SmppSettings settings,
                                                               const base::Clock& clock,
                                                               ChannelSinks sinks) {
    std::optional<TlsClient> tls;
    if (settings.tls) {
        auto client = TlsClient::create(
            {.host = settings.tls_name.empty() ? settings.host : settings.tls_name,
             .ca_file = settings.ca_file,
             .verify = settings.verify_certificate});
        if (!client) return base::fail(std::move(client.error()));
        tls = std::move(*client);
    }
    settings.connections = std::max<std::size_t>(settings.connections, 1);
    settings.dialogue.window = std::max<std::size_t>(settings.dialogue.window, 1);
    return std::unique_ptr<SmppChannel>{new SmppChannel{
        std::make_unique<Loop>(std::move(settings), std::move(tls), clock, std::move(sinks))}};
}

const std::string& SmppChannel::name() const {
    return loop_->settings().name;
}

// Enough that a window never runs dry between two batches.
std::size_t SmppChannel::capacity() const {
    constexpr std::size_t windows_held = 4;
    return loop_->settings().connections * loop_->settings().dialogue.window * windows_held;
}

void SmppChannel::send(std::vector<Message> batch) {
    loop_->requests().send(std::move(batch));
}

void SmppChannel::recall() {
    loop_->requests().recall();
}

void SmppChannel::stop(milliseconds patience) {
    loop_->stop(patience);
}

namespace {

base::Result<std::string> probe_centre(const SmppSettings& settings, const TlsClient* tls,
                                       const base::Clock& clock) {
    auto dialogue = settings.dialogue;
    constexpr milliseconds patience = 10s;
    for (auto* limit : {&dialogue.timeouts.connect, &dialogue.timeouts.bind})
        *limit = std::min(*limit, patience);
    const auto place = settings.host + ":" + std::to_string(settings.port);
    const auto addresses = resolve(settings.host, settings.port);
    if (!addresses) return base::fail(addresses.error());
    auto link = SocketLink::connect(addresses->front());
    if (!link) return base::fail(std::move(link.error()));
    SmppPace pace;
    // A transmitter gets no receipts, so none can be lost here.
    SmppConnection connection{
        std::move(*link), {dialogue, pace, tls, clock}, SmppMode::transmitter, base::steady_now()};
    auto& session = connection.session();
    drive(connection, [&] { return session.idle(); });
    if (session.idle()) session.unbind(base::steady_now());
    drive_to_its_end(connection);
    if (!session.established()) return base::fail("smpp.probe_failed", session.failure(), place);
    return place + (tls != nullptr ? " with TLS: " : " without TLS: ") + "bound to " +
           session.centre();
}

}  // namespace

base::Result<std::string> SmppChannel::probe() {
    return probed([&] { return probe_centre(loop_->settings(), loop_->tls(), loop_->clock()); });
}

}  // namespace carillon::channels
