#include "channels/http_provider.h"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>
#include <random>
#include <thread>

#include "base/digest.h"
#include "channels/backoff.h"
#include "channels/channel_requests.h"
#include "channels/http_transfer.h"
#include "channels/worker_thread.h"

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;
using base::Steady;
using std::chrono::milliseconds;

constexpr std::size_t messages_per_connection = 16;
constexpr auto longest_sleep = 1s;

bool library_is_ready() {
    static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    return ready;
}

}  // namespace

class HttpProvider::Loop {
public:
    Loop(HttpProviderSettings settings, const base::Clock& clock, OutcomeSink sink,
         BeginSink begins)
        : settings_(std::move(settings)),
          clock_(clock),
          sink_(std::move(sink)),
          multi_(curl_multi_init()),
          requests_([this] { curl_multi_wakeup(multi_); }, sink_),
          queue_(settings_.queue, std::move(begins)),
          backoff_(settings_.backoff_first, settings_.backoff_max),
          random_(static_cast<std::minstd_rand::result_type>(base::random_id() & 0x7FFFFFFF)) {
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(settings_.connections));
        for (std::size_t i = 0; i < settings_.connections; ++i)
            transfers_.push_back(std::make_unique<HttpTransfer>(settings_));
        thread_ = std::thread{[this] { run(); }};
    }
    ~Loop() {
        stop(0ms);
        transfers_.clear();
        curl_multi_cleanup(multi_);
    }

    const HttpProviderSettings& settings() const { return settings_; }
    ChannelRequests& requests() { return requests_; }
    void stop(milliseconds patience);

private:
    void run();
    void take_requests(Steady now);
    void start_transfers(Steady now);
    void start(HttpTransfer& transfer, Message message);
    void collect_finished(Steady now);
    void finish(HttpTransfer& transfer, int code, Steady now);
    void give_back(Steady now);
    void wind_down(Steady now);
    milliseconds patience(Steady now) const;
    void deliver_reports();
    Lane lane_of(std::size_t index) const {
        return index == 0 && transfers_.size() > 1 ? Lane::urgent : Lane::any;
    }
    bool any_busy() const {
        return std::ranges::any_of(transfers_, [](const auto& each) { return each->busy(); });
    }

    const HttpProviderSettings settings_;
    const base::Clock& clock_;
    const OutcomeSink sink_;
    CURLM* multi_;

    ChannelRequests requests_;

    // Used by the thread only.
    SendQueue queue_;
    Backoff backoff_;
    std::string last_failure_;
    Steady paused_until_{};  // the provider asked for it
    std::minstd_rand random_;
    std::vector<std::unique_ptr<HttpTransfer>> transfers_;
    std::vector<Report> reports_;
    std::optional<Steady> stopping_;

    std::mutex stop_mutex_;
    std::thread thread_;
};

void HttpProvider::Loop::stop(milliseconds patience) {
    requests_.stop(patience);
    const std::scoped_lock lock{stop_mutex_};
    if (thread_.joinable()) thread_.join();
}

void HttpProvider::Loop::run() {
    block_signals();
    while (true) {
        auto now = base::steady_now();
        take_requests(now);
        if (stopping_) wind_down(now);
        start_transfers(now);
        int running = 0;
        curl_multi_perform(multi_, &running);
        now = base::steady_now();
        collect_finished(now);
        give_back(now);
        deliver_reports();
        if (stopping_ && !any_busy() && queue_.size() == 0) {
            if (requests_.end()) return;
            continue;
        }
        curl_multi_poll(multi_, nullptr, 0, static_cast<int>(patience(now).count()), nullptr);
    }
}

void HttpProvider::Loop::take_requests(Steady now) {
    auto taken = requests_.take();
    stopping_ = taken.stop_by;
    for (auto& message : taken.messages) queue_.add(std::move(message), now, reports_);
    if (taken.recalled) queue_.defer_all(given_away(), reports_);
}

void HttpProvider::Loop::start_transfers(Steady now) {
    if (stopping_ || now < paused_until_ || !backoff_.allows(now)) return;
    for (std::size_t i = 0; i < transfers_.size(); ++i) {
        if (transfers_[i]->busy()) continue;
        // A server that failed is knocked at once, not by all connections.
        if (backoff_.failing() && any_busy()) return;
        auto message = queue_.take(lane_of(i), now);
        if (message) start(*transfers_[i], std::move(*message));
    }
}

void HttpProvider::Loop::start(HttpTransfer& transfer, Message message) {
    const auto id = message.id;
    const auto* sms = std::get_if<SmsPayload>(&message.payload);
    const auto wall = clock_.now();
    if (sms != nullptr && sms->valid_until && *sms->valid_until <= wall) {
        reports_.push_back(
            {id, Deferred{.reason = "The time by which it had to be delivered has passed.",
                          .consumed_attempt = false,
                          .retry_after = {},
                          .provider_is_well = true}});
        return;
    }
    if (auto begun = transfer.begin(std::move(message), wall); !begun) {
        reports_.push_back({id, Rejected{.reason = begun.error().detail}});
        return;
    }
    curl_multi_add_handle(multi_, transfer.handle());
}

void HttpProvider::Loop::collect_finished(Steady now) {
    int left = 0;
    while (const auto* done = curl_multi_info_read(multi_, &left)) {
        if (done->msg != CURLMSG_DONE) continue;
        const auto code = static_cast<int>(done->data.result);
        auto* handle = done->easy_handle;
        curl_multi_remove_handle(multi_, handle);
        const auto transfer = std::ranges::find_if(
            transfers_, [&](const auto& each) { return each->handle() == handle; });
        finish(**transfer, code, now);
    }
}

void HttpProvider::Loop::finish(HttpTransfer& transfer, int code, Steady now) {
    constexpr double random_max = static_cast<double>(std::minstd_rand::max());
    auto result = transfer.finish(code);
    if (result.reached) {
        backoff_.succeeded();
    } else {
        last_failure_ = result.failure;
        backoff_.failed(now, static_cast<double>(random_()) / random_max);
        if (auto* deferred = std::get_if<Deferred>(&result.outcome))
            deferred->retry_after =
                std::max(std::chrono::ceil<milliseconds>(backoff_.next() - now), milliseconds{1});
    }
    const auto* deferred = std::get_if<Deferred>(&result.outcome);
    const bool is_throttled = result.reached && deferred != nullptr &&
                              !deferred->consumed_attempt && deferred->retry_after;
    if (is_throttled) paused_until_ = std::max(paused_until_, now + *deferred->retry_after);
    reports_.push_back({transfer.message().id, std::move(result.outcome)});
}

// Messages that would wait too long here are better kept by whoever sent them.
void HttpProvider::Loop::give_back(Steady now) {
    if (queue_.size() == 0) return;
    if (backoff_.failing() && !any_busy() && !backoff_.allows(now))
        return queue_.defer_all(come_back_in(backoff_.next() - now, last_failure_), reports_);
    if (paused_until_ <= now + settings_.queue.patience) return;
    queue_.defer_all(come_back_in(paused_until_ - now, "the provider asks for fewer messages"),
                     reports_);
}

void HttpProvider::Loop::wind_down(Steady now) {
    queue_.defer_all(turned_away(), reports_);
    if (now < *stopping_) return;
    for (auto& transfer : transfers_) {
        if (!transfer->busy()) continue;
        curl_multi_remove_handle(multi_, transfer->handle());
        const auto id = transfer->message().id;
        reports_.push_back({id, transfer->abandon("the channel was stopped")});
    }
}

milliseconds HttpProvider::Loop::patience(Steady now) const {
    auto wake = std::min(now + longest_sleep, queue_.wakes_at(now));
    if (queue_.size() > 0) {
        if (paused_until_ > now) wake = std::min(wake, paused_until_);
        if (!backoff_.allows(now)) wake = std::min(wake, backoff_.next());
    }
    if (stopping_) wake = std::min(wake, *stopping_);
    return std::max(std::chrono::ceil<milliseconds>(wake - now), 0ms);
}

void HttpProvider::Loop::deliver_reports() {
    if (!reports_.empty()) sink_(std::exchange(reports_, {}));
}

// ---- the channel

HttpProvider::HttpProvider(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
HttpProvider::~HttpProvider() = default;

base::Result<std::unique_ptr<HttpProvider>> HttpProvider::create(HttpProviderSettings settings,
                                                                 const base::Clock& clock,
                                                                 OutcomeSink sink,
                                                                 BeginSink begins) {
    if (!library_is_ready()) return base::fail("http.library", "libcurl cannot be initialised.");
    settings.connections = std::max<std::size_t>(settings.connections, 1);
    return std::unique_ptr<HttpProvider>{new HttpProvider{
        std::make_unique<Loop>(std::move(settings), clock, std::move(sink), std::move(begins))}};
}

base::ChannelKind HttpProvider::kind() const {
    return loop_->settings().kind;
}

const std::string& HttpProvider::name() const {
    return loop_->settings().name;
}

std::size_t HttpProvider::capacity() const {
    return loop_->settings().connections * messages_per_connection;
}

void HttpProvider::send(std::vector<Message> batch) {
    loop_->requests().send(std::move(batch));
}

void HttpProvider::recall() {
    loop_->requests().recall();
}

void HttpProvider::stop(milliseconds patience) {
    loop_->stop(patience);
}

base::Result<std::string> HttpProvider::probe() {
    base::Result<std::string> result;
    // A thread of its own, because signals are blocked in it.
    std::thread{[&] {
        block_signals();
        auto settings = loop_->settings();
        settings.total_timeout = std::min<milliseconds>(settings.total_timeout, 15s);
        HttpTransfer transfer{settings};
        transfer.prepare_connect();
        const auto code = curl_easy_perform(transfer.handle());
        char* url = nullptr;
        curl_easy_getinfo(transfer.handle(), CURLINFO_EFFECTIVE_URL, &url);
        auto place = std::string{url != nullptr ? url : ""};
        place = place.substr(0, place.find_first_of("?#"));
        if (code == CURLE_OK)
            result = place + " can be reached";
        else
            result = base::fail("http.probe_failed", transfer.finish(code).failure, place);
    }}.join();
    return result;
}

}  // namespace carillon::channels
