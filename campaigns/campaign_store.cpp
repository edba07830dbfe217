#include "campaigns/campaign_store.h"

#include "audience/segment_sql.h"
#include "audience/store.h"
#include "campaigns/audience_sql.h"
#include "campaigns/launch.h"
#include "campaigns/notices.h"
#include "campaigns/pictures.h"
#include "db/api_queries.h"
#include "db/queries.h"

namespace carillon::campaigns {

namespace {

StoredCampaign campaign_from(const db::Row& row) {
    return {row.get<base::CampaignId>(0),
            row.get<std::string>(1),
            campaign_state_from(row.text(2)).value(),
            row.get<std::optional<std::string>>(3).value_or(""),
            row.get<base::DocumentId>(4),
            row.get<std::string>(5),
            row.get<std::optional<std::string>>(6).value_or(""),
            row.get<std::optional<std::string>>(7).value_or(""),
            row.get<std::optional<std::string>>(8).value_or(""),
            row.get<std::optional<base::Instant>>(9),
            row.get<std::optional<base::Instant>>(10)};
}

base::Result<StoredCampaign> require(const Desk& desk, std::string_view name) {
    if (auto found = find_campaign(desk.connection, name)) return *found;
    return base::fail("campaign.unknown", "there is no campaign '" + std::string{name} + "'");
}

tl::unexpected<base::Failure> wrong_state(const StoredCampaign& campaign, std::string_view wanted) {
    return base::fail("campaign.wrong_state", "campaign '" + campaign.name + "' is " +
                                                  std::string{name_of(campaign.state)} +
                                                  "; it cannot become " + std::string{wanted});
}

void audit(const Desk& desk, std::string_view action, std::string_view name,
           std::string_view before, std::string_view after,
           base::Json detail = base::Json{base::Json::Object{}}) {
    db::append_audit(desk.connection, desk.audit_key,
                     {.actor = desk.actor,
                      .action = "campaign." + std::string{action},
                      .object = "campaign " + std::string{name},
                      .before_hash = std::string{before},
                      .after_hash = std::string{after},
                      .detail = std::move(detail)},
                     desk.now);
}

Notice notice_of_move(CampaignState to) {
    if (to == CampaignState::paused) return Notice::campaign_paused;
    return to == CampaignState::running ? Notice::campaign_resumed : Notice::campaign_cancelled;
}

// One of the moves between running, paused and cancelled.
base::Result<StoredCampaign> move(const Desk& desk, std::string_view name, CampaignState to,
                                  std::string_view action, std::string_view reason) {
    const auto campaign = require(desk, name);
    if (!campaign) return campaign;
    if (!may_become(campaign->state, to)) return wrong_state(*campaign, name_of(to));
    desk.connection.execute(db::queries::move_campaign,
                            {name_of(to), reason.empty() ? db::Value{} : db::Value{reason},
                             desk.now, campaign->id, name_of(campaign->state)});
    base::Json detail{base::Json::Object{}};
    detail.set("from", name_of(campaign->state));
    if (!reason.empty()) detail.set("reason", reason);
    if (to == CampaignState::cancelled) {
        forget_launch(desk, campaign->id);
        detail.set("messages_closed",
                   desk.connection.execute(db::queries::cancel_messages, {desk.now, campaign->id}));
        detail.set("messages_wanted_back",
                   desk.connection.execute(db::queries::ask_recalls_of_campaign,
                                           {desk.now, campaign->id}));
    }
    audit(desk, action, name, campaign->approved_hash, campaign->approved_hash, std::move(detail));
    tell_of_campaign(desk.connection, notice_of_move(to), campaign->id, desk.now);
    return require(desk, name);
}

base::Result<void> edit_campaign(const Desk& desk, const db::Applied& applied) {
    const auto known = find_campaign(desk.connection, applied.document.name);
    if (!known) {
        desk.connection.insert(db::queries::insert_campaign,
                               {applied.document.name, applied.document.id, desk.actor, desk.now});
        return {};
    }
    if (!may_edit(known->state))
        return base::fail(
            "campaign.not_editable",
            "campaign '" + known->name + "' is " + std::string{name_of(known->state)} +
                " and cannot be changed; apply the new definition under another name");
    forget_launch(desk, known->id);
    desk.connection.execute(db::queries::edit_campaign, {applied.document.id, desk.actor, desk.now,
                                                         known->id, name_of(known->state)});
    return {};
}

audience::SegmentContext context_of(db::Connection& connection, const Bundle& bundle) {
    audience::SegmentContext context;
    context.leap_days = bundle.parsed_policies.leap_day;
    context.as_of =
        base::LocalDate{std::chrono::year{2000}, std::chrono::January, std::chrono::day{1}};
    context.find_segment = [&bundle](std::string_view name) -> const audience::Segment* {
        const auto found = bundle.parsed_segments.find(std::string{name});
        return found == bundle.parsed_segments.end() ? nullptr : &found->second;
    };
    context.find_campaign = campaign_finder(connection);
    return context;
}

// A field that a template needs and clients lack refuses the campaign before it starts.
void check_values(db::Connection& connection, const Bundle& bundle,
                  const audience::SegmentContext& context,
                  const std::map<std::string, templates::CompiledTemplate>& compiled,
                  base::Problems& problems) {
    const auto missing = missing_fields(
        connection, {bundle, {}, context.as_of, {}, context.find_campaign}, compiled);
    if (!missing) {
        problems.push_back(missing.error());
        return;
    }
    for (const auto& one : *missing)
        problems.push_back({"template.field_missing",
                            std::to_string(one.clients) + " clients of segment " +
                                bundle.definition.segment + " have no " + one.field +
                                "; put it into a section of its own ({{#" + one.field + "}}...{{/" +
                                one.field + "}}) or narrow the segment",
                            "template " + one.template_name + " (" + one.locale + ")"});
}

}  // namespace

std::optional<StoredCampaign> find_campaign(db::Connection& connection, std::string_view name) {
    return connection.one<StoredCampaign>(db::queries::campaign_by_name, {name}, campaign_from);
}

std::optional<StoredCampaign> find_campaign(db::Connection& connection, base::CampaignId id) {
    return connection.one<StoredCampaign>(db::queries::campaign_by_id, {id}, campaign_from);
}

std::function<std::optional<std::int64_t>(std::string_view)> campaign_finder(
    db::Connection& connection) {
    return [&connection](std::string_view name) -> std::optional<std::int64_t> {
        if (const auto found = find_campaign(connection, name)) return found->id.value;
        return std::nullopt;
    };
}

std::vector<StoredCampaign> list_campaigns(db::Connection& connection) {
    return connection.list<StoredCampaign>(db::queries::campaigns_all, {}, campaign_from);
}

base::Result<db::Applied> apply(const Desk& desk, std::string_view kind, std::string_view name,
                                const base::Json& content) {
    if (kind == template_kind)
        if (const auto there = check_pictures(desk.connection, content.canonical()); !there)
            return base::fail(there.error());
    auto applied = db::apply_document(desk.connection, kind, name, content, desk.actor, desk.now);
    if (!applied.changed) return applied;
    if (kind == campaign_kind)
        if (const auto edited = edit_campaign(desk, applied); !edited)
            return base::fail(edited.error());
    if (kind == template_kind) note_pictures(desk.connection, applied.document);
    base::Json detail{base::Json::Object{}};
    detail.set("version", applied.document.version);
    db::append_audit(desk.connection, desk.audit_key,
                     {.actor = desk.actor,
                      .action = std::string{kind} + ".apply",
                      .object = std::string{kind} + " " + std::string{name},
                      .before_hash = applied.before_hash,
                      .after_hash = applied.document.hash,
                      .detail = std::move(detail)},
                     desk.now);
    return applied;
}

Bundle current_bundle(db::Connection& connection, const StoredCampaign& campaign,
                      base::Problems& problems) {
    const auto document = db::find_document(connection, campaign.document);
    return load_bundle(document.value(), newest(connection),
                       audience::load_attribute_types(connection), problems);
}

Bundle bound_bundle(db::Connection& connection, const StoredCampaign& campaign,
                    base::Problems& problems) {
    const auto document = db::find_document(connection, campaign.document);
    return load_bundle(document.value(), bound(connection, campaign.id),
                       audience::load_attribute_types(connection), problems);
}

std::optional<LastApproval> last_approval(db::Connection& connection, base::CampaignId campaign) {
    return connection.one<LastApproval>(
        db::queries::last_approval, {campaign}, [](const db::Row& row) {
            return LastApproval{row.get<base::DocumentId>(0), row.get<std::string>(1),
                                row.get<std::string>(2), row.get<base::Instant>(3)};
        });
}

void preflight(db::Connection& connection, const Bundle& bundle, base::Problems& problems) {
    const auto context = context_of(connection, bundle);
    for (const auto& [name, segment] : bundle.parsed_segments)
        if (const auto compiled = audience::compile(segment, context); !compiled)
            problems.push_back({compiled.error().code, compiled.error().detail,
                                "segment " + name + " " + compiled.error().place});
    const auto attributes = load_attribute_kinds(connection);
    std::map<std::string, templates::CompiledTemplate> compiled;
    for (const auto& [name, document] : bundle.templates)
        if (auto one = compile_template(document, attributes, problems))
            compiled.emplace(name, std::move(*one));
    if (problems.empty()) check_values(connection, bundle, context, compiled, problems);
}

Parsed<StoredCampaign> submit(const Desk& desk, std::string_view name) {
    const auto campaign = require(desk, name);
    if (!campaign) return tl::unexpected<base::Problems>{base::Problems{campaign.error()}};
    if (campaign->state != CampaignState::draft)
        return tl::unexpected<base::Problems>{
            base::Problems{wrong_state(*campaign, "submitted").value()}};
    base::Problems problems;
    const auto bundle = current_bundle(desk.connection, *campaign, problems);
    if (problems.empty()) preflight(desk.connection, bundle, problems);
    if (!problems.empty()) return tl::unexpected<base::Problems>{std::move(problems)};
    desk.connection.execute(db::queries::submit_campaign, {desk.actor, desk.now, campaign->id});
    audit(desk, "submit", name, bundle.hash(), bundle.hash());
    return find_campaign(desk.connection, name).value();
}

base::Result<StoredCampaign> approve(const Desk& desk, std::string_view name,
                                     std::string_view seen_hash) {
    const auto campaign = require(desk, name);
    if (!campaign) return campaign;
    if (campaign->state != CampaignState::submitted) return wrong_state(*campaign, "approved");
    base::Problems problems;
    const auto bundle = current_bundle(desk.connection, *campaign, problems);
    if (problems.empty()) preflight(desk.connection, bundle, problems);
    if (!problems.empty()) return base::fail(problems.front());
    const auto hash = bundle.hash();
    const auto allowed =
        may_approve(campaign->edited_by, desk.actor, seen_hash.empty() ? hash : seen_hash, hash);
    if (!allowed) return base::fail(allowed.error());
    desk.connection.execute(db::queries::unbind_documents, {campaign->id});
    for (const auto* document : bundle.documents())
        desk.connection.execute(db::queries::bind_document,
                                {campaign->id, document->kind, document->name, document->id});
    desk.connection.execute(db::queries::approve_campaign,
                            {desk.actor, hash, desk.now, campaign->id});
    desk.connection.execute(db::queries::forget_approval, {campaign->id});
    desk.connection.execute(db::queries::insert_approval,
                            {campaign->id, campaign->document, desk.actor, hash, desk.now});
    audit(desk, "approve", name, campaign->approved_hash, hash);
    return require(desk, name);
}

base::Result<StoredCampaign> may_start_now(const Desk& desk, std::string_view name) {
    const auto campaign = require(desk, name);
    if (!campaign) return campaign;
    if (campaign->state != CampaignState::approved) return wrong_state(*campaign, "running");
    base::Problems problems;
    const auto bundle = bound_bundle(desk.connection, *campaign, problems);
    if (!problems.empty()) return base::fail(problems.front());
    const auto allowed = may_start(campaign->approved_hash, bundle.hash());
    if (!allowed) return base::fail(allowed.error());
    return campaign;
}

base::Result<StoredCampaign> start(const Desk& desk, std::string_view name) {
    const auto campaign = may_start_now(desk, name);
    if (!campaign) return campaign;
    forget_launch(desk, campaign->id);
    desk.connection.execute(db::queries::start_campaign,
                            {desk.now, desk.now, desk.now, campaign->id});
    audit(desk, "start", name, campaign->approved_hash, campaign->approved_hash);
    tell_of_campaign(desk.connection, Notice::campaign_started, campaign->id, desk.now);
    return require(desk, name);
}

base::Result<StoredCampaign> pause(const Desk& desk, std::string_view name,
                                   std::string_view reason) {
    return move(desk, name, CampaignState::paused, "pause", reason);
}

base::Result<StoredCampaign> resume(const Desk& desk, std::string_view name) {
    const auto campaign = require(desk, name);
    if (!campaign) return campaign;
    if (campaign->state != CampaignState::paused) return wrong_state(*campaign, "running");
    return move(desk, name, CampaignState::running, "resume", "");
}

base::Result<StoredCampaign> cancel(const Desk& desk, std::string_view name,
                                    std::string_view reason) {
    return move(desk, name, CampaignState::cancelled, "cancel", reason);
}

}  // namespace carillon::campaigns
