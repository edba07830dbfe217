// What runs, what waits for me, what is in trouble.
#include "base/local_date.h"
#include "campaigns/bundle.h"
#include "campaigns/message_state.h"
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
};

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
                           title != nullptr && title->text() != nullptr ? *title->text() : ""};
        });
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

Sums sums_of(db::Connection& connection, const std::string& campaign) {
    Sums sums;
    const auto stored = campaigns::find_campaign(connection, campaign).value();
    connection.select(db::queries::desk_progress, {stored.id}, [&](const db::Row& row) {
        add_to(sums, row.text(1), row.get<std::int64_t>(2));
    });
    return sums;
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
    base::Json::Array running;
    base::Json::Array needs;
    base::Json::Array trouble;
    if (caller.may(Right::campaigns_see)) {
        lease->select(db::queries::desk_campaign_states, {}, [&](const db::Row& row) {
            campaigns.set(row.get<std::string>(0), row.get<std::int64_t>(1));
        });
        constexpr std::size_t running_max = 20;
        for (const auto& one : waiting_campaigns(*lease)) {
            if (const auto wish = wish_of(one, caller); !wish.empty())
                needs.push_back(base::Json::Object{{"what", wish},
                                                   {"object", one.name},
                                                   {"text", one.reason},
                                                   {"since", base::to_text(one.since)}});
            const bool moves =
                one.state == CampaignState::running || one.state == CampaignState::paused;
            if (!moves || running.size() >= running_max) continue;
            const auto sums = sums_of(*lease, one.name);
            running.push_back(base::Json::Object{{"name", one.name},
                                                 {"title", one.title},
                                                 {"state", name_of(one.state)},
                                                 {"total", sums.total},
                                                 {"open", sums.open},
                                                 {"sent", sums.sent},
                                                 {"failed", sums.failed}});
            if (one.state == CampaignState::paused)
                trouble.push_back(base::Json::Object{
                    {"what", "paused"}, {"object", one.name}, {"text", one.reason}});
            if (sums.failed * 10 > sums.sent + sums.failed)
                trouble.push_back(base::Json::Object{
                    {"what", "failures"},
                    {"object", one.name},
                    {"text", std::to_string(sums.failed) + " of " +
                                 std::to_string(sums.sent + sums.failed) + " failed"}});
        }
    }
    if (caller.may(Right::channels_see)) add_provider_trouble(*lease, trouble);
    add_tasks(*lease, caller, needs);
    Sums today;
    lease->select(
        db::queries::desk_recent_counts, {office.now() - std::chrono::hours{24}},
        [&](const db::Row& row) { add_to(today, row.text(0), row.get<std::int64_t>(1)); });
    return base::Json{base::Json::Object{
        {"campaigns", std::move(campaigns)},
        {"running", std::move(running)},
        {"needs_me", std::move(needs)},
        {"trouble", std::move(trouble)},
        {"today", base::Json::Object{{"sent", today.sent}, {"failed", today.failed}}}}};
}

}  // namespace carillon::desk
