#include "scheduler/recalls.h"

#include "base/text.h"
#include "db/queries.h"
#include "scheduler/message_queue.h"

namespace carillon::scheduler {

namespace {

using campaigns::MessageState;

constexpr std::chrono::seconds pause{1};
constexpr std::size_t answer_max = 290;

Outlet* outlet_in(const RunContext& run, base::DocumentId settings) {
    for (const auto* pool : run.pools)
        for (const auto& provider : pool->providers())
            if (provider.outlet->document == settings) return provider.outlet;
    return nullptr;
}

}  // namespace

Recalls::~Recalls() {
    if (asking_.valid()) asking_.wait();
}

void Recalls::turn(base::Instant now) {
    if (asking_.valid()) {
        if (asking_.wait_for(std::chrono::seconds{0}) != std::future_status::ready) return;
        answered_ = asking_.get();
    }
    if (!answered_.empty()) {
        record(answered_, now);
        answered_.clear();
    }
    if (base::steady_now() < next_) return;
    next_ = base::steady_now() + pause;
    auto found = wanted();
    if (found.empty()) return;
    asking_ = std::async(std::launch::async, [this, found = std::move(found)] {
        std::vector<Answer> answers;
        for (const auto& [id, outlet] : found) {
            const auto done =
                outlet != nullptr
                    ? outlet->channel->cancel(keys_.message_key(id))
                    : base::Result<void>{base::fail("channel.unknown", "its channel is not open")};
            answers.push_back({id, done.has_value(), done ? "called back" : done.error().text()});
        }
        return answers;
    });
}

std::vector<Recalls::Wanted> Recalls::wanted() {
    auto lease = database_.read();
    struct Row {
        base::MessageId id{};
        base::RunId run{};
        std::optional<std::int64_t> settings{};
    };
    const auto rows = lease->list<Row>(db::queries::open_recalls, {}, [](const db::Row& row) {
        return Row{row.get<base::MessageId>(0), row.get<base::RunId>(1),
                   row.get<std::optional<std::int64_t>>(2)};
    });
    std::vector<Wanted> found;
    for (const auto& row : rows) {
        const auto run = find_run_(*lease, row.run);
        found.push_back({row.id, run && row.settings
                                     ? outlet_in(*run, base::DocumentId{*row.settings})
                                     : nullptr});
    }
    return found;
}

void Recalls::record(const std::vector<Answer>& answers, base::Instant now) {
    db::in_transaction(database_, [&](db::Connection& connection) {
        std::vector<Change> changes;
        for (const auto& [id, back, words] : answers) {
            connection.execute(db::queries::answer_recall,
                               {now, base::cut_utf8(words, answer_max), id});
            if (back && connection.execute(db::queries::recall_message, {now, id}) == 1)
                changes.push_back({id, MessageState::accepted, MessageState::cancelled, words});
        }
        log_changes(connection, changes, now);
    });
}

}  // namespace carillon::scheduler
