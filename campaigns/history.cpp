#include "campaigns/history.h"

#include <algorithm>

#include "db/queries.h"

namespace carillon::campaigns {

namespace {

constexpr std::string_view slot_prefix = "history";
constexpr int history_lane = 3;  // lanes order what is sent; nothing of this is

void audit(const Desk& desk, std::string_view action, const StoredCampaign& campaign,
           base::Json detail) {
    db::append_audit(desk.connection, desk.audit_key,
                     {.actor = desk.actor,
                      .action = "campaign." + std::string{action},
                      .object = "campaign " + campaign.name,
                      .before_hash = {},
                      .after_hash = {},
                      .detail = std::move(detail)},
                     desk.now);
}

std::int64_t run_of(db::Connection& connection, History& history,
                    const audience::PastContact& row) {
    const auto known = history.runs.find(row.wave);
    if (known != history.runs.end()) return known->second;
    const std::string slot = std::string{slot_prefix} + (row.wave.empty() ? "" : " ") + row.wave;
    const auto day = base::to_text(
        base::LocalDate{std::chrono::floor<std::chrono::days>(base::from_millis(row.sent_at))});
    connection.execute(db::queries::insert_run, {history.campaign.id, slot, day, 0, history_lane,
                                                 history.definition.priority, history.now});
    const auto run =
        connection.value<std::int64_t>(db::queries::run_of_slot, {history.campaign.id, slot});
    history.runs.emplace(row.wave, run.value());
    return run.value();
}

struct Place {
    std::int64_t variant{};
    std::string channel{};
    std::string state{};
    std::string refusal{};
};

Place place_of(const Definition& definition, const audience::PastContact& row) {
    Place place;
    const bool is_control = row.group == "control";
    const auto variant = std::ranges::find(definition.variants, row.group, &Variant::name);
    if (variant != definition.variants.end())
        place.variant = variant - definition.variants.begin();
    else if (!is_control && (row.group != "treated" || !definition.variants.empty()))
        place.refusal = "'" + row.group + "' is neither control nor " +
                        (definition.variants.empty() ? "treated" : "a variant of the campaign");
    if (row.step > static_cast<std::int64_t>(definition.steps.size())) {
        place.refusal =
            "the campaign has " + std::to_string(definition.steps.size()) + " steps only";
        return place;
    }
    const auto& step = definition.steps[static_cast<std::size_t>(row.step) - 1];
    place.channel =
        row.channel.empty() ? std::string{name_of(step.routes.front().channel)} : row.channel;
    if (step.route(base::channel_kind_from(place.channel).value()) == nullptr)
        place.refusal = "the step does not use the channel " + place.channel;
    place.state = is_control ? "control" : row.state.empty() ? "accepted" : row.state;
    return place;
}

bool was_sent(std::string_view state) {
    return state == "accepted" || state == "delivered" || state == "bounced" || state == "failed" ||
           state == "closed_unknown";
}

}  // namespace

base::Result<History> begin_history(const Desk& desk, std::string_view name) {
    auto campaign = find_campaign(desk.connection, name);
    if (!campaign)
        return base::fail("campaign.unknown", "there is no campaign '" + std::string{name} +
                                                  "'; apply its definition first");
    if (campaign->state != CampaignState::draft && campaign->state != CampaignState::past)
        return base::fail("campaign.wrong_state",
                          "campaign '" + campaign->name + "' is " +
                              std::string{name_of(campaign->state)} +
                              "; history belongs to a draft that was never started here");
    const auto document = db::find_document(desk.connection, campaign->document).value();
    const auto definition = parse_definition(document.content, document.name);
    if (!definition) return base::fail(definition.error().front());
    if (campaign->state == CampaignState::draft) {
        desk.connection.execute(db::queries::move_campaign,
                                {name_of(CampaignState::past), db::Value{"imported history"},
                                 desk.now, campaign->id, name_of(CampaignState::draft)});
        audit(desk, "history", *campaign, base::Json{base::Json::Object{}});
    }
    return History{*campaign, *definition, desk.now, {}};
}

std::vector<std::string> store_history(db::Connection& connection, History& history,
                                       const std::vector<audience::PastContact>& rows) {
    // The transaction may be repeated after a conflict: runs found in a failed one may be gone.
    history.runs.clear();
    std::vector<std::string> refusals;
    std::vector<db::Params> messages;
    for (const auto& row : rows) {
        const auto place = place_of(history.definition, row);
        refusals.push_back(place.refusal);
        if (!place.refusal.empty()) continue;
        const bool was_out = was_sent(place.state);
        const auto sent = was_out ? db::Value{row.sent_at} : db::Value{};
        messages.push_back({run_of(connection, history, row), row.client, history.campaign.id,
                            row.step, place.channel, place.variant, place.state,
                            row.reason.empty() ? db::Value{} : db::Value{row.reason}, row.sent_at,
                            sent, sent, was_out ? 1 : 0});
    }
    connection.execute_batch(db::queries::store_past_messages, messages);
    return refusals;
}

void finish_history(const Desk& desk, const History& history, std::int64_t rows) {
    desk.connection.execute(db::queries::freeze_past_runs,
                            {desk.now, desk.now, history.campaign.id});
    base::Json detail{base::Json::Object{}};
    detail.set("rows", rows);
    audit(desk, "history_imported", history.campaign, std::move(detail));
}

}  // namespace carillon::campaigns
