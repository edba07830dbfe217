#include "desk/campaign_file.h"

#include <algorithm>

#include "base/local_date.h"
#include "campaigns/bundle.h"
#include "db/queries.h"

namespace carillon::desk {

using campaigns::CampaignState;

CampaignRow campaign_row(const db::Row& row) {
    return {row.get<base::CampaignId>(11),
            row.get<std::string>(0),
            campaigns::campaign_state_from(row.text(1)).value(),
            row.get<std::optional<std::string>>(2).value_or(""),
            row.get<std::string>(3),
            row.get<std::optional<std::string>>(4).value_or(""),
            row.get<std::optional<std::string>>(5).value_or(""),
            row.get<std::optional<base::Instant>>(6),
            row.get<base::Instant>(7),
            base::Json::parse(row.text(8)).value(),
            row.get<int>(9),
            row.get<std::string>(10),
            row.get<std::optional<base::Instant>>(12)};
}

std::optional<CampaignRow> find_campaign_row(db::Connection& connection, const std::string& name) {
    return connection.one<CampaignRow>(db::queries::desk_campaign, {name}, campaign_row);
}

tl::unexpected<base::Problems> no_campaign(const std::string& name) {
    return refuse("campaign.unknown", "there is no campaign '" + name + "'");
}

base::Json summary_of(const CampaignRow& row) {
    base::Json json{base::Json::Object{}};
    json.set("name", row.name);
    const auto definition = campaigns::parse_definition(row.content);
    json.set("title", definition ? definition->title : "");
    json.set("purpose", name_of(definition ? definition->purpose : base::Purpose::marketing));
    base::Json::Array channels;
    if (definition)
        for (const auto kind : base::channel_kinds)
            if (std::ranges::any_of(definition->steps, [&](const campaigns::Step& step) {
                    return step.route(kind) != nullptr;
                }))
                channels.emplace_back(name_of(kind));
    json.set("channels", std::move(channels));
    json.set("state", name_of(row.state));
    json.set("state_reason", row.reason);
    json.set("edited_by", row.edited_by);
    json.set("submitted_by", row.submitted_by);
    json.set("approved_by", row.approved_by);
    json.set("started_at", time_or_null(row.started_at));
    json.set("takes_effect_at", time_or_null(row.takes_effect_at));
    json.set("updated_at", base::to_text(row.updated_at));
    const auto* schedule = row.content.find("schedule");
    json.set("schedule", schedule == nullptr ? base::Json{base::Json::Object{}} : *schedule);
    json.set("owner", definition ? definition->owner : "");
    return json;
}

base::Json summary_in(db::Connection& connection, const std::string& name) {
    return summary_of(find_campaign_row(connection, name).value());
}

}  // namespace carillon::desk
