#include "scheduler/compose_pool.h"

#include <algorithm>

namespace carillon::scheduler {

ComposePool::ComposePool(db::Database& database, const Composer& composer, ReportInbox& inbox,
                         int threads)
    : database_(database), composer_(composer), inbox_(inbox) {
    for (int i = 0; i < threads; ++i)
        threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

ComposePool::~ComposePool() {
    for (auto& thread : threads_) thread.request_stop();
    threads_.clear();  // joins before anything they use goes away
}

void ComposePool::add(ComposeJob job) {
    const std::scoped_lock lock{mutex_};
    // An urgent message waits for the batch that is being composed, not for those behind it.
    const auto place = std::ranges::upper_bound(
        jobs_, job.run->purpose(), {}, [](const ComposeJob& one) { return one.run->purpose(); });
    jobs_.insert(place, std::move(job));
    changed_.notify_one();
}

void ComposePool::work(const std::stop_token& stop) {
    while (true) {
        std::unique_lock lock{mutex_};
        if (!changed_.wait(lock, stop, [&] { return !jobs_.empty(); })) return;
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        compose(std::move(job));
    }
}

void ComposePool::compose(ComposeJob job) {
    ComposedBatch batch{job.run, job.carrier, {}};
    try {
        auto lease = database_.read();
        batch.messages = composer_.compose(*lease, *job.run, job.carrier, job.claimed, job.now);
    } catch (const db::DbError& error) {
        batch.messages.clear();
        for (auto& claimed : job.claimed)
            batch.messages.push_back(
                {std::move(claimed), std::nullopt, {}, std::string{"database: "} + error.what()});
    }
    inbox_.push(std::move(batch));
}

}  // namespace carillon::scheduler
