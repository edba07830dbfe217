#include "scheduler/submission.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "audience/eligibility_sql.h"
#include "base/text.h"
#include "campaigns/contact_caps.h"
#include "db/queries.h"

namespace carillon::scheduler {

namespace {

using campaigns::MessageState;

constexpr std::chrono::days ledger_horizon{62};

db::Value kept_or_null(const std::string& text) {
    constexpr std::size_t longest = 290;
    return text.empty() ? db::Value{} : db::Value{base::cut_utf8(text, longest)};
}

// What is wrong with one message, or nothing yet.
struct Judgement {
    enum class Kind { go, release, hold, close, lost };
    Kind kind{Kind::go};
    MessageState state{};
    std::string reason{};
    base::Instant until{};
};

class Judge {
public:
    Judge(db::Connection& connection, const RunContext& run,
          const std::vector<const Composed*>& batch, base::Instant now)
        : connection_(connection), run_(run), batch_(batch), now_(now), judgements_(batch.size()) {
        for (std::size_t i = 0; i < batch.size(); ++i) position_[batch[i]->claimed.id.value] = i;
    }

    std::vector<std::size_t> decide() {
        if (!campaign_runs()) {
            for (auto& judgement : judgements_) judgement.kind = Judgement::Kind::release;
        } else {
            judge_ownership();
            judge_eligibility();
            judge_segment();
            judge_composition();  // last: who has paid has no amount to be written to about
            judge_time();
            judge_caps();
        }
        apply();
        return submit();
    }

private:
    const Claimed& claimed(std::size_t i) const { return batch_[i]->claimed; }

    std::vector<std::size_t> going() const {
        std::vector<std::size_t> positions;
        for (std::size_t i = 0; i < batch_.size(); ++i)
            if (judgements_[i].kind == Judgement::Kind::go) positions.push_back(i);
        return positions;
    }

    db::IdList ids_of(const std::vector<std::size_t>& positions) const {
        db::IdList ids;
        ids.reserve(positions.size());
        for (const auto i : positions) ids.push_back(claimed(i).id.value);
        return ids;
    }

    void close(std::size_t i, MessageState state, std::string reason) {
        judgements_[i] = {Judgement::Kind::close, state, std::move(reason), {}};
    }

    bool campaign_runs() {
        return connection_.value<std::string>(db::queries::campaign_state, {run_.campaign}) ==
               "running";
    }

    // Others may have taken us for dead and our messages for theirs.
    void judge_ownership() {
        std::map<std::int64_t, std::vector<std::size_t>> by_fence;
        for (const auto i : going()) by_fence[claimed(i).fence].push_back(i);
        for (const auto& [fence, positions] : by_fence) {
            std::unordered_set<std::int64_t> ours;
            connection_.select(db::queries::leased_of_fence, {ids_of(positions), fence},
                               [&](const db::Row& row) { ours.insert(row.get<std::int64_t>(0)); });
            for (const auto i : positions)
                if (!ours.contains(claimed(i).id.value))
                    judgements_[i].kind = Judgement::Kind::lost;
        }
    }

    void judge_composition() {
        for (const auto i : going())
            if (!batch_[i]->message) close(i, MessageState::failed, batch_[i]->problem);
    }

    // Consent, suppression and contact as they are now.
    void judge_eligibility() {
        const auto positions = going();
        if (positions.empty()) return;
        const auto channel = claimed(positions[0]).channel;  // the same for all of a batch
        const auto composed = db::compose(
            db::queries::ineligible_messages, connection_.engine(), {ids_of(positions)},
            {{"eligibility", audience::eligibility_reason_sql(channel, run_.purpose()), {}}});
        connection_.select(composed.query, composed.params, [&](const db::Row& row) {
            close(position_.at(row.get<std::int64_t>(0)), MessageState::suppressed,
                  row.get<std::string>(1));
        });
    }

    // Still overdue? Still in the segment?
    void judge_segment() {
        const auto positions = going();
        if (positions.empty() || !run_.still_matches) return;
        const auto composed =
            db::compose(db::queries::messages_still_in_segment, connection_.engine(),
                        {ids_of(positions)}, {*run_.still_matches});
        std::unordered_set<std::int64_t> matching;
        connection_.select(composed.query, composed.params,
                           [&](const db::Row& row) { matching.insert(row.get<std::int64_t>(0)); });
        for (const auto i : positions)
            if (!matching.contains(claimed(i).id.value))
                close(i, MessageState::cancelled, "no_longer_in_segment");
    }

    struct ZoneVerdict {
        std::vector<base::TimeZone> zones;
        bool allowed{};
        std::optional<base::Instant> next{};
        campaigns::ContactKeys keys{};
    };

    // One judgement for all clients of a time zone.
    const ZoneVerdict& verdict_of(const std::string& zone_name) {
        const auto known = zone_verdicts_.find(zone_name);
        if (known != zone_verdicts_.end()) return known->second;
        std::optional<base::TimeZone> zone;
        if (auto found = base::TimeZone::find(zone_name); !zone_name.empty() && found)
            zone = *found;
        ZoneVerdict verdict{campaigns::zones_of(run_.policies, zone)};
        verdict.allowed = campaigns::is_allowed(run_.windows, verdict.zones, run_.calendar, now_);
        if (!verdict.allowed)
            verdict.next = campaigns::next_allowed(run_.windows, verdict.zones, run_.calendar, now_,
                                                   now_ + campaigns::window_horizon);
        verdict.keys = campaigns::contact_keys(now_, verdict.zones.front());
        return zone_verdicts_.emplace(zone_name, std::move(verdict)).first->second;
    }

    void judge_time() {
        for (const auto i : going()) {
            if (claimed(i).send_by && now_ > *claimed(i).send_by) {
                close(i, MessageState::expired, "too_late");
                continue;
            }
            const auto& verdict = verdict_of(claimed(i).time_zone);
            if (!verdict.allowed) wait_until(i, verdict.next, "quiet_hours");
        }
    }

    // Held, or expired when the moment comes too late or never.
    void wait_until(std::size_t i, std::optional<base::Instant> until, std::string reason) {
        const auto send_by = claimed(i).send_by;
        if (!until || (send_by && *until > *send_by))
            close(i, MessageState::expired, reason);
        else
            judgements_[i] = {Judgement::Kind::hold, MessageState::held, std::move(reason), *until};
    }

    void judge_caps() {
        if (batch_.empty()) return;
        const auto contact_class = campaigns::contact_class_of(claimed(0).channel);
        const auto* set = run_.policies.caps_of(run_.purpose(), run_.definition.cap_class);
        if (set == nullptr || set->of(contact_class).empty()) return;
        const auto positions = going();
        if (positions.empty()) return;
        const auto ledger_class = std::string{run_.definition.cap_class.empty()
                                                  ? name_of(run_.purpose())
                                                  : std::string_view{run_.definition.cap_class}} +
                                  ":" + std::string{name_of(contact_class)};
        take_slots(positions, ledger_class, set->of(contact_class));
    }

    // Loads what each client has had, asks the pure rule, and enters the contact under the next
    // ordinal: two takers of one client cannot both succeed (the primary key), so no cap is overrun
    // by a race.
    void take_slots(const std::vector<std::size_t>& positions, const std::string& ledger_class,
                    const std::vector<campaigns::Cap>& caps) {
        db::IdList clients;
        for (const auto i : positions) clients.push_back(claimed(i).client.value);
        std::unordered_map<std::int64_t, std::vector<campaigns::LedgerEntry>> entries;
        std::unordered_map<std::int64_t, std::int64_t> last;
        std::unordered_set<std::int64_t> entered;  // messages in doubt have their slot already
        connection_.select(
            db::queries::ledger_since, {clients, ledger_class, now_ - ledger_horizon},
            [&](const db::Row& row) {
                entries[row.get<std::int64_t>(0)].push_back(
                    {row.get<base::Instant>(2),
                     {row.get<std::string>(3), row.get<std::string>(4), row.get<std::string>(5)}});
                entered.insert(row.get<std::int64_t>(6));
            });
        connection_.select(
            db::queries::ledger_last, {clients, ledger_class},
            [&](const db::Row& row) { last[row.get<std::int64_t>(0)] = row.get<std::int64_t>(1); });
        std::vector<db::Params> taken;
        for (const auto i : positions) {
            if (entered.contains(claimed(i).id.value)) continue;
            const auto& verdict = verdict_of(claimed(i).time_zone);
            const auto client = claimed(i).client.value;
            const auto decision =
                campaigns::may_contact(caps, entries[client], now_, verdict.zones.front());
            if (!decision.allowed()) {
                wait_until(i, decision.until, "capped");
                continue;
            }
            entries[client].push_back({now_, verdict.keys});
            taken.push_back({client, ledger_class, ++last[client], claimed(i).id, now_,
                             verdict.keys.day, verdict.keys.week, verdict.keys.month});
        }
        enter(taken);
    }

    void enter(const std::vector<db::Params>& taken) {
        if (taken.empty()) return;
        try {
            connection_.execute_batch(db::queries::insert_ledger, taken);
        } catch (const db::DbError& error) {
            if (error.fault() != db::DbFault::duplicate) throw;
            throw db::DbError{db::DbFault::conflict, "insert_ledger",
                              "another process contacts the same client"};
        }
    }

    void apply() {
        std::map<std::int64_t, db::IdList> released;
        std::map<std::tuple<std::int64_t, std::string, base::Instant>, db::IdList> held;
        std::map<std::tuple<std::int64_t, MessageState, std::string>, db::IdList> closed;
        for (std::size_t i = 0; i < batch_.size(); ++i) {
            const auto& judgement = judgements_[i];
            const auto fence = claimed(i).fence;
            const auto id = claimed(i).id.value;
            switch (judgement.kind) {
                case Judgement::Kind::go:
                case Judgement::Kind::lost: break;
                case Judgement::Kind::release: released[fence].push_back(id); break;
                case Judgement::Kind::hold:
                    held[{fence, judgement.reason, judgement.until}].push_back(id);
                    break;
                case Judgement::Kind::close:
                    // It may have arrived the first time: the books must not say it did not.
                    closed[{fence,
                            claimed(i).resends > 0 ? MessageState::closed_unknown : judgement.state,
                            judgement.reason}]
                        .push_back(id);
                    break;
            }
        }
        for (const auto& [fence, ids] : released) release(connection_, ids, fence);
        for (const auto& [key, ids] : held)
            hold(connection_, ids, std::get<0>(key), std::get<1>(key), std::get<2>(key), now_);
        for (const auto& [key, ids] : closed)
            scheduler::close(connection_, ids, std::get<0>(key), std::get<1>(key), std::get<2>(key),
                             now_);
    }

    std::vector<std::size_t> submit() {
        std::map<std::int64_t, std::vector<std::size_t>> by_fence;
        for (const auto i : going()) by_fence[claimed(i).fence].push_back(i);
        std::vector<std::size_t> submitted;
        std::vector<db::Params> contents;
        for (const auto& [fence, positions] : by_fence) {
            const auto ids = ids_of(positions);
            const auto matched =
                connection_.execute(db::queries::submit_messages, {now_, ids, fence});
            std::unordered_set<std::int64_t> ours{ids.begin(), ids.end()};
            if (matched != static_cast<std::int64_t>(ids.size())) {
                // Somebody took us for dead and rescued rows: only what is ours goes.
                ours.clear();
                connection_.select(
                    db::queries::submitting_of_fence, {ids, fence},
                    [&](const db::Row& row) { ours.insert(row.get<std::int64_t>(0)); });
            }
            for (const auto i : positions) {
                if (!ours.contains(claimed(i).id.value)) continue;
                submitted.push_back(i);
                const auto& content = batch_[i]->content;
                contents.push_back({claimed(i).id, content.template_id, content.channel_id,
                                    content.locale, content.address, content.composed_at,
                                    content.data, kept_or_null(content.passed_over)});
            }
        }
        if (!contents.empty()) connection_.execute_batch(db::queries::keep_content, contents);
        if (!submitted.empty() && claimed(0).channel == base::ChannelKind::call)
            connection_.execute(db::queries::insert_call_tasks, {now_, ids_of(submitted)});
        return submitted;
    }

    db::Connection& connection_;
    const RunContext& run_;
    const std::vector<const Composed*>& batch_;
    base::Instant now_;
    std::vector<Judgement> judgements_;
    std::unordered_map<std::int64_t, std::size_t> position_;
    std::map<std::string, ZoneVerdict> zone_verdicts_;
};

}  // namespace

std::vector<std::size_t> begin_submission(db::Connection& connection, const RunContext& run,
                                          const std::vector<const Composed*>& batch,
                                          base::Instant now) {
    return Judge{connection, run, batch, now}.decide();
}

}  // namespace carillon::scheduler
