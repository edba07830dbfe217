// Where the threads of channels and composers leave what they finished, and where the dispatcher
// waits for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "channels/channel.h"
#include "scheduler/composer.h"
#include "scheduler/run_context.h"

namespace carillon::scheduler {

// One step and variant of one run, for one provider.
struct ComposedBatch {
    std::shared_ptr<const RunContext> run{};
    Carrier carrier{};
    std::vector<Composed> messages{};
};

// Safe from several threads. Bounded by what the dispatcher lets into flight.
class ReportInbox {
public:
    void push(std::vector<channels::Report> reports) {
        const std::scoped_lock lock{mutex_};
        for (auto& report : reports) reports_.push_back(std::move(report));
        changed_.notify_one();
    }
    void push(ComposedBatch batch) {
        const std::scoped_lock lock{mutex_};
        batches_.push_back(std::move(batch));
        changed_.notify_one();
    }
    // Kept when nobody waits: the next wait ends at once.
    void wake() {
        const std::scoped_lock lock{mutex_};
        woken_ = true;
        changed_.notify_one();
    }

    std::vector<channels::Report> take_reports() {
        const std::scoped_lock lock{mutex_};
        return std::exchange(reports_, {});
    }
    std::vector<ComposedBatch> take_batches() {
        const std::scoped_lock lock{mutex_};
        return std::exchange(batches_, {});
    }
    // Until something is here, somebody wakes us, or the time is over.
    void wait(std::chrono::milliseconds patience) {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, patience,
                          [this] { return woken_ || !reports_.empty() || !batches_.empty(); });
        woken_ = false;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<channels::Report> reports_;
    std::vector<ComposedBatch> batches_;
    bool woken_{false};
};

}  // namespace carillon::scheduler
