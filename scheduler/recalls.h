// Calls accepted letters and faxes back, where their channel still holds them. A channel may have
// to ask a server, so this is done beside the dispatcher's thread, a few at a time.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <vector>

#include "campaigns/message_keys.h"
#include "db/database.h"
#include "scheduler/run_context.h"

namespace carillon::scheduler {

// Used from one thread. Everything given must outlive us.
class Recalls {
public:
    using FindRun = std::function<std::shared_ptr<const RunContext>(db::Connection&, base::RunId)>;
    Recalls(db::Database& database, FindRun find_run, campaigns::MessageKeys keys)
        : database_(database), find_run_(std::move(find_run)), keys_(std::move(keys)) {}
    ~Recalls();

    // Records what channels have answered, and asks them for what is wanted next; at most once a
    // second. Throws DbError: the same again later.
    void turn(base::Instant now);
    bool busy() const { return asking_.valid(); }

private:
    struct Wanted {
        base::MessageId id{};
        Outlet* outlet{};  // nullptr: its settings cannot be opened
    };
    struct Answer {
        base::MessageId id{};
        bool back{};
        std::string words{};
    };

    std::vector<Wanted> wanted();
    void record(const std::vector<Answer>& answers, base::Instant now);

    db::Database& database_;
    const FindRun find_run_;
    const campaigns::MessageKeys keys_;
    std::future<std::vector<Answer>> asking_;
    std::vector<Answer> answered_;  // not yet recorded
    base::Steady next_{};
};

}  // namespace carillon::scheduler
