// Everything a campaign stands on, in exact versions: its own definition, the segments (with their
// members), templates, channel settings, policies and calendars. An approval binds the hash of it;
// a running campaign uses these versions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "audience/segment.h"
#include "base/json.h"
#include "campaigns/definition.h"
#include "campaigns/merge_fields.h"
#include "db/documents.h"
#include "templates/compiled_template.h"

namespace carillon::campaigns {

// Kinds of documents.
inline constexpr std::string_view campaign_kind = "campaign";
inline constexpr std::string_view segment_kind = "segment";
inline constexpr std::string_view template_kind = "template";
inline constexpr std::string_view channel_kind = "channel";
inline constexpr std::string_view policies_kind = "policies";
inline constexpr std::string_view calendar_kind = "calendar";
inline constexpr std::string_view policies_name = "default";

struct Bundle {
    Definition definition{};
    db::Document campaign{};
    std::map<std::string, db::Document> segments{};
    std::map<std::string, db::Document> templates{};
    std::map<std::string, db::Document> channels{};
    db::Document policies{};
    std::vector<db::Document> calendars{};
    std::map<std::string, audience::Segment> parsed_segments{};
    Policies parsed_policies{};
    WorkCalendar calendar{};

    std::vector<const db::Document*> documents() const;  // all but the campaign's own
    std::string hash() const;
};

// How documents are found: the newest versions (while a campaign is written) or the bound ones
// (while it runs).
struct DocumentSource {
    std::function<std::optional<db::Document>(std::string_view kind, std::string_view name)> find{};
    std::function<std::vector<db::Document>(std::string_view kind)> all{};
};
DocumentSource newest(db::Connection& connection);
DocumentSource bound(db::Connection& connection, base::CampaignId campaign);

// Every missing or broken part is a problem that names it.
Bundle load_bundle(const db::Document& campaign, const DocumentSource& source,
                   const audience::AttributeTypes& attributes, base::Problems& problems);

// The name of the channel settings a route uses: its account, or the settings named like the
// channel.
std::string account_of(const Route& route);
// The template a variant (0: the first or none) uses on a route of a step.
const std::string& template_of(const Definition& definition, const Step& step, const Route& route,
                               int variant);

// Compiles a template document; mistakes are added with their places.
// `tracking_url`: where links of e-mails lead instead, see link_tracking.h; empty: nowhere else.
std::optional<templates::CompiledTemplate> compile_template(const db::Document& document,
                                                            const AttributeKinds& attributes,
                                                            base::Problems& problems,
                                                            const std::string& tracking_url = {});

}  // namespace carillon::campaigns
