// What runs, what waits for me, what is in trouble.
#include <map>

#include "base/local_date.h"
#include "campaigns/bundle.h"
#include "campaigns/message_state.h"
#include "db/api_queries.h"
#include "db/queries.h"
#include "desk/operation_desk.h"

namespace carillon::desk {

namespace {

using campaigns::CampaignState;

struct Waiting {
    std::string name{};
    CampaignState state{};
    std::string reason{};
    std::string edited_by{};
    base::Instant since{};
    std::string title{};
    bool once{};  // not again after its day
};

bool fires_once(const base::Json& campaign) {
    const auto* schedule = campaign.find("schedule");
    return schedule != nullptr && schedule->find("once") != nullptr;
}

std::vector<Waiting> waiting_campaigns(db::Connection& connection) {
    return connection.list<Waiting>(
        db::queries::desk_waiting_campaigns, {}, [](const db::Row& row) {
            const auto content = base::Json::parse(row.text(5)).value();
            const auto* title = content.find("title");
            return Waiting{row.get<std::string>(0),
                           campaigns::campaign_state_from(row.text(1)).value(),
                           row.get<std::string>(2),
                           row.get<std::string>(3),
                           row.get<base::Instant>(4),
                           title != nullptr && title->text() != nullptr ? *title->text() : "",
                           fires_once(content)};
        });
}

// A one-off campaign stays `running` after its last message: nothing of it runs any more.
bool is_over(db::Connection& connection, const Waiting& one) {
    return one.once && one.state == CampaignState::running &&
           connection.value<int>(db::queries::all_runs_settled, {one.name}) == 1;
}

// What the caller is asked to do about it; "" when nothing.
std::string_view wish_of(const Waiting& one, const Caller& caller) {
    switch (one.state) {
        case CampaignState::submitted:
            return caller.may(Right::campaigns_approve) && one.edited_by != caller.user ? "approve"
                                                                                        : "";
        case CampaignState::approved: return caller.may(Right::campaigns_launch) ? "start" : "";
        case CampaignState::paused: return caller.may(Right::campaigns_launch) ? "resume" : "";
        case CampaignState::draft: return one.edited_by == caller.user ? "revise" : "";
        case CampaignState::running:
        case CampaignState::cancelled:
        case CampaignState::past: return "";
    }
    std::abort();
}

struct Sums {
    std::int64_t total{};
    std::int64_t open{};
    std::int64_t sent{};
    std::int64_t failed{};
};

void add_to(Sums& sums, std::string_view state_name, std::int64_t count) {
    using enum campaigns::MessageState;
    const auto state = campaigns::message_state_from(state_name).value();
    sums.total += count;
    if (!campaigns::is_settled(state)) sums.open += count;
    if (state == accepted || state == delivered || state == bounced) sums.sent += count;
    if (state == failed || state == bounced || state == expired || state == quarantined)
        sums.failed += count;
}

// What the messages of campaigns have come to, and those of all runs that began lately.
struct Counted {
    std::map<std::int64_t, Sums> by_campaign{};
    Sums lately{};
};

Counted count_messages(db::Connection& connection, const db::IdList& campaigns,
                       base::Instant lately_since) {
    struct Run {
        std::int64_t campaign{};
        bool is_late{};
    };
    std::map<std::int64_t, Run> runs;
    connection.select(
        db::queries::runs_shown, {lately_since, campaigns, lately_since}, [&](const db::Row& row) {
            runs[row.get<std::int64_t>(0)] = {row.get<std::int64_t>(1), row.get<bool>(2)};
        });
    Counted counted;
    connection.select(db::queries::states_of_runs, {campaigns, lately_since},
                      [&](const db::Row& row) {
                          const auto& run = runs[row.get<std::int64_t>(0)];
                          const auto count = row.get<std::int64_t>(2);
                          add_to(counted.by_campaign[run.campaign], row.text(1), count);
                          if (run.is_late) add_to(counted.lately, row.text(1), count);
                      });
    return counted;
}

base::Json running_line(const Waiting& one, const Sums& sums) {
    return base::Json::Object{
        {"name", one.name},     {"title", one.title}, {"state", name_of(one.state)},
        {"total", sums.total},  {"open", sums.open},  {"sent", sums.sent},
        {"failed", sums.failed}};
}

void add_campaign_trouble(const Waiting& one, const Sums& sums, base::Json::Array& trouble) {
    if (one.state == CampaignState::paused)
        trouble.push_back(
            base::Json::Object{{"what", "paused"}, {"object", one.name}, {"text", one.reason}});
    if (sums.failed * 10 > sums.sent + sums.failed)
        trouble.push_back(
            base::Json::Object{{"what", "failures"},
                               {"object", one.name},
                               {"text", std::to_string(sums.failed) + " of " +
                                            std::to_string(sums.sent + sums.failed) + " failed"}});
}

void add_provider_trouble(db::Connection& connection, base::Json::Array& trouble) {
    connection.select(db::queries::provider_health_list, {}, [&](const db::Row& row) {
        if (row.text(3) == "closed") return;
        trouble.push_back(
            base::Json::Object{{"what", "provider"},
                               {"object", row.get<std::string>(0) + "/" + row.get<std::string>(1)},
                               {"text", row.get<std::string>(9)}});
    });
}

base::Json::Array deviations(db::Connection& connection, const Caller& caller) {
    constexpr int shown_max = 5;
    base::Json::Array found;
    if (!caller.may(Right::reports_see)) return found;
    connection.select(db::queries::plan_deviations, {shown_max}, [&](const db::Row& row) {
        found.push_back(base::Json::Object{{"campaign", row.get<std::string>(0)},
                                           {"text", row.get<std::string>(1)},
                                           {"since", base::to_text(row.get<base::Instant>(2))}});
    });
    return found;
}

void add_tasks(db::Connection& connection, const Caller& caller, base::Json::Array& needs) {
    if (!caller.may(Right::tasks_work)) return;
    connection.select(db::queries::desk_open_tasks, {caller.user}, [&](const db::Row& row) {
        const auto count = row.get<std::int64_t>(0);
        if (count == 0) return;
        needs.push_back(base::Json::Object{{"what", "task"},
                                           {"object", "tasks"},
                                           {"text", std::to_string(count)},
                                           {"since", base::to_text(row.get<base::Instant>(1))}});
    });
}

}  // namespace

Answer dashboard(Office& office, const Caller& caller) {
    auto lease = office.read(caller, Right::dashboard_see);
    base::Json campaigns{base::Json::Object{}};
    base::Json::Array needs;
    std::vector<Waiting> moving;
    db::IdList moving_ids;
    if (caller.may(Right::campaigns_see)) {
        lease->select(db::queries::desk_campaign_states, {}, [&](const db::Row& row) {
            campaigns.set(row.get<std::string>(0), row.get<std::int64_t>(1));
        });
        constexpr std::size_t running_max = 20;
        for (auto& one : waiting_campaigns(*lease)) {
            if (const auto wish = wish_of(one, caller); !wish.empty())
                needs.push_back(base::Json::Object{{"what", wish},
                                                   {"object", one.name},
                                                   {"title", one.title},
                                                   {"text", one.reason},
                                                   {"since", base::to_text(one.since)}});
            const bool moves =
                one.state == CampaignState::running || one.state == CampaignState::paused;
            if (!moves || moving.size() >= running_max || is_over(*lease, one)) continue;
            moving_ids.push_back(campaigns::find_campaign(*lease, one.name).value().id.value);
            moving.push_back(std::move(one));
        }
    }
    auto counted = count_messages(*lease, moving_ids, office.now() - std::chrono::hours{24});
    base::Json::Array running;
    base::Json::Array trouble;
    for (std::size_t i = 0; i < moving.size(); ++i) {
        const auto& sums = counted.by_campaign[moving_ids[i]];
        running.push_back(running_line(moving[i], sums));
        add_campaign_trouble(moving[i], sums, trouble);
    }
    if (caller.may(Right::channels_see)) add_provider_trouble(*lease, trouble);
    add_tasks(*lease, caller, needs);
    return base::Json{base::Json::Object{
        {"campaigns", std::move(campaigns)},
        {"running", std::move(running)},
        {"needs_me", std::move(needs)},
        {"trouble", std::move(trouble)},
        {"deviates", deviations(*lease, caller)},
        {"today",
         base::Json::Object{{"sent", counted.lately.sent}, {"failed", counted.lately.failed}}}}};
}

}  // namespace carillon::desk
