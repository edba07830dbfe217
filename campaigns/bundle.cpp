#include "campaigns/bundle.h"

#include "base/digest.h"
#include "campaigns/link_tracking.h"
#include "channels/provider_group.h"
#include "channels/quoted_printable.h"
#include "db/queries.h"

namespace carillon::campaigns {

namespace {

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

// Names of the segments a rule mentions.
void mentioned(const audience::Rule& rule, std::vector<std::string>& names) {
    std::visit(
        overloaded{[&](const audience::AllRule& all) {
                       for (const auto& one : all.rules) mentioned(one, names);
                   },
                   [&](const audience::AnyRule& any) {
                       for (const auto& one : any.rules) mentioned(one, names);
                   },
                   [&](const audience::NotRule& negated) { mentioned(*negated.rule, names); },
                   [&](const audience::MemberRule& member) { names.push_back(member.segment); },
                   [&](const audience::RelationRule& relation) {
                       if (!relation.segment.empty()) names.push_back(relation.segment);
                   },
                   [](const auto&) {}},
        rule.node);
}

class Loader {
public:
    Loader(Bundle& bundle, const DocumentSource& source, const audience::AttributeTypes& attributes,
           base::Problems& problems)
        : bundle_(bundle), source_(source), attributes_(attributes), problems_(problems) {}

    void load() {
        const auto& definition = bundle_.definition;
        add_segment(definition.segment, "$.segment");
        for (const auto& name : definition.exclude) add_segment(name, "$.exclude");
        for (std::size_t i = 0; i < definition.steps.size(); ++i)
            add_step(definition.steps[i], "$.steps[" + std::to_string(i) + "]");
        for (const auto& variant : definition.variants)
            for (const auto& replacement : variant.templates)
                add(template_kind, replacement.template_name, "$.variants", bundle_.templates);
        load_policies();
        load_calendars();
    }

private:
    bool add(std::string_view kind, const std::string& name, const std::string& place,
             std::map<std::string, db::Document>& into) {
        if (into.contains(name)) return false;
        const auto found = source_.find(kind, name);
        if (!found) {
            problems_.push_back(
                {"campaign.unknown_" + std::string{kind},
                 "there is no " + std::string{kind} + " '" + name + "'; apply it first", place});
            return false;
        }
        into.emplace(name, *found);
        return true;
    }

    void add_step(const Step& step, const std::string& place) {
        for (const auto& route : step.routes) {
            add(template_kind, route.template_name, place + ".template", bundle_.templates);
            add_channel(account_of(route), place + ".account");
        }
    }

    // A group brings its providers: an approval binds their settings, too.
    void add_channel(const std::string& name, const std::string& place) {
        if (!add(channel_kind, name, place, bundle_.channels)) return;
        const auto json = base::Json::parse(bundle_.channels.at(name).content, name);
        if (!json || !channels::is_provider_group(*json)) return;
        const auto group = channels::parse_provider_group(*json);
        if (!group) {
            for (const auto& problem : group.error())
                problems_.push_back(
                    {problem.code, problem.detail, "channel " + name + " " + problem.place});
            return;
        }
        for (std::size_t i = 0; i < group->providers.size(); ++i) {
            const auto& account = group->providers[i].account;
            const auto where =
                "channel " + name + " $.providers[" + std::to_string(i) + "].account";
            add(channel_kind, account, where, bundle_.channels);
            if (const auto found = bundle_.channels.find(account); found != bundle_.channels.end())
                check_provider(*group, found->second, where);
        }
    }

    void check_provider(const channels::ProviderGroup& group, const db::Document& account,
                        const std::string& where) {
        const auto json = base::Json::parse(account.content, account.name);
        if (!json) return;
        if (channels::is_provider_group(*json))
            problems_.push_back({"channel.provider_is_group",
                                 "'" + account.name + "' is a group itself; name its providers",
                                 where});
        const auto* kind = json->find("kind");
        if (kind != nullptr && kind->text() != nullptr && *kind->text() != name_of(group.kind))
            problems_.push_back({"channel.provider_kind",
                                 "'" + account.name + "' is of kind " + *kind->text() +
                                     ", the group of kind " + std::string{name_of(group.kind)},
                                 where});
    }

    void add_segment(const std::string& name, const std::string& place) {
        if (!add(segment_kind, name, place, bundle_.segments)) return;
        const auto json = base::Json::parse(bundle_.segments.at(name).content, name);
        const auto parsed = json ? audience::parse_segment(*json, attributes_)
                                 : tl::unexpected<base::Problems>{base::Problems{json.error()}};
        if (!parsed) {
            for (const auto& problem : parsed.error())
                problems_.push_back(
                    {problem.code, problem.detail, "segment " + name + " " + problem.place});
            return;
        }
        std::vector<std::string> members;
        mentioned(parsed->rule, members);
        bundle_.parsed_segments.emplace(name, *parsed);
        for (const auto& member : members) add_segment(member, "segment " + name);
    }

    void load_policies() {
        const auto found = source_.find(policies_kind, policies_name);
        if (!found) {
            problems_.push_back(
                {"campaign.no_policies", "no policies are in force; run carillon migrate", {}});
            return;
        }
        bundle_.policies = *found;
        const auto json = base::Json::parse(found->content, "policies");
        auto parsed = json ? parse_policies(*json)
                           : tl::unexpected<base::Problems>{base::Problems{json.error()}};
        if (!parsed) {
            problems_.insert(problems_.end(), parsed.error().begin(), parsed.error().end());
            return;
        }
        bundle_.parsed_policies = std::move(*parsed);
        const auto mistakes = check_against(bundle_.definition, bundle_.parsed_policies);
        problems_.insert(problems_.end(), mistakes.begin(), mistakes.end());
    }

    void load_calendars() {
        bundle_.calendars = source_.all(calendar_kind);
        for (const auto& document : bundle_.calendars) {
            const auto json = base::Json::parse(document.content, document.name);
            if (!json) continue;  // applied documents parse; a broken database is told by `doctor`
            if (auto year = parse_calendar_year(*json)) bundle_.calendar.add(std::move(*year));
        }
    }

    Bundle& bundle_;
    const DocumentSource& source_;
    const audience::AttributeTypes& attributes_;
    base::Problems& problems_;
};

}  // namespace

std::vector<const db::Document*> Bundle::documents() const {
    std::vector<const db::Document*> all;
    for (const auto* group : {&segments, &templates, &channels})
        for (const auto& [name, document] : *group) all.push_back(&document);
    all.push_back(&policies);
    for (const auto& document : calendars) all.push_back(&document);
    return all;
}

std::string Bundle::hash() const {
    std::string lines = campaign.hash + "\n";
    for (const auto* document : documents())
        lines += document->kind + " " + document->name + " " + document->hash + "\n";
    return base::sha256_hex(lines);
}

DocumentSource newest(db::Connection& connection) {
    return {
        [&connection](std::string_view kind, std::string_view name) {
            return db::find_document(connection, kind, name);
        },
        [&connection](std::string_view kind) { return db::newest_documents(connection, kind); }};
}

DocumentSource bound(db::Connection& connection, base::CampaignId campaign) {
    auto documents = std::make_shared<std::vector<db::Document>>();
    const auto ids = connection.list<base::DocumentId>(
        db::queries::campaign_bindings_of, {campaign},
        [](const db::Row& row) { return row.get<base::DocumentId>(0); });
    for (const auto id : ids)
        if (auto document = db::find_document(connection, id))
            documents->push_back(std::move(*document));
    return {
        [documents](std::string_view kind, std::string_view name) -> std::optional<db::Document> {
            for (const auto& document : *documents)
                if (document.kind == kind && document.name == name) return document;
            return std::nullopt;
        },
        [documents](std::string_view kind) {
            std::vector<db::Document> found;
            for (const auto& document : *documents)
                if (document.kind == kind) found.push_back(document);
            return found;
        }};
}

Bundle load_bundle(const db::Document& campaign, const DocumentSource& source,
                   const audience::AttributeTypes& attributes, base::Problems& problems) {
    Bundle bundle;
    bundle.campaign = campaign;
    const auto parsed = parse_definition(campaign.content, campaign.name);
    if (!parsed) {
        problems.insert(problems.end(), parsed.error().begin(), parsed.error().end());
        return bundle;
    }
    bundle.definition = *parsed;
    Loader{bundle, source, attributes, problems}.load();
    return bundle;
}

std::string account_of(const Route& route) {
    return route.account.empty() ? std::string{name_of(route.channel)} : route.account;
}

const std::string& template_of(const Definition& definition, const Step& step, const Route& route,
                               int variant) {
    const auto index = static_cast<std::size_t>(variant);
    if (index >= definition.variants.size()) return route.template_name;
    const bool is_first = route.channel == step.routes.front().channel;
    const auto full_name = step.name + "/" + std::string{name_of(route.channel)};
    for (const auto& replacement : definition.variants[index].templates)
        if (replacement.step == full_name || (is_first && replacement.step == step.name))
            return replacement.template_name;
    return route.template_name;
}

std::optional<templates::CompiledTemplate> compile_template(const db::Document& document,
                                                            const AttributeKinds& attributes,
                                                            base::Problems& problems,
                                                            const std::string& tracking_url) {
    const auto json = base::Json::parse(document.content, document.name);
    if (!json) {
        problems.push_back(json.error());
        return std::nullopt;
    }
    const auto before = problems.size();
    auto parsed = templates::read_document(*json, templates::no_files(), problems);
    if (problems.size() > before) return std::nullopt;
    if (!tracking_url.empty()) track_links(parsed, document.id, tracking_url);
    templates::CompileOptions options;
    if (parsed.channel == base::ChannelKind::email)
        options.encode_literal = [](std::string_view text) {
            return channels::quoted_printable_literal(text);
        };
    auto compiled = templates::compile(parsed, merge_catalog(attributes), options);
    if (compiled) return std::move(*compiled);
    for (auto& problem : templates::check(parsed, merge_catalog(attributes), options)) {
        problem.place = "template " + document.name + " " + problem.place;
        problems.push_back(std::move(problem));
    }
    return std::nullopt;
}

}  // namespace carillon::campaigns
