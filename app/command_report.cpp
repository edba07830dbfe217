// report: what a campaign did.
#include "app/commands.h"
#include "campaigns/message_state.h"
#include "db/queries.h"

namespace carillon::app {

namespace {

struct StateCount {
    int step{};
    std::string channel{};
    int variant{};
    std::string state{};
    std::string reason{};
    std::int64_t count{};
};

base::Json json_of(const StateCount& count) {
    base::Json json{base::Json::Object{}};
    json.set("step", count.step);
    json.set("channel", count.channel);
    json.set("variant", count.variant);
    json.set("state", count.state);
    json.set("reason", count.reason);
    json.set("count", count.count);
    return json;
}

// What the providers took and what it costs by their own settings, as it is paid: in parts, pages,
// letters.
base::Json tell_providers(Program& program, const Output& output, db::Connection& connection,
                          base::CampaignId campaign) {
    const auto currency = program.config().text("bank.currency");
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    std::int64_t total_minor = 0;
    connection.select(db::queries::carried_by_provider, {campaign}, [&](const db::Row& row) {
        const auto facts = facts_of(row.get<std::string>(5), program.data_folder());
        const auto units = row.get<std::int64_t>(4);
        const auto cost_minor = facts ? units * facts->cost_per_unit_minor : 0;
        const auto cost = base::plain_text({cost_minor, currency}) + " " + currency;
        total_minor += cost_minor;
        rows.push_back({row.get<std::string>(2), row.get<std::string>(1),
                        grouped(row.get<std::int64_t>(3)), grouped(units), cost});
        base::Json one{base::Json::Object{}};
        one.set("channel", row.get<std::string>(2));
        one.set("provider", row.get<std::string>(1));
        one.set("messages", row.get<std::int64_t>(3));
        one.set("units", units);
        one.set("cost", cost);
        list.push_back(std::move(one));
    });
    if (rows.empty()) return base::Json{std::move(list)};
    output.line("");
    output.table({"channel", "provider", "messages", "parts or pages", "cost"}, rows);
    output.line("cost: " + base::plain_text({total_minor, currency}) + " " + currency);
    return base::Json{std::move(list)};
}

}  // namespace

ExitCode report(Program& program, const Output& output, const NameArgs& args) {
    auto lease = program.migrated_database().read();
    const auto campaign = campaigns::find_campaign(*lease, args.name);
    if (!campaign)
        return output.refuse({"campaign.unknown", "there is no campaign '" + args.name + "'"});
    const auto counts = lease->list<StateCount>(
        db::queries::count_by_state, {campaign->id}, [](const db::Row& row) {
            return StateCount{row.get<int>(0),         row.get<std::string>(1),
                              row.get<int>(2),         row.get<std::string>(3),
                              row.get<std::string>(4), row.get<std::int64_t>(5)};
        });
    std::int64_t total = 0;
    std::int64_t open = 0;
    for (const auto& count : counts) {
        total += count.count;
        const auto state = campaigns::message_state_from(count.state);
        if (state && !campaigns::is_settled(*state)) open += count.count;
    }
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    for (const auto& count : counts) {
        rows.push_back({std::to_string(count.step), count.channel, std::to_string(count.variant),
                        count.state, count.reason, grouped(count.count),
                        percent(count.count, total)});
        list.push_back(json_of(count));
    }
    output.line("campaign " + campaign->name + " is " + std::string{name_of(campaign->state)} +
                "; " + grouped(total) + " messages, " + grouped(open) + " of them open" +
                (total > 0 && open == 0 ? ": finished" : ""));
    output.table({"step", "channel", "variant", "state", "reason", "messages", "share"}, rows);
    auto providers = tell_providers(program, output, *lease, campaign->id);
    base::Json json{base::Json::Object{}};
    json.set("campaign", campaign->name);
    json.set("state", name_of(campaign->state));
    json.set("total", total);
    json.set("open", open);
    json.set("counts", std::move(list));
    json.set("providers", std::move(providers));
    output.result(json);
    return ExitCode::done;
}

}  // namespace carillon::app
