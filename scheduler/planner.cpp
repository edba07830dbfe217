#include "scheduler/planner.h"

#include <algorithm>
#include <set>

#include "campaigns/audience_sql.h"
#include "campaigns/calendar.h"
#include "campaigns/notices.h"
#include "campaigns/own_event.h"
#include "campaigns/route_sql.h"
#include "db/event_queries.h"
#include "db/queries.h"

namespace carillon::scheduler {

namespace {

using namespace std::chrono_literals;

// Local times are reached first at UTC+14 and last at UTC-12.
constexpr std::string_view earliest_zone = "Pacific/Kiritimati";
constexpr std::chrono::hours day_around_the_world{26};
// A launch fires what is still ahead in some time zone, and a one-off date whenever it was.
constexpr std::chrono::days look_ahead{400};

int lane_of(base::Purpose purpose) {
    return static_cast<int>(purpose);
}

base::TimeZone zone_named(const std::string& name, const std::string& fallback) {
    if (auto zone = base::TimeZone::find(name)) return *zone;
    return base::TimeZone::find(fallback).value_or(base::TimeZone::utc());
}

// The zone in which a slot comes up first.
base::TimeZone planning_zone(const campaigns::Bundle& bundle) {
    const bool bank = bundle.definition.schedule.zone == campaigns::ScheduleZone::bank;
    return zone_named(bank ? bundle.parsed_policies.bank_zone : std::string{earliest_zone},
                      "Etc/UTC");
}

campaigns::SlotRules rules_of(const campaigns::Bundle& bundle) {
    return {bundle.definition.starts, bundle.definition.ends, bundle.parsed_policies.leap_day};
}

// From when on slots count for a campaign that has just been started.
base::Instant first_moment(const campaigns::StoredCampaign& campaign,
                           const campaigns::Bundle& bundle) {
    const auto started = campaign.started_at.value_or(base::Instant{});
    if (campaign.planned_to && *campaign.planned_to != started) return *campaign.planned_to;
    if (std::holds_alternative<campaigns::Once>(bundle.definition.schedule.when))
        return base::Instant{};
    return started - day_around_the_world;
}

struct ZoneTimes {
    base::Instant due_at{};
    std::optional<base::Instant> send_by{};
};

// When a message falls due for clients of a zone: the slot's local time, moved into the allowed
// hours.
ZoneTimes times_in(const campaigns::Bundle& bundle, const std::string& client_zone,
                   const base::LocalDate& date, base::TimeOfDay time,
                   std::optional<base::Instant> at) {
    const auto& policies = bundle.parsed_policies;
    std::optional<base::TimeZone> known;
    if (auto zone = base::TimeZone::find(client_zone); zone && !client_zone.empty()) known = *zone;
    const auto zones = campaigns::zones_of(policies, known);
    const auto bank = zone_named(policies.bank_zone, "Etc/UTC");
    const auto& zone = campaigns::zone_of(bundle.definition.schedule, zones.front(), bank);
    const auto slot = at.value_or(zone.instant_of(date, time));
    const auto windows = campaigns::windows_of(bundle.definition, policies);
    const auto due = campaigns::next_allowed(windows, zones, bundle.calendar, slot,
                                             slot + campaigns::window_horizon);
    const auto deadline = campaigns::send_deadline(
        windows, zones, bundle.calendar, slot, campaigns::send_by_of(bundle.definition, policies));
    // No window opens: due at once with the time over, so that it is closed with that reason.
    if (!due) return {slot, slot};
    return {*due, deadline};
}

using Moment = std::optional<base::Instant>;

Moment earlier(Moment one, Moment other) {
    if (!one || !other) return one ? one : other;
    return std::min(*one, *other);
}

Moment moment(db::Connection& connection, const db::Composed& question) {
    return connection.value<Moment>(question.query, question.params).value_or(std::nullopt);
}

// When those who have ended step `step` (from 1) get the following one.
Moment next_step_moment(db::Connection& connection, base::RunId run,
                        const campaigns::Definition& definition, std::size_t step) {
    const auto& following = definition.steps.at(step);
    const auto ended =
        moment(connection, db::compose(db::queries::next_step_due, connection.engine(),
                                       {run, static_cast<std::int64_t>(step)},
                                       {campaigns::states_fragment(following.condition)}));
    if (!ended) return std::nullopt;
    return *ended + following.wait;
}

// When those whom step `step` (from 1) has not reached get its next channel.
Moment next_fallback_moment(db::Connection& connection, base::RunId run,
                            const campaigns::Definition& definition, std::size_t step) {
    const auto& one = definition.steps.at(step - 1);
    if (one.routes.size() < 2) return std::nullopt;
    return moment(connection, db::compose(db::queries::next_fallback_due, connection.engine(),
                                          {run, static_cast<std::int64_t>(step),
                                           static_cast<std::int64_t>(one.routes.size())},
                                          {campaigns::missed_fragment(one.fallback)}));
}

// The next moment at which an unsettled run gets more messages; nothing: never again.
Moment next_message_moment(db::Connection& connection, base::RunId run,
                           const campaigns::Definition& definition) {
    Moment next;
    for (std::size_t step = 1; step <= definition.steps.size(); ++step) {
        next = earlier(next, next_fallback_moment(connection, run, definition, step));
        if (step < definition.steps.size())
            next = earlier(next, next_step_moment(connection, run, definition, step));
    }
    return next;
}

bool has_more_than_first_messages(const campaigns::Definition& definition) {
    return definition.steps.size() > 1 || definition.steps[0].routes.size() > 1;
}

struct Unsettled {
    base::RunId run{};
    base::CampaignId campaign{};
};

std::vector<Unsettled> unsettled_runs(db::Connection& connection) {
    return connection.list<Unsettled>(db::queries::unsettled_runs, {}, [](const db::Row& row) {
        return Unsettled{row.get<base::RunId>(0), row.get<base::CampaignId>(1)};
    });
}

}  // namespace

bool Planner::turn() {
    bool worked = false;
    std::vector<campaigns::StoredCampaign> running;
    std::vector<campaigns::StoredCampaign> listening;
    {
        auto lease = database_.read();
        for (auto& campaign : campaigns::list_campaigns(*lease))
            if (campaign.state == campaigns::CampaignState::running)
                (listens(*lease, campaign) ? listening : running).push_back(std::move(campaign));
    }
    for (const auto& campaign : running) worked = fire_slots(campaign) || worked;
    for (const auto& campaign : listening) worked = look_for_events(campaign) || worked;
    worked = plan_open_runs() || worked;
    worked = plan_steps() || worked;
    settle_runs();
    return worked;
}

bool Planner::answer_events() {
    // Ids are given in another order than transactions end.
    constexpr std::int64_t margin = 200;
    std::vector<campaigns::StoredCampaign> listening;
    const auto before = newest_event_;
    {
        auto lease = database_.read();
        const auto newest = lease->value<std::int64_t>(db::queries::newest_event).value();
        if (newest == newest_event_) return false;
        newest_event_ = newest;
        for (auto& campaign : campaigns::list_campaigns(*lease))
            if (campaign.state == campaigns::CampaignState::running && listens(*lease, campaign))
                listening.push_back(std::move(campaign));
    }
    bool worked = false;
    for (const auto& campaign : listening)
        worked = fire_events(campaign, std::max<std::int64_t>(before - margin, 0)) || worked;
    return worked;
}

bool Planner::listens(db::Connection& connection, const campaigns::StoredCampaign& campaign) {
    const auto* bundle = bundle_of(connection, campaign);
    return bundle != nullptr &&
           std::holds_alternative<campaigns::OnEvent>(bundle->definition.schedule.when);
}

// Reads all events of a campaign's time: not again before twenty times as long has passed.
bool Planner::look_for_events(const campaigns::StoredCampaign& campaign) {
    auto& next = next_event_look_[campaign.id.value];
    const auto begun = base::steady_now();
    if (settings_.paced && begun < next) return false;
    const bool fired = fire_events(campaign, 0);
    const auto ended = base::steady_now();
    if (!fired) next = ended + (ended - begun) * 20;
    return fired;
}

const campaigns::Bundle* Planner::bundle_of(db::Connection& connection,
                                            const campaigns::StoredCampaign& campaign) {
    const auto known = bundles_.find(campaign.approved_hash);
    if (known != bundles_.end()) return &known->second;
    base::Problems problems;
    auto bundle = campaigns::bound_bundle(connection, campaign, problems);
    if (!problems.empty())
        return nullptr;  // its approval covered all parts: they cannot go missing but by force
    return &bundles_.emplace(campaign.approved_hash, std::move(bundle)).first->second;
}

bool Planner::fire_slots(const campaigns::StoredCampaign& campaign) {
    const auto now = clock_.now();
    return db::in_transaction(database_, [&](db::Connection& connection) {
        const auto* bundle = bundle_of(connection, campaign);
        if (bundle == nullptr) return false;
        const auto from = first_moment(campaign, *bundle);
        if (from >= now + 1ms) return false;
        const auto slots =
            campaigns::slots_between(bundle->definition.schedule, planning_zone(*bundle), from,
                                     now + 1ms, rules_of(*bundle));
        bool fired = false;
        for (const auto& slot : slots)
            fired = create_run(connection, campaign, *bundle,
                               {slot.key, slot.as_of, slot.time, std::nullopt, {}}) ||
                    fired;
        connection.execute(db::queries::advance_planning, {now + 1ms, campaign.id});
        return fired;
    });
}

std::vector<Planner::Event> Planner::waiting_events(db::Connection& connection,
                                                    const campaigns::StoredCampaign& campaign,
                                                    const campaigns::OnEvent& on,
                                                    std::int64_t after) {
    return connection.list<Event>(
        db::queries::events_to_answer,
        {after, on.name, campaigns::own_event_of(campaign.name), clock_.now() - on.delay,
         campaign.started_at.value_or(base::Instant{}), campaign.id},
        [](const db::Row& row) {
            return Event{row.get<std::int64_t>(0), row.get<std::int64_t>(1),
                         row.get<base::Instant>(2)};
        });
}

// Looks first and asks for the turn to write only when something waits: on SQLite there is one
// writer, and urgent messages stand in its queue several times.
bool Planner::fire_events(const campaigns::StoredCampaign& campaign, std::int64_t after) {
    const auto look =
        [&](db::Connection& connection) -> std::pair<const campaigns::Bundle*, std::vector<Event>> {
        const auto* bundle = bundle_of(connection, campaign);
        const auto* on = bundle == nullptr
                             ? nullptr
                             : std::get_if<campaigns::OnEvent>(&bundle->definition.schedule.when);
        if (on == nullptr) return {nullptr, {}};
        return {bundle, waiting_events(connection, campaign, *on, after)};
    };
    if (look(*database_.read()).second.empty()) return false;
    try {
        return db::in_transaction(database_, [&](db::Connection& connection) {
            const auto [bundle, waiting] = look(connection);
            return !waiting.empty() && answer_waiting(connection, campaign, *bundle, waiting);
        });
    } catch (const db::DbError& error) {
        // Another planner has answered one of them meanwhile; what is left is found by turn().
        if (error.fault() != db::DbFault::duplicate) throw;
        return false;
    }
}

// The run, its audience and its freeze in one transaction: there are few messages, and whoever
// asked for one waits.
bool Planner::answer_waiting(db::Connection& connection, const campaigns::StoredCampaign& campaign,
                             const campaigns::Bundle& bundle, const std::vector<Event>& waiting) {
    const auto& on = std::get<campaigns::OnEvent>(bundle.definition.schedule.when);
    // One message for a client and run: a client's second event waits for the next turn, as do
    // those of another minute.
    std::vector<Event> taken;
    db::IdList clients;
    for (const auto& event : waiting) {
        const bool twice = std::ranges::find(clients, event.client) != clients.end();
        if (twice || event.at - waiting.front().at >= 1min) continue;
        taken.push_back(event);
        clients.push_back(event.client);
    }
    const auto at = taken.front().at + on.delay;
    const auto bank = zone_named(bundle.parsed_policies.bank_zone, "Etc/UTC");
    const auto slot = "event:" + std::to_string(taken.front().id);
    const NewRun wanted{slot, bank.date_at(at), bank.time_at(at), at, std::move(clients)};
    if (!create_run(connection, campaign, bundle, wanted)) return false;
    const auto run =
        connection.value<std::int64_t>(db::queries::run_of_slot, {campaign.id, slot}).value();
    std::vector<db::Params> uses;
    for (const auto& event : taken) uses.push_back({campaign.id, event.id, run});
    connection.execute_batch(db::queries::use_event, uses);
    plan_chunk(connection, {base::RunId{run}, campaign.id, slot, wanted.as_of, 0});
    return true;
}

bool Planner::create_run(db::Connection& connection, const campaigns::StoredCampaign& campaign,
                         const campaigns::Bundle& bundle, const NewRun& wanted) {
    const auto& definition = bundle.definition;
    const auto inserted = connection.execute(
        db::queries::insert_run,
        {campaign.id, wanted.slot, base::to_text(wanted.as_of), std::int64_t{wanted.time.count()},
         lane_of(definition.purpose), definition.priority, clock_.now()});
    if (inserted == 0) return false;  // this slot has fired before
    const auto run =
        connection.value<std::int64_t>(db::queries::run_of_slot, {campaign.id, wanted.slot})
            .value();
    std::set<std::string> names;
    const auto note_zone = [&](const db::Row& row) {
        names.insert(row.get<std::optional<std::string>>(0).value_or(""));
    };
    if (wanted.clients.empty())
        connection.select(db::queries::client_zones, {}, note_zone);
    else
        connection.select(db::queries::zones_of_clients, {wanted.clients}, note_zone);
    std::vector<db::Params> zones;
    for (const auto& zone : names) {
        const auto times = times_in(bundle, zone, wanted.as_of, wanted.time, wanted.at);
        zones.push_back({run, zone, times.due_at, times.send_by});
    }
    if (!zones.empty()) connection.execute_batch(db::queries::insert_run_zone, zones);
    ++counts_.runs;
    return true;
}

bool Planner::plan_open_runs() {
    std::vector<OpenRun> runs;
    {
        auto lease = database_.read();
        runs = lease->list<OpenRun>(db::queries::planning_runs, {}, [](const db::Row& row) {
            return OpenRun{
                row.get<base::RunId>(0), row.get<base::CampaignId>(1), row.get<std::string>(2),
                base::parse_date(row.get<std::string>(3)).value(), row.get<std::int64_t>(4)};
        });
    }
    for (auto& run : runs) {
        // All chunks of one run before the next; between chunks the dispatcher has its turn at the
        // database.
        while (plan_chunk(run)) {
            auto lease = database_.read();
            lease->select(db::queries::run_by_id, {run.id}, [&](const db::Row& row) {
                run.planned_through = row.get<std::int64_t>(4);
            });
        }
    }
    return !runs.empty();
}

// One chunk in one transaction; false when the run is frozen.
bool Planner::plan_chunk(const OpenRun& run) {
    return db::in_transaction(
        database_, [&](db::Connection& connection) { return plan_chunk(connection, run); });
}

bool Planner::plan_chunk(db::Connection& connection, const OpenRun& run) {
    const auto campaign = campaigns::find_campaign(connection, run.campaign);
    const auto* bundle = campaign ? bundle_of(connection, *campaign) : nullptr;
    if (bundle == nullptr || !campaigns::may_send(campaign->state)) return false;
    const auto last = connection.value<std::int64_t>(db::queries::last_client).value();
    const bool few =
        !std::holds_alternative<campaigns::Once>(bundle->definition.schedule.when) &&
        !std::holds_alternative<campaigns::Recurring>(bundle->definition.schedule.when);
    const auto through = few ? last : std::min(last, run.planned_through + settings_.chunk);
    if (connection.execute(db::queries::advance_run, {through, run.id, run.planned_through}) == 0)
        return false;  // another planner was faster
    const auto fragments = campaigns::run_fragments(
        {*bundle, run.campaign, run.as_of, run.id, campaigns::campaign_finder(connection)});
    if (!fragments) throw std::logic_error{fragments.error().text()};
    const auto composed =
        db::compose(db::queries::freeze_chunk, connection.engine(),
                    {run.id, run.campaign, run.planned_through, through, run.id}, *fragments);
    const auto rows = connection.execute(composed.query, composed.params);
    connection.execute(db::queries::add_matched, {rows, run.id});
    counts_.messages += rows;
    if (through >= last) finish_run(connection, run, *bundle);
    if (on_progress_) on_progress_(counts_);
    return through < last;
}

void Planner::finish_run(db::Connection& connection, const OpenRun& run,
                         const campaigns::Bundle& bundle) {
    if (bundle.definition.household == campaigns::Household::one_per_address)
        connection.execute(db::queries::skip_same_address, {run.id, run.id});
    if (run.slot.starts_with("event:"))
        connection.execute(db::queries::attach_events, {run.campaign, run.id, run.id});
    connection.execute(db::queries::freeze_run, {clock_.now(), run.id});
    connection.execute(db::queries::forget_run_zones, {run.id});
}

bool Planner::plan_steps() {
    std::vector<Unsettled> runs;
    {
        auto lease = database_.read();
        std::map<std::int64_t, bool> has_more;  // by campaign: most have one message only
        for (const auto& one : unsettled_runs(*lease)) {
            const auto [known, is_new] = has_more.try_emplace(one.campaign.value, false);
            if (is_new) known->second = plans_later(*lease, one.campaign);
            if (known->second) runs.push_back(one);
        }
    }
    bool worked = false;
    for (const auto& [run, id] : runs) {
        if (settings_.paced && base::steady_now() < next_look_[run.value]) continue;
        const auto begun = base::steady_now();
        worked = db::in_transaction(database_,
                                    [&, run = run, id = id](db::Connection& connection) {
                                        return plan_steps_of(connection, run, id);
                                    }) ||
                 worked;
        // Looking through a large run must not take more than a small part of the time.
        next_look_[run.value] = base::steady_now() + (base::steady_now() - begun) * 20;
    }
    return worked;
}

bool Planner::plans_later(db::Connection& connection, base::CampaignId id) {
    const auto campaign = campaigns::find_campaign(connection, id);
    if (!campaign || !campaigns::may_send(campaign->state)) return false;
    const auto* bundle = bundle_of(connection, *campaign);
    return bundle != nullptr && has_more_than_first_messages(bundle->definition);
}

bool Planner::plan_steps_of(db::Connection& connection, base::RunId run, base::CampaignId id) {
    const auto campaign = campaigns::find_campaign(connection, id);
    if (!campaign || !campaigns::may_send(campaign->state)) return false;
    const auto* bundle = bundle_of(connection, *campaign);
    if (bundle == nullptr || !has_more_than_first_messages(bundle->definition)) return false;
    const auto& definition = bundle->definition;
    bool planned = false;
    for (int step = 1; step <= static_cast<int>(definition.steps.size()); ++step) {
        planned = plan_fallback(connection, run, definition, step) || planned;
        if (step < static_cast<int>(definition.steps.size()))
            planned = plan_step(connection, run, definition, step) || planned;
    }
    return planned;
}

bool Planner::plan_step(db::Connection& connection, base::RunId run,
                        const campaigns::Definition& definition, int step) {
    const auto& next = definition.steps.at(static_cast<std::size_t>(step));
    const int if_no_response = next.condition == campaigns::StepCondition::no_response ? 1 : 0;
    const int if_not_delivered = next.condition == campaigns::StepCondition::not_delivered ? 1 : 0;
    const auto now = clock_.now();
    auto fragments =
        campaigns::route_fragments(next, definition.purpose, {}, campaigns::Attempt::first);
    fragments.push_back(campaigns::states_fragment(next.condition));
    const auto composed = db::compose(
        db::queries::plan_next_step, connection.engine(),
        {now, Moment{}, if_no_response, if_not_delivered, run, step, now - next.wait}, fragments);
    const auto planned = connection.execute(composed.query, composed.params);
    counts_.messages += planned;
    return planned > 0;
}

bool Planner::plan_fallback(db::Connection& connection, base::RunId run,
                            const campaigns::Definition& definition, int step) {
    const auto& one = definition.steps.at(static_cast<std::size_t>(step) - 1);
    if (one.routes.size() < 2) return false;
    const auto now = clock_.now();
    auto fragments =
        campaigns::route_fragments(one, definition.purpose, {}, campaigns::Attempt::again);
    fragments.push_back(campaigns::missed_fragment(one.fallback));
    const auto composed = db::compose(
        db::queries::plan_fallback, connection.engine(),
        {now, Moment{}, run, step, now, static_cast<std::int64_t>(one.routes.size())}, fragments);
    const auto planned = connection.execute(composed.query, composed.params);
    counts_.messages += planned;
    return planned > 0;
}

// A cache of "no open row and no message to come": keeps old runs out of every claim. Looked for
// beside whoever writes, and looked at again by whoever does.
void Planner::settle_runs() {
    const auto ended = ended_runs(*database_.read());
    if (ended.empty()) return;
    db::in_transaction(database_, [&](db::Connection& connection) {
        std::vector<base::RunId> settled;
        for (const auto& [run, id] : ended)
            if (may_settle(connection, run, id) &&
                connection.execute(db::queries::settle_run, {clock_.now(), run}) == 1)
                settled.push_back(run);
        campaigns::tell_of_finished_runs(connection, settled, clock_.now());
    });
}

std::vector<Planner::Ended> Planner::ended_runs(db::Connection& connection) {
    std::vector<Ended> ended;
    for (const auto& [run, id] : unsettled_runs(connection)) {
        if (settings_.paced && base::steady_now() < next_settling_[run.value]) continue;
        const auto begun = base::steady_now();
        if (may_settle(connection, run, id)) ended.push_back({run, id});
        next_settling_[run.value] = base::steady_now() + (base::steady_now() - begun) * 20;
    }
    return ended;
}

bool Planner::may_settle(db::Connection& connection, base::RunId run, base::CampaignId id) {
    if (connection.value<int>(db::queries::run_has_open, {run}) != 0) return false;
    const auto campaign = campaigns::find_campaign(connection, id);
    if (campaign->state == campaigns::CampaignState::cancelled) return true;
    const auto* bundle = bundle_of(connection, *campaign);
    const bool waits = bundle != nullptr && has_more_than_first_messages(bundle->definition) &&
                       next_message_moment(connection, run, bundle->definition).has_value();
    return !waits;
}

std::optional<base::Instant> Planner::next_moment() {
    std::optional<base::Instant> next;
    const auto consider = [&](std::optional<base::Instant> moment) {
        if (moment && (!next || *moment < *next)) next = moment;
    };
    auto lease = database_.write();
    const auto now = clock_.now();
    for (const auto& campaign : campaigns::list_campaigns(*lease)) {
        if (campaign.state != campaigns::CampaignState::running) continue;
        const auto* bundle = bundle_of(*lease, campaign);
        if (bundle == nullptr) continue;
        const auto slots =
            campaigns::slots_between(bundle->definition.schedule, planning_zone(*bundle), now + 1ms,
                                     now + look_ahead, rules_of(*bundle));
        if (!slots.empty()) consider(slots.front().at);
        if (const auto* on = std::get_if<campaigns::OnEvent>(&bundle->definition.schedule.when))
            lease->select(
                db::queries::unused_events,
                {on->name, campaigns::own_event_of(campaign.name), now + look_ahead,
                 campaign.started_at, campaign.id},
                [&](const db::Row& row) { consider(row.get<base::Instant>(2) + on->delay); });
        if (!has_more_than_first_messages(bundle->definition)) continue;
        for (const auto& run :
             lease->list<base::RunId>(db::queries::unsettled_runs_of, {campaign.id},
                                      [](const db::Row& row) { return row.get<base::RunId>(0); }))
            consider(next_message_moment(*lease, run, bundle->definition));
    }
    return next;
}

}  // namespace carillon::scheduler
