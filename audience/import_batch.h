// What passes between the thread that reads a file and the one that writes to the database. Private
// to the importers.
#pragma once

#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "audience/cell_reader.h"
#include "audience/csv.h"
#include "audience/past_contact.h"

namespace carillon::audience {

struct Reject {
    std::int64_t line{};
    std::string column{};
    std::string reason{};
    std::string cells{};  // the original cells as CSV, with their line end
};

// Parameters made on the reading thread for rows that are expected to be new; ids are filled in by
// the writer.
struct PreparedRows {
    std::vector<db::Params> clients{};  // one for each row
    std::vector<db::Params> contacts{};
    std::vector<std::size_t> owners{};  // of each contact: the place of its row
};

template <class Row>
struct ImportBatch {
    std::vector<Row> rows{};
    PreparedRows prepared{};
    std::vector<Reject> rejects{};
    std::int64_t rows_good{};  // rows of the file behind `rows`: one may stand for several
    CsvPosition end{};
};

// What a batch's writing needs to know beside the connection.
struct WriteContext {
    std::int64_t import_id{};
    base::Instant now{};
    const StoreHistory* store_history{};  // imports of history only
};

// Hands batches over, one at a time ready: the reader waits until the writer has taken the last
// one.
template <class Batch>
class BatchQueue {
public:
    // False once the writer has given up.
    bool push(Batch batch) {
        std::optional<Batch> used;  // taken apart here, while the writer writes
        std::unique_lock lock{mutex_};
        used.swap(used_);
        lock.unlock();
        used.reset();
        lock.lock();
        changed_.wait(lock, [&] { return !batch_ || closed_; });
        if (closed_) return false;
        batch_ = std::move(batch);
        changed_.notify_all();
        return true;
    }
    // Nothing at the end; rethrows what stopped the reader.
    std::optional<Batch> pop() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return batch_ || finished_; });
        if (!batch_ && error_) std::rethrow_exception(error_);
        auto batch = std::move(batch_);
        batch_.reset();
        changed_.notify_all();
        return batch;
    }
    // A batch that is done with: freeing its thousands of texts is the reading thread's work, who
    // has time for it.
    void give_back(Batch batch) {
        const std::scoped_lock lock{mutex_};
        used_ = std::move(batch);
    }
    void finish(std::exception_ptr error = {}) {
        const std::scoped_lock lock{mutex_};
        finished_ = true;
        error_ = std::move(error);
        changed_.notify_all();
    }
    void close() {
        const std::scoped_lock lock{mutex_};
        closed_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Batch> batch_;
    std::optional<Batch> used_;
    bool finished_{false};
    bool closed_{false};
    std::exception_ptr error_;
};

}  // namespace carillon::audience
