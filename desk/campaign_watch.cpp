// What a campaign does now: its messages, and what failed.
#include <algorithm>
#include <cmath>
#include <functional>
#include <tuple>

#include "base/local_date.h"
#include "base/quoted_contacts.h"
#include "campaigns/bundle.h"
#include "campaigns/message_state.h"
#include "db/progress_queries.h"
#include "db/queries.h"
#include "desk/campaign_desk.h"
#include "desk/words.h"

namespace carillon::desk {

namespace {

using campaigns::MessageState;

tl::unexpected<base::Problems> unknown(const std::string& name) {
    return refuse("campaign.unknown", "there is no campaign '" + name + "'");
}

struct Totals {
    std::int64_t total{};
    std::int64_t open{};
    std::int64_t sent{};
    std::int64_t arrived{};
    std::int64_t failed{};
    std::int64_t left_out{};
    std::int64_t control{};
    std::int64_t of_last_minute{};  // handed to providers
};

void add_to(Totals& totals, MessageState state, std::int64_t count) {
    using enum MessageState;
    totals.total += count;
    if (!campaigns::is_settled(state)) totals.open += count;
    const bool sent = state == accepted || state == delivered || state == bounced ||
                      state == uncertain || state == closed_unknown;
    if (sent) totals.sent += count;
    if (state == accepted || state == delivered) totals.arrived += count;
    if (state == failed || state == bounced || state == expired || state == quarantined)
        totals.failed += count;
    if (state == skipped || state == suppressed || state == cancelled) totals.left_out += count;
    if (state == control) totals.control += count;
}

base::Json seconds_left(std::int64_t open, std::int64_t per_minute) {
    return per_minute > 0 ? base::Json{open * 60 / per_minute} : base::Json{};
}

base::Json to_json(const std::map<std::string, Totals>& channels) {
    base::Json::Array lines;
    for (const auto& [channel, one] : channels) {
        const auto meant = one.total - one.left_out - one.control;
        if (meant == 0) continue;
        lines.push_back(
            base::Json::Object{{"channel", channel},
                               {"total", meant},
                               {"open", one.open},
                               {"sent", one.sent},
                               {"arrived", one.arrived},
                               {"failed", one.failed},
                               {"rate_per_minute", one.of_last_minute},
                               {"seconds_left", seconds_left(one.open, one.of_last_minute)}});
    }
    return lines;
}

// Others may always send more.
bool fires_once(db::Connection& connection, const campaigns::StoredCampaign& campaign) {
    const auto document = db::find_document(connection, campaign.document);
    const auto definition = campaigns::parse_definition(document->content, campaign.name);
    return definition && std::holds_alternative<campaigns::Once>(definition->schedule.when);
}

}  // namespace

Answer campaign_progress(Office& office, const Caller& caller, const std::string& name) {
    auto lease = office.read(caller, Right::campaigns_see);
    const auto campaign = campaigns::find_campaign(*lease, name);
    if (!campaign) return unknown(name);
    const auto now = office.now();
    Totals totals;
    std::map<std::string, Totals> of_channel;
    std::map<std::string, std::int64_t> by_state;
    std::map<std::string, std::map<std::string, std::int64_t>> by_channel;
    lease->select(db::queries::desk_progress, {campaign->id}, [&](const db::Row& row) {
        const auto state = campaigns::message_state_from(row.text(1)).value();
        const auto count = row.get<std::int64_t>(2);
        add_to(totals, state, count);
        add_to(of_channel[row.get<std::string>(0)], state, count);
        by_state[row.get<std::string>(1)] += count;
        by_channel[row.get<std::string>(0)][row.get<std::string>(1)] += count;
    });
    const auto counted = [](const std::map<std::string, std::int64_t>& counts) {
        base::Json json{base::Json::Object{}};
        for (const auto& [key, count] : counts) json.set(key, count);
        return json;
    };
    base::Json channels{base::Json::Object{}};
    for (const auto& [channel, counts] : by_channel) channels.set(channel, counted(counts));
    std::int64_t rate = 0;
    lease->select(db::queries::progress_sent_since, {campaign->id, now - std::chrono::minutes{1}},
                  [&](const db::Row& row) {
                      const auto sent = row.get<std::int64_t>(1);
                      of_channel[row.get<std::string>(0)].of_last_minute += sent;
                      rate += sent;
                  });
    const auto open_runs =
        lease->value<std::int64_t>(db::queries::desk_open_runs, {campaign->id}).value_or(0);
    const auto next =
        lease->value<std::optional<base::Instant>>(db::queries::desk_next_due, {campaign->id});
    const bool ended = campaigns::is_final(campaign->state) ||
                       (campaign->state == campaigns::CampaignState::running && totals.total > 0 &&
                        fires_once(*lease, *campaign));
    base::Json json{base::Json::Object{}};
    json.set("name", campaign->name);
    json.set("state", name_of(campaign->state));
    json.set("state_reason", campaign->state_reason);
    json.set("total", totals.total);
    json.set("open", totals.open);
    json.set("sent", totals.sent);
    json.set("arrived", totals.arrived);
    json.set("failed", totals.failed);
    json.set("left_out", totals.left_out);
    json.set("control", totals.control);
    json.set("by_state", counted(by_state));
    json.set("by_channel", std::move(channels));
    json.set("channels", to_json(of_channel));
    json.set("rate_per_minute", rate);
    json.set("seconds_left", seconds_left(totals.open, rate));
    json.set("finished", ended && open_runs == 0 && totals.open == 0);
    json.set("next_due_at", time_or_null(next.value_or(std::nullopt)));
    json.set("counted_at", base::to_text(now));
    return json;
}

namespace {

struct FailureGroup {
    std::string state{};
    std::string channel{};
    std::string reason{};  // of the messages that stand for it
    std::string shown{};   // names nobody
    std::int64_t count{};
};

// Those that differ only in whom they name are one; the largest first.
std::vector<FailureGroup> without_names(const std::vector<FailureGroup>& groups) {
    constexpr std::size_t groups_max = 50;
    std::vector<FailureGroup> merged;
    for (const auto& group : groups) {
        const auto same = std::ranges::find_if(merged, [&](const FailureGroup& other) {
            return std::tie(other.state, other.channel, other.shown) ==
                   std::tie(group.state, group.channel, group.shown);
        });
        if (same != merged.end())
            same->count += group.count;
        else
            merged.push_back(group);
    }
    std::ranges::stable_sort(merged, std::greater{}, &FailureGroup::count);
    if (merged.size() > groups_max) merged.resize(groups_max);
    return merged;
}

}  // namespace

Answer campaign_failures(Office& office, const Caller& caller, const std::string& name) {
    auto lease = office.read(caller, Right::campaigns_see);
    const auto campaign = campaigns::find_campaign(*lease, name);
    if (!campaign) return unknown(name);
    const auto groups = lease->list<FailureGroup>(
        db::queries::desk_failures, {campaign->id}, [](const db::Row& row) {
            return FailureGroup{row.get<std::string>(0), row.get<std::string>(1),
                                row.get<std::string>(2), base::without_contacts(row.text(2)),
                                row.get<std::int64_t>(3)};
        });
    base::Json::Array items;
    for (const auto& group : without_names(groups)) {
        base::Json::Array samples;
        lease->select(db::queries::desk_failure_samples,
                      {campaign->id, group.state, group.channel, group.reason},
                      [&](const db::Row& row) { samples.emplace_back(row.get<std::int64_t>(0)); });
        items.push_back(base::Json::Object{{"state", group.state},
                                           {"channel", group.channel},
                                           {"reason", group.shown},
                                           {"in_words", in_words(group.shown)},
                                           {"count", group.count},
                                           {"messages", std::move(samples)}});
    }
    return base::Json{base::Json::Object{{"items", std::move(items)}}};
}

}  // namespace carillon::desk
