#include "desk/documents.h"

#include "audience/store.h"
#include "base/local_date.h"
#include "base/text.h"
#include "campaigns/bundle.h"
#include "db/queries.h"

namespace carillon::desk {

namespace {

std::string name_in(const base::Json& from) {
    const auto* name = from.find("name");
    return name != nullptr && name->text() != nullptr ? *name->text() : std::string{};
}

void add(base::Problems& problems, const base::Problems& more) {
    problems.insert(problems.end(), more.begin(), more.end());
}

CheckedDocument check_template(db::Connection& connection, const base::Json& json,
                               const templates::FileReader& read_file, base::Problems& problems) {
    const auto document = templates::read_document(json, read_file, problems);
    if (!problems.empty()) return {};
    const db::Document stored{.name = document.name, .content = document.to_json().canonical()};
    campaigns::compile_template(stored, campaigns::load_attribute_kinds(connection), problems);
    return {document.name, document.to_json()};
}

// Names of segments that a rule stands on, wherever they are in it.
void members_in(const base::Json& rule, std::vector<std::string>& names) {
    if (const auto* list = rule.array())
        for (const auto& one : *list) members_in(one, names);
    if (rule.object() == nullptr) return;
    for (const auto& [key, value] : *rule.object()) {
        if (key == "segment" && value.text() != nullptr)
            names.push_back(*value.text());
        else
            members_in(value, names);
    }
}

DocumentFacts facts_from(const db::Row& row, std::string_view kind, const std::string& name) {
    return {{row.get<base::DocumentId>(0), std::string{kind}, name, row.get<int>(1),
             row.get<std::string>(2), row.get<std::string>(3), row.get<std::string>(4)},
            row.get<base::Instant>(5)};
}

std::string title_in(const base::Json& content, std::string_view kind) {
    const auto* title = content.find(kind == campaigns::template_kind ? "description" : "title");
    return title != nullptr && title->text() != nullptr ? *title->text() : std::string{};
}

bool fits(const std::string& part, const std::string& name, const std::string& title) {
    if (part.empty()) return true;
    const auto folded = base::fold_case(part);
    return base::fold_case(name).find(folded) != std::string::npos ||
           base::fold_case(title).find(folded) != std::string::npos;
}

base::Json line_of(const DocumentFacts& facts, const base::Json& content, const Uses& uses) {
    const auto& document = facts.document;
    base::Json line{base::Json::Object{}};
    line.set("name", document.name);
    line.set("title", title_in(content, document.kind));
    add_facts(line, facts);
    if (document.kind == campaigns::template_kind) {
        if (const auto* channel = content.find("channel")) line.set("channel", *channel);
        base::Json::Array locales;
        if (const auto* all = content.find("locales"); all != nullptr && all->object() != nullptr)
            for (const auto& [locale, parts] : *all->object()) locales.emplace_back(locale);
        line.set("locales", std::move(locales));
    }
    const auto used = uses.of(document.kind, document.name);
    line.set("used_by", base::Json::Array{used.begin(), used.end()});
    return line;
}

}  // namespace

CheckedDocument check_document(db::Connection& connection, std::string_view kind,
                               const base::Json& json, const std::string& data_folder,
                               const templates::FileReader& read_file, base::Problems& problems) {
    if (kind == campaigns::segment_kind) {
        const auto segment =
            audience::parse_segment(json, audience::load_attribute_types(connection));
        if (!segment) add(problems, segment.error());
        return {name_in(json), json};
    }
    if (kind == campaigns::template_kind)
        return check_template(connection, json, read_file, problems);
    if (kind == campaigns::channel_kind) {
        const auto settings = channels::parse_channel(json, data_folder);
        if (!settings) add(problems, settings.error());
        return {name_in(json), json};
    }
    if (kind == campaigns::policies_kind) {
        const auto policies = campaigns::parse_policies(json);
        if (!policies) add(problems, policies.error());
        return {std::string{campaigns::policies_name},
                policies ? campaigns::to_json(*policies) : json};
    }
    if (kind == campaigns::calendar_kind) {
        const auto year = campaigns::parse_calendar_year(json);
        if (!year) add(problems, year.error());
        return {year ? year->country + "-" + std::to_string(year->year) : std::string{}, json};
    }
    const auto definition = campaigns::parse_definition(json);
    if (!definition) add(problems, definition.error());
    return {definition ? definition->name : std::string{},
            definition ? campaigns::to_json(*definition) : json};
}

std::string etag_of(const db::Document& document) {
    return "\"" + document.hash.substr(0, 32) + "\"";
}

Uses::Uses(db::Connection& connection) {
    for (const auto& campaign : campaigns::list_campaigns(connection)) {
        if (campaigns::is_final(campaign.state)) continue;
        const auto document = db::find_document(connection, campaign.document);
        const auto definition = campaigns::parse_definition(document->content, campaign.name);
        if (!definition) continue;
        const auto user = "campaign " + campaign.name;
        const auto take = [&](std::string_view kind, const std::string& name) {
            auto& list = users_[{std::string{kind}, name}];
            if (list.empty() || list.back() != user) list.push_back(user);
        };
        take(campaigns::segment_kind, definition->segment);
        for (const auto& excluded : definition->exclude) take(campaigns::segment_kind, excluded);
        for (const auto& step : definition->steps)
            for (const auto& route : step.routes)
                take(campaigns::template_kind, route.template_name);
        for (const auto& variant : definition->variants)
            for (const auto& replaced : variant.templates)
                take(campaigns::template_kind, replaced.template_name);
    }
    for (const auto& document : db::newest_documents(connection, campaigns::segment_kind)) {
        const auto content = base::Json::parse(document.content);
        const auto* rule = content ? content->find("rule") : nullptr;
        if (rule == nullptr) continue;
        std::vector<std::string> names;
        members_in(*rule, names);
        for (const auto& name : names)
            users_[{std::string{campaigns::segment_kind}, name}].push_back("segment " +
                                                                           document.name);
    }
}

std::vector<std::string> Uses::of(std::string_view kind, const std::string& name) const {
    const auto found = users_.find({std::string{kind}, name});
    return found == users_.end() ? std::vector<std::string>{} : found->second;
}

Answer list_documents(Office& office, const Caller& caller, Right right, std::string_view kind,
                      const PageQuery& query, const std::string& part) {
    auto lease = office.read(caller, right);
    const Uses uses{*lease};
    base::Json::Array items;
    auto after = query.after;
    const auto wanted = static_cast<std::size_t>(query.limit) + 1;
    while (items.size() < wanted) {
        constexpr int slice = 200;
        auto found = lease->list<DocumentFacts>(
            db::queries::desk_documents_after, {kind, after, slice}, [&](const db::Row& row) {
                return DocumentFacts{
                    {row.get<base::DocumentId>(0), std::string{kind}, row.get<std::string>(1),
                     row.get<int>(2), row.get<std::string>(3), row.get<std::string>(4),
                     row.get<std::string>(5)},
                    row.get<base::Instant>(6)};
            });
        for (const auto& facts : found) {
            const auto content = base::Json::parse(facts.document.content).value();
            if (items.size() < wanted && fits(part, facts.document.name, title_in(content, kind)))
                items.push_back(line_of(facts, content, uses));
        }
        if (found.size() < slice) break;
        after = found.back().document.name;
    }
    return page_of(std::move(items), query,
                   [](const base::Json& line) { return *line.find("name")->text(); });
}

std::optional<DocumentFacts> find_with_facts(db::Connection& connection, std::string_view kind,
                                             const std::string& name) {
    return connection.one<DocumentFacts>(
        db::queries::desk_document, {kind, name},
        [&](const db::Row& row) { return facts_from(row, kind, name); });
}

std::optional<DocumentFacts> find_version(db::Connection& connection, std::string_view kind,
                                          const std::string& name, int version) {
    return connection.one<DocumentFacts>(
        db::queries::desk_document_version, {kind, name, version},
        [&](const db::Row& row) { return facts_from(row, kind, name); });
}

void add_facts(base::Json& json, const DocumentFacts& facts) {
    json.set("name", facts.document.name);
    json.set("version", facts.document.version);
    json.set("hash", facts.document.hash);
    json.set("created_by", facts.document.created_by);
    json.set("created_at", base::to_text(facts.created_at));
}

Answer put_document(Office& office, const Caller& caller, Right right, std::string_view kind,
                    const std::string& name, const base::Json& content, const Edit& edit) {
    base::Problems problems;
    CheckedDocument checked;
    {
        auto lease = office.read(caller, right);
        checked = check_document(*lease, kind, content, office.workshop().data_folder,
                                 templates::no_files(), problems);
    }
    if (problems.empty() && checked.name != name)
        problems.push_back({"document.name",
                            "is '" + checked.name + "' and not '" + name + "' as in the path",
                            "$.name"});
    if (problems.empty() && (name == "fields"))
        problems.push_back({"document.name", "this name is taken by the program", "$.name"});
    if (!problems.empty()) return refuse(std::move(problems));
    return office.act(caller, right, [&](const campaigns::Desk& desk) -> Answer {
        const auto current = db::find_document(desk.connection, kind, name);
        if (const auto fits = check_edit(edit, current ? etag_of(*current) : std::string{}); !fits)
            return refuse(fits.error());
        const auto applied = campaigns::apply(desk, kind, name, checked.content);
        if (!applied) return refuse(applied.error());
        return base::Json::Object{{"name", name},
                                  {"version", applied->document.version},
                                  {"etag", etag_of(applied->document)}};
    });
}

}  // namespace carillon::desk
