// Threads that turn claimed rows into finished messages while the dispatcher talks to the database.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "db/database.h"
#include "scheduler/report_inbox.h"

namespace carillon::scheduler {

struct ComposeJob {
    std::shared_ptr<const RunContext> run{};
    std::vector<Claimed> claimed{};  // of one step and variant
    Carrier carrier{};
    base::Instant now{};
};

// What cannot be composed because the database is away comes back as a batch with problems named
// "database: ..."; the dispatcher gives those back. Destroying the pool finishes the jobs that were
// begun and drops the rest.
class ComposePool {
public:
    ComposePool(db::Database& database, const Composer& composer, ReportInbox& inbox, int threads);
    ~ComposePool();
    ComposePool(const ComposePool&) = delete;
    ComposePool& operator=(const ComposePool&) = delete;

    void add(ComposeJob job);

private:
    void work(const std::stop_token& stop);
    void compose(ComposeJob job);

    db::Database& database_;
    const Composer& composer_;
    ReportInbox& inbox_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<ComposeJob> jobs_;  // guarded by mutex_; bounded by the dispatcher's window
    std::vector<std::jthread> threads_;
};

}  // namespace carillon::scheduler
