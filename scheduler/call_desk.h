// Call tasks in the hands of people and diallers: claimed with a lock, checked once more at the
// moment of the claim, closed with a disposition.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/composer.h"
#include "scheduler/run_context.h"

namespace carillon::scheduler {

// How a call ended.
enum class Disposition {
    interested,    // answered, wants it
    refused,       // answered, does not want it
    informed,      // answered; nothing was asked of the client
    call_back,     // answered; asked to be called at another time
    no_answer,     // also busy and an answering machine: tried again
    wrong_number,  // the number is somebody else's
    do_not_call,   // never again
};
inline constexpr std::array dispositions{Disposition::interested, Disposition::refused,
                                         Disposition::informed,   Disposition::call_back,
                                         Disposition::no_answer,  Disposition::wrong_number,
                                         Disposition::do_not_call};
std::string_view name_of(Disposition disposition);
std::optional<Disposition> disposition_from(std::string_view name);

struct CallTask {
    base::MessageId message{};
    std::string state{};   // open, claimed, closed
    std::string client{};  // external id
    std::string campaign{};
    std::string number{};  // E.164
    std::string name{};
    std::string script{};
    std::string time_zone{};
    std::string manager{};
    std::string claimed_by{};
    std::string disposition{};
    std::string note{};
    base::Instant due_at{};
    std::optional<base::Instant> not_after{};
    int calls{};  // made so far
};

struct CallResult {
    base::MessageId message{};
    std::string agent{};
    Disposition disposition{};
    std::string note{};
    std::optional<base::Instant> call_back_at{};  // needed for call_back
};

// The words of a dialler or a form. Errors: call.disposition, call.time.
base::Result<CallResult> read_call_result(base::MessageId message, const std::string& agent,
                                          std::string_view disposition, std::string_view note,
                                          std::string_view call_back_at);

// Where a result came from when a machine reports it: a second one of the same id is a repeat.
struct CallReport {
    std::string source{};
    std::string external_id{};
    std::string raw{};
};

struct CallSettings {
    std::chrono::minutes lock{30};    // how long a claim holds
    std::chrono::minutes retry{120};  // after no_answer
    int calls_max{3};                 // then the task is closed as not reached
};

// Not thread-safe; several processes may have one each.
class CallDesk {
public:
    using FindRun = std::function<std::shared_ptr<const RunContext>(db::Connection&, base::RunId)>;

    CallDesk(db::Database& database, const base::Clock& clock, const Composer& composer,
             FindRun find_run, CallSettings settings = {})
        : database_(database),
          clock_(clock),
          composer_(composer),
          find_run_(std::move(find_run)),
          settings_(settings) {}

    // The next task that may be called now, locked for `agent`; nothing when there is none. A task
    // whose client may no longer be called, or for whom the reason has gone, is closed; one outside
    // the client's hours is put off. `manager`: only tasks of this manager's clients; empty: all.
    std::optional<CallTask> claim(const std::string& agent, const std::string& manager);

    // Errors: call.unknown, call.closed, call.claimed_by_other, call.time_missing.
    // With `report`: kept in the same transaction, and a repeat changes nothing and is no error.
    // `beside`: what else belongs into the transaction, such as an entry in the audit log.
    base::Result<void> finish(const CallResult& result,
                              const std::optional<CallReport>& report = std::nullopt,
                              const std::function<void(db::Connection&)>& beside = {});

    // `state`: open, claimed, closed; empty: all.
    std::vector<CallTask> list(const std::string& state, const std::string& manager, int limit);

private:
    struct Candidate {
        base::MessageId message{};
        base::RunId run{};
        base::ClientId client{};
        int step{};
        int variant{};
        int calls{};
        std::string time_zone{};
    };

    std::vector<Candidate> candidates(db::Connection& connection, const std::string& manager) const;
    bool may_call(db::Connection& connection, const RunContext& run, const Candidate& candidate);
    void give_up(db::Connection& connection, base::MessageId message, campaigns::MessageState state,
                 const std::string& reason);
    std::optional<CallTask> load(db::Connection& connection, base::MessageId message);
    void apply(db::Connection& connection, const CallTask& task, const CallResult& result,
               base::ClientId client, std::optional<int> contact, base::CampaignId campaign);

    db::Database& database_;
    const base::Clock& clock_;
    const Composer& composer_;
    FindRun find_run_;
    CallSettings settings_;
};

}  // namespace carillon::scheduler
