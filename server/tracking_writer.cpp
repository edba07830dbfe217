#include "server/tracking_writer.h"

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

#include "campaigns/link_tracking.h"
#include "db/documents.h"
#include "responses/tracking.h"

namespace carillon::server {

namespace {

constexpr std::size_t waiting_max = 20'000;
constexpr std::size_t templates_max = 1'000;
// A commit costs as much as forty rows. When the last batch was large, more are on their way: a
// moment's patience halves the commits. A few opens now and then never wait.
constexpr std::size_t busy_batch = 24;
constexpr std::size_t full_batch = 192;
constexpr std::chrono::milliseconds gather_time{2};
constexpr std::chrono::seconds judge_period{5};
// Neighbours that come later may still make a robot of it.
constexpr std::chrono::seconds judge_delay{90};

// A transparent GIF of one pixel.
constexpr std::string_view pixel{
    "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00"
    "\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02"
    "D\x01\x00;",
    43};

Response pixel_response() {
    auto response = Response::of(200, "image/gif", std::string{pixel});
    response.set("Cache-Control", "no-store");
    return response;
}

}  // namespace

class TrackingWriter::Thread {
public:
    explicit Thread(const TrackingServices& services)
        : services_(services),
          store_(services.database),
          writer_([this](const std::stop_token& stop) { write_for_ever(stop); }),
          judge_([this](const std::stop_token& stop) { judge_for_ever(stop); }) {}
    ~Thread() {
        writer_.request_stop();
        judge_.request_stop();
        changed_.notify_all();
    }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    void push(Hit hit) {
        {
            const std::scoped_lock lock{mutex_};
            if (hits_.size() < waiting_max) {
                hits_.push_back(std::move(hit));
                if (hits_.size() == 1 || hits_.size() == full_batch) changed_.notify_one();
                return;
            }
        }
        hit.responder.answer(later());
    }

private:
    static Response later() {
        auto response = problem(503, "server.database", "It could not be stored now.");
        response.set("Retry-After", "2");
        return response;
    }

    static void block_signals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
    }

    void write_for_ever(const std::stop_token& stop) {
        block_signals();
        std::size_t last = 0;
        while (true) {
            std::vector<Hit> batch;
            {
                std::unique_lock lock{mutex_};
                changed_.wait(lock, stop, [this] { return !hits_.empty(); });
                if (hits_.empty()) return;
                if (last >= busy_batch && hits_.size() < full_batch)
                    changed_.wait_for(lock, stop, gather_time,
                                      [this] { return hits_.size() >= full_batch; });
                batch.swap(hits_);
            }
            last = batch.size();
            write(std::move(batch));
        }
    }

    void write(std::vector<Hit> batch) {
        std::vector<responses::TrackingEvent> events;
        std::vector<Response> replies;
        events.reserve(batch.size());
        replies.reserve(batch.size());
        try {
            const auto now = services_.clock.now();
            for (const auto& hit : batch) {
                replies.push_back(reply_to(hit));
                if (replies.back().status() == 404) continue;
                events.push_back({hit.message, hit.link_template, hit.link, now,
                                  hit.head ? "HEAD" : "GET", responses::network_of(hit.peer),
                                  hit.agent});
            }
            if (!events.empty()) store_.store(events);
        } catch (const std::exception&) {
            replies.assign(batch.size(), later());
        }
        answer(std::move(batch), std::move(replies));
    }

    void answer(std::vector<Hit> batch, std::vector<Response> replies) {
        std::vector<std::pair<Responder, Response>> answers;
        answers.reserve(batch.size());
        const auto now = base::steady_now();
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const auto took =
                std::chrono::duration_cast<std::chrono::microseconds>(now - batch[i].started);
            services_.metrics.count({"GET",
                                     batch[i].link == 0 ? "/o/{token}" : "/c/{token}/{link}",
                                     replies[i].status(),
                                     0,
                                     took,
                                     false,
                                     {}});
            answers.emplace_back(std::move(batch[i].responder), std::move(replies[i]));
        }
        Responder::answer_all(std::move(answers));
    }

    Response reply_to(const Hit& hit) {
        if (hit.link == 0) return pixel_;
        const auto& links = links_of(hit.link_template);
        if (hit.link < 1 || static_cast<std::size_t>(hit.link) > links.size())
            return problem(404, "tracking.link", "This link leads nowhere.");
        return Response::redirect(links[static_cast<std::size_t>(hit.link) - 1]);
    }

    // Template versions never change, so what was read once is right for ever.
    const std::vector<std::string>& links_of(base::DocumentId id) {
        if (const auto known = links_.find(id.value); known != links_.end()) return known->second;
        if (links_.size() >= templates_max) links_.clear();
        std::vector<std::string> links;
        const auto document = db::find_document(*services_.database.read(), id);
        if (document && document->kind == "template") {
            base::Problems problems;
            const auto json = base::Json::parse(document->content, document->name);
            if (json)
                links = campaigns::tracked_links(
                    templates::read_document(*json, templates::no_files(), problems));
        }
        return links_.emplace(id.value, std::move(links)).first->second;
    }

    void judge_for_ever(const std::stop_token& stop) {
        block_signals();
        while (!stop.stop_requested()) {
            {
                std::unique_lock lock{judge_mutex_};
                judge_wake_.wait_for(lock, stop, judge_period, [] { return false; });
            }
            if (stop.stop_requested()) return;
            try {
                responses::judge_tracking(services_.database, {},
                                          services_.clock.now() - judge_delay, false);
            } catch (const db::DbError&) {
                continue;  // the next turn comes
            }
        }
    }

    TrackingServices services_;
    responses::TrackingStore store_;
    const Response pixel_{pixel_response()};
    std::map<std::int64_t, std::vector<std::string>> links_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<Hit> hits_;
    std::mutex judge_mutex_;
    std::condition_variable_any judge_wake_;
    std::jthread writer_;
    std::jthread judge_;
};

TrackingWriter::TrackingWriter(const TrackingServices& services)
    : thread_(std::make_unique<Thread>(services)) {}
TrackingWriter::~TrackingWriter() = default;

void TrackingWriter::push(Hit hit) {
    thread_->push(std::move(hit));
}

}  // namespace carillon::server
