#include "server/http_server.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "server/http_connection.h"

namespace carillon::server {

namespace {

constexpr std::uint64_t listener_id = 0;
constexpr std::uint64_t mailbox_id = 1;
constexpr std::uint64_t first_connection = 2;
constexpr std::chrono::milliseconds sweep_period{250};
constexpr int accepted_at_once = 64;
constexpr std::chrono::milliseconds crowd_patience{250};

}  // namespace

// Where answers wait for the server's thread.
struct Responder::Mailbox {
    Mailbox() : wake_descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
    ~Mailbox() { ::close(wake_descriptor); }
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    struct Answer {
        Ticket ticket{};
        Response response{};
    };
    void wake() const {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto ignored = ::write(wake_descriptor, &one, sizeof one);
    }
    void push(std::vector<Answer> more) {
        bool was_empty = false;
        {
            const std::scoped_lock lock{mutex};
            was_empty = answers.empty();
            for (auto& answer : more) answers.push_back(std::move(answer));
        }
        if (was_empty && std::this_thread::get_id() != server_thread.load()) wake();
    }
    std::vector<Answer> take() {
        const std::scoped_lock lock{mutex};
        return std::exchange(answers, {});
    }

    int wake_descriptor;
    std::atomic<std::thread::id> server_thread{};
    std::mutex mutex;
    std::vector<Answer> answers;
};

Responder::~Responder() {
    if (mailbox_) answer(Response{500});
}

void Responder::answer(Response response) {
    const auto mailbox = std::exchange(mailbox_, nullptr);
    if (!mailbox) return;
    std::vector<Mailbox::Answer> one;
    one.push_back({ticket_, std::move(response)});
    mailbox->push(std::move(one));
}

void Responder::answer_all(std::vector<std::pair<Responder, Response>>&& answers) {
    std::shared_ptr<Mailbox> mailbox;
    std::vector<Mailbox::Answer> all;
    all.reserve(answers.size());
    for (auto& [responder, response] : answers) {
        auto own = std::exchange(responder.mailbox_, nullptr);
        if (!own) continue;
        if (!mailbox) mailbox = own;
        if (own == mailbox)
            all.push_back({responder.ticket_, std::move(response)});
        else
            own->push({{responder.ticket_, std::move(response)}});
    }
    if (mailbox) mailbox->push(std::move(all));
}

class HttpServer::Loop {
public:
    Loop(HttpServerSettings settings, const base::Clock& clock, OnRequest on_request,
         OnRefusal on_refusal, Listener listener)
        : settings_(std::move(settings)),
          clock_(clock),
          on_request_(std::move(on_request)),
          on_refusal_(std::move(on_refusal)),
          listener_(std::move(listener)),
          port_(listener_->port()),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        watch(listener_->descriptor(), listener_id, EPOLLIN);
        watch(mailbox_->wake_descriptor, mailbox_id, EPOLLIN);
        thread_ = std::jthread{[this] { run(); }};
    }
    ~Loop() {
        stop({});
        connections_.clear();
        ::close(epoll_);
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void stop(std::chrono::milliseconds patience) {
        if (!thread_.joinable()) return;
        stop_at_.store((base::steady_now() + patience).time_since_epoch().count());
        mailbox_->wake();
        thread_.join();
    }
    int port() const { return port_; }
    ServerCounts counts() const {
        const std::scoped_lock lock{counts_mutex_};
        return published_;
    }

private:
    using Steady = base::Steady;

    void watch(int descriptor, std::uint64_t id, std::uint32_t events) const {
        epoll_event event{};
        event.events = events;
        event.data.u64 = id;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
    }

    void run() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
        mailbox_->server_thread = std::this_thread::get_id();
        std::array<epoll_event, 256> events;
        while (!is_over()) {
            const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                           static_cast<int>(sweep_period.count()));
            now_ = base::steady_now();
            if (now_ >= next_sweep_) sweep();
            for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
            deliver();
            if (stopping()) close_idle();
        }
    }

    bool stopping() const { return stop_at_.load() != 0; }
    bool is_over() const {
        if (!stopping()) return false;
        return connections_.empty() ||
               base::steady_now().time_since_epoch().count() >= stop_at_.load();
    }

    void handle(const epoll_event& event) {
        if (event.data.u64 == listener_id) return accept();
        if (event.data.u64 == mailbox_id) {
            std::uint64_t ignored = 0;
            [[maybe_unused]] const auto got =
                ::read(mailbox_->wake_descriptor, &ignored, sizeof ignored);
            return;
        }
        const auto found = connections_.find(event.data.u64);
        if (found == connections_.end()) return;
        auto& connection = *found->second;
        if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) connection.set_gone();
        if ((event.events & EPOLLOUT) != 0) connection.write(now_);
        if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) connection.set_readable();
        serve(connection);
    }

    // Whatever can be done for this connection at this moment.
    void serve(Connection& connection) {
        while (connection.has_request() || connection.read(now_)) {
            if (const int status = connection.status(); status != 0) {
                ++counts_.malformed;
                refuse(connection, status);
                continue;
            }
            auto request = connection.take_request();
            const Responder::Ticket ticket{connection.id(), request.method == "HEAD",
                                           request.keep_alive && !stopping()};
            on_request_(std::move(request), Responder{mailbox_, ticket});
        }
        if (connection.phase() == Connection::Phase::closed) connections_.erase(connection.id());
    }

    void refuse(Connection& connection, int status) {
        connection.answer(on_refusal_(status), {false, false, date()}, now_);
    }

    void deliver() {
        for (auto answers = mailbox_->take(); !answers.empty(); answers = mailbox_->take())
            for (const auto& [ticket, response] : answers) {
                const auto found = connections_.find(ticket.connection);
                if (found == connections_.end()) continue;  // gone meanwhile
                auto& connection = *found->second;
                connection.answer(response, {ticket.keep_alive, ticket.head_only, date()}, now_);
                serve(connection);
            }
    }

    void accept() {
        for (int i = 0; i < accepted_at_once && listener_; ++i) {
            auto accepted = listener_->accept();
            if (accepted.descriptor < 0) {
                if (accepted.exhausted && !displace()) pause_accepting();
                return;
            }
            ++counts_.connections;
            const auto id = next_id_++;
            auto connection = std::make_unique<Connection>(
                id, accepted.descriptor, std::move(accepted.peer), settings_, now_);
            watch(accepted.descriptor, id, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
            auto& fresh = *connections_.emplace(id, std::move(connection)).first->second;
            if (!has_room_for(id)) {
                ++counts_.refused;
                refuse(fresh, 503);
            }
            serve(fresh);
        }
    }

    // A burst may take twice the connections for a moment; who comes while all stay at work is
    // refused.
    bool has_room_for(std::uint64_t id) {
        if (connections_.size() <= settings_.connections_max || displace(id)) {
            crowded_since_.reset();
            return true;
        }
        if (!crowded_since_) crowded_since_ = now_;
        return connections_.size() <= 2 * settings_.connections_max &&
               now_ - *crowded_since_ < crowd_patience;
    }

    // The connection that has waited longest for a request makes room for a newcomer; first those
    // that have sent nothing, then those that have sent a part.
    bool displace(std::uint64_t spared = 0) {
        Connection* longest = nullptr;
        for (const auto& [id, connection] : connections_) {
            if (id == spared || !connection->is_waiting()) continue;
            if (longest == nullptr || std::pair{!connection->is_idle(), connection->idle_since()} <
                                          std::pair{!longest->is_idle(), longest->idle_since()})
                longest = connection.get();
        }
        if (longest == nullptr) return false;
        ++counts_.displaced;
        connections_.erase(longest->id());
        return true;
    }

    // A listener that cannot be served would wake us for ever.
    void pause_accepting() {
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, listener_->descriptor(), nullptr);
        accepting_ = false;
    }

    void sweep() {
        next_sweep_ = now_ + sweep_period;
        if (listener_ && !accepting_) {
            accepting_ = true;
            watch(listener_->descriptor(), listener_id, EPOLLIN);
        }
        std::vector<std::uint64_t> late;
        for (const auto& [id, connection] : connections_)
            if (connection->deadline() <= now_) late.push_back(id);
        for (const auto id : late) time_out(*connections_.at(id));
        counts_.open = connections_.size();
        const std::scoped_lock lock{counts_mutex_};
        published_ = counts_;
    }

    void time_out(Connection& connection) {
        const int status = connection.timeout_status();
        if (status == 0) {
            connections_.erase(connection.id());
            return;
        }
        ++counts_.timeouts;
        refuse(connection, status);
        serve(connection);
    }

    void close_idle() {
        listener_.reset();
        std::erase_if(connections_, [](const auto& entry) { return entry.second->is_waiting(); });
    }

    std::string_view date() {
        const auto seconds = base::to_millis(clock_.now()) / 1000;
        if (seconds != date_second_ || date_.empty()) {
            date_second_ = seconds;
            date_ = http_date(seconds);
        }
        return date_;
    }

    HttpServerSettings settings_;
    const base::Clock& clock_;
    OnRequest on_request_;
    OnRefusal on_refusal_;
    std::optional<Listener> listener_;
    int port_;
    int epoll_;
    std::shared_ptr<Responder::Mailbox> mailbox_{std::make_shared<Responder::Mailbox>()};
    std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
    std::uint64_t next_id_{first_connection};
    Steady now_{base::steady_now()};
    Steady next_sweep_{};
    std::optional<Steady> crowded_since_;
    bool accepting_{true};
    std::int64_t date_second_{0};
    std::string date_;
    ServerCounts counts_{};
    mutable std::mutex counts_mutex_;
    ServerCounts published_{};
    std::atomic<Steady::rep> stop_at_{0};
    std::jthread thread_;
};

base::Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerSettings settings,
                                                            const base::Clock& clock,
                                                            OnRequest on_request,
                                                            OnRefusal on_refusal) {
    auto listener = Listener::open(settings.address, settings.port);
    if (!listener) return base::fail(listener.error());
    return std::unique_ptr<HttpServer>{
        new HttpServer{std::make_unique<Loop>(std::move(settings), clock, std::move(on_request),
                                              std::move(on_refusal), std::move(*listener))}};
}

HttpServer::HttpServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
HttpServer::~HttpServer() = default;

int HttpServer::port() const {
    return loop_->port();
}

ServerCounts HttpServer::counts() const {
    return loop_->counts();
}

void HttpServer::stop(std::chrono::milliseconds patience) {
    loop_->stop(patience);
}

}  // namespace carillon::server
