#include "desk/segment_desk.h"

#include <algorithm>

#include "audience/client_scan.h"
#include "base/digest.h"
#include "base/local_date.h"
#include "campaigns/bundle.h"
#include "db/compose.h"
#include "db/queries.h"
#include "db/time_limit.h"
#include "desk/documents.h"
#include "desk/visible.h"

namespace carillon::desk {

namespace {

base::Result<base::LocalDate> day_asked(db::Connection& connection, const std::string& as_of,
                                        base::Instant now) {
    if (!as_of.empty()) return base::parse_date(as_of);
    return bank_zone(connection).date_at(now);
}

// One line for each rule, indented by its depth; leaves in the words of the module.
void describe(const audience::Rule& rule, int depth, std::vector<std::string>& lines) {
    const auto indented = [&](const std::string& text) {
        lines.push_back(std::string(static_cast<std::size_t>(depth) * 2, ' ') + text);
    };
    if (const auto* all = std::get_if<audience::AllRule>(&rule.node)) {
        indented("all of");
        for (const auto& one : all->rules) describe(one, depth + 1, lines);
    } else if (const auto* any = std::get_if<audience::AnyRule>(&rule.node)) {
        indented("any of");
        for (const auto& one : any->rules) describe(one, depth + 1, lines);
    } else if (const auto* negated = std::get_if<audience::NotRule>(&rule.node)) {
        indented("not");
        describe(*negated->rule, depth + 1, lines);
    } else {
        indented(audience::in_words(rule));
    }
}

// The question's segment: a stored one by name, or the draft in it.
base::Result<base::Json> segment_asked(db::Connection& connection, const base::Json& question) {
    if (const auto* draft = question.find("segment")) {
        auto segment = *draft;
        if (segment.object() != nullptr && segment.find("name") == nullptr)
            segment.set("name", "draft");
        return segment;
    }
    const auto* name = question.find("name");
    if (name == nullptr || name->text() == nullptr)
        return base::fail("segment.missing", "give the name of a segment or a draft", "$.name");
    const auto stored = db::find_document(connection, campaigns::segment_kind, *name->text());
    if (!stored)
        return base::fail("segment.unknown", "there is no segment '" + *name->text() + "'");
    return base::Json::parse(stored->content).value();
}

struct Question {
    std::string as_of{};
    std::string client{};
    std::vector<base::ChannelKind> channels{};
    base::Purpose purpose{base::Purpose::marketing};
    int size{20};
    bool random{};
};

Question read_question(const base::Json& json, base::Problems& problems) {
    base::ObjectReader reader{json, "$", problems};
    Question question;
    reader.any("name");
    reader.any("segment");
    question.as_of = reader.text("as_of");
    question.client = reader.text("client");
    question.size = static_cast<int>(reader.integer("size", 20, 1, 100));
    question.random = reader.boolean("random", false);
    for (const auto& name : reader.texts("channels")) {
        if (const auto channel = base::channel_kind_from(name))
            question.channels.push_back(*channel);
        else
            reader.problem("channels", "channel.unknown_kind", "'" + name + "' is no channel");
    }
    if (const auto purpose = reader.text("purpose"); !purpose.empty()) {
        if (const auto known = base::purpose_from(purpose))
            question.purpose = *known;
        else
            reader.problem("purpose", "purpose.unknown_kind", "'" + purpose + "' is no purpose");
    }
    reader.finish();
    return question;
}

// The question with its segment loaded and compiled.
struct Asked {
    Question question{};
    LoadedSegment loaded{};
    audience::CompiledSegment compiled{};
};

// Places of mistakes in a draft are those of the request's body.
base::Problems in_body(base::Problems problems, bool is_draft) {
    for (auto& one : problems)
        if (is_draft && one.place.starts_with('$') && !one.place.starts_with("$.segment"))
            one.place = "$.segment" + one.place.substr(1);
    return problems;
}

base::Problems ask(db::Connection& connection, const base::Json& json, base::Instant now,
                   Asked& asked) {
    base::Problems problems;
    asked.question = read_question(json, problems);
    if (!problems.empty()) return problems;
    const auto segment = segment_asked(connection, json);
    if (!segment) return {segment.error()};
    const bool is_draft = json.find("segment") != nullptr;
    problems = load_segment(connection, *segment, asked.question.as_of, now, asked.loaded);
    if (!problems.empty()) return in_body(std::move(problems), is_draft);
    auto compiled = audience::compile(asked.loaded.segment, asked.loaded.context);
    if (!compiled) return in_body({compiled.error()}, is_draft);
    asked.compiled = std::move(*compiled);
    return {};
}

tl::unexpected<base::Problems> too_slow() {
    return refuse("segment.too_slow",
                  "this segment takes too long to count while you wait; narrow it down");
}

base::Json::Array names_of(const std::vector<db::Document>& documents) {
    base::Json::Array names;
    for (const auto& document : documents) names.emplace_back(document.name);
    return names;
}

base::Json field_json(std::string_view name, audience::FieldType type, bool nullable,
                      std::span<const std::string_view> choices) {
    base::Json json{
        base::Json::Object{{"name", name}, {"type", name_of(type)}, {"nullable", nullable}}};
    if (!choices.empty()) json.set("choices", base::Json::Array{choices.begin(), choices.end()});
    return json;
}

base::Json operators_by_type() {
    using enum audience::FieldType;
    base::Json json{base::Json::Object{}};
    for (const auto type : {text, folded, choice, age, days, money, number, date, instant, flag}) {
        base::Json::Array names;
        for (const auto op : audience::operators_of(type)) names.emplace_back(name_of(op));
        json.set(std::string{name_of(type)}, std::move(names));
    }
    return json;
}

}  // namespace

base::Problems load_segment(db::Connection& connection, const base::Json& json,
                            const std::string& as_of, base::Instant now, LoadedSegment& loaded) {
    const auto types = audience::load_attribute_types(connection);
    auto parsed = audience::parse_segment(json, types);
    if (!parsed) return parsed.error();
    loaded.segment = std::move(*parsed);
    const auto day = day_asked(connection, as_of, now);
    if (!day) return {{day.error().code, day.error().detail, "as_of"}};
    loaded.context.as_of = *day;
    loaded.context.find_segment = [&connection, &loaded,
                                   types](std::string_view name) -> const audience::Segment* {
        for (const auto& member : loaded.members)
            if (member.name == name) return &member;
        const auto stored = db::find_document(connection, campaigns::segment_kind, name);
        if (!stored) return nullptr;
        auto member = audience::parse_segment(base::Json::parse(stored->content).value(), types);
        if (!member) return nullptr;
        loaded.members.push_back(std::move(*member));
        return &loaded.members.back();
    };
    loaded.context.find_campaign = campaigns::campaign_finder(connection);
    return {};
}

base::Result<ExplainedSegment> explain_segment(db::Connection& connection,
                                               const LoadedSegment& loaded,
                                               const std::string& client) {
    const auto profile = audience::load_client(connection, client);
    if (!profile)
        return base::fail("client.unknown",
                          "there is no client with the external id '" + client + "'");
    std::list<audience::ClientProfile> related;
    const audience::EvaluationContext context{
        loaded.context, [&](base::ClientId other) -> const audience::ClientProfile* {
            auto found = audience::load_client(connection, other);
            if (!found) return nullptr;
            related.push_back(std::move(*found));
            return &related.back();
        }};
    const auto inside = audience::matches(loaded.segment, *profile, context);
    if (!inside) return base::fail(inside.error());
    auto explained = audience::explain(loaded.segment, *profile, context);
    if (!explained) return base::fail(explained.error());
    return ExplainedSegment{*inside, std::move(*explained)};
}

Answer get_segment(Office& office, const Caller& caller, const std::string& name) {
    auto lease = office.read(caller, Right::segments_see);
    const auto facts = find_with_facts(*lease, campaigns::segment_kind, name);
    if (!facts) return refuse("segment.unknown", "there is no segment '" + name + "'");
    const auto content = base::Json::parse(facts->document.content).value();
    base::Json json{base::Json::Object{}};
    add_facts(json, *facts);
    const auto* title = content.find("title");
    json.set("title", title == nullptr ? base::Json{""} : *title);
    std::vector<std::string> lines;
    if (const auto parsed =
            audience::parse_segment(content, audience::load_attribute_types(*lease)))
        describe(parsed->rule, 0, lines);
    json.set("content", content);
    json.set("in_words", base::Json::Array{lines.begin(), lines.end()});
    const auto used = Uses{*lease}.of(campaigns::segment_kind, name);
    json.set("used_by", base::Json::Array{used.begin(), used.end()});
    json.set("etag", etag_of(facts->document));
    return json;
}

Answer delete_segment(Office& office, const Caller& caller, const std::string& name,
                      const Edit& edit) {
    return office.act(caller, Right::segments_edit, [&](const campaigns::Desk& desk) -> Answer {
        const auto current = db::find_document(desk.connection, campaigns::segment_kind, name);
        if (!current) return refuse("segment.unknown", "there is no segment '" + name + "'");
        if (const auto fits = check_edit(edit, etag_of(*current)); !fits)
            return refuse(fits.error());
        const auto used = Uses{desk.connection}.of(campaigns::segment_kind, name);
        if (!used.empty())
            return refuse("segment.in_use", used.front() + " stands on this segment");
        const auto bound = desk.connection.value<std::int64_t>(db::queries::desk_bound_document,
                                                               {campaigns::segment_kind, name});
        if (bound.value_or(0) > 0)
            return refuse("segment.in_use",
                          "a campaign was approved with it; what was sent must stay explainable");
        desk.connection.execute(db::queries::desk_delete_documents,
                                {campaigns::segment_kind, name});
        db::append_audit(desk.connection, desk.audit_key,
                         {.actor = desk.actor,
                          .action = "segment.delete",
                          .object = "segment " + name,
                          .before_hash = current->hash},
                         desk.now);
        return base::Json{base::Json::Object{}};
    });
}

Answer segment_catalogue(Office& office, const Caller& caller) {
    auto lease = office.read(caller, Right::segments_see);
    base::Json::Array client;
    for (const auto& field : audience::client_fields())
        client.push_back(field_json(field.name, field.type, field.nullable, field.choices));
    for (const auto& [name, type] : audience::load_attribute_types(*lease))
        client.push_back(field_json("attributes." + name, audience::field_type_of(type), true, {}));
    base::Json::Array contract;
    for (const auto& field : audience::contract_fields())
        contract.push_back(field_json(field.name, field.type, field.nullable, field.choices));
    const auto kinds = audience::contract_kinds();
    const auto relations = audience::relation_kinds();
    base::Json::Array campaigns;
    for (const auto& one : campaigns::list_campaigns(*lease)) campaigns.emplace_back(one.name);
    return base::Json{base::Json::Object{
        {"client", std::move(client)},
        {"contract", std::move(contract)},
        {"operators", operators_by_type()},
        {"contract_kinds", base::Json::Array{kinds.begin(), kinds.end()}},
        {"relation_kinds", base::Json::Array{relations.begin(), relations.end()}},
        {"segments", names_of(db::newest_documents(*lease, campaigns::segment_kind))},
        {"campaigns", std::move(campaigns)}}};
}

Answer count_segment(Office& office, const Caller& caller, const base::Json& json) {
    auto& database = office.database(caller, Right::segments_count);
    Asked asked;
    if (auto problems = ask(*database.read(), json, office.now(), asked); !problems.empty())
        return refuse(std::move(problems));
    const auto started = base::steady_now();
    const db::Patience patience{office.settings().count_limit, caller.is_gone};
    try {
        base::Json::Array channels;
        std::int64_t matched = -1;
        for (const auto channel : asked.question.channels) {
            const auto found = audience::waterfall(database, asked.compiled, channel,
                                                   asked.question.purpose, patience);
            matched = found.matched;
            base::Json left_out{base::Json::Object{}};
            for (std::size_t i = 0; i < found.left_out.size(); ++i)
                left_out.set(std::string{audience::eligibility_reasons[i]}, found.left_out[i]);
            channels.push_back(base::Json::Object{{"channel", name_of(channel)},
                                                  {"matched", found.matched},
                                                  {"left_out", std::move(left_out)},
                                                  {"reachable", found.eligible},
                                                  {"zone_unknown", found.unknown_time_zone}});
        }
        if (matched < 0) matched = audience::count(database, asked.compiled, patience);
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(base::steady_now() - started);
        return base::Json{base::Json::Object{{"matched", matched},
                                             {"as_of", base::to_text(asked.loaded.context.as_of)},
                                             {"milliseconds", std::int64_t{took.count()}},
                                             {"channels", std::move(channels)}}};
    } catch (const db::TooSlow&) {
        return too_slow();
    }
}

Answer sample_segment(Office& office, const Caller& caller, const base::Json& json) {
    auto lease = office.read(caller, Right::clients_see);
    access::require(caller, Right::segments_see);
    Asked asked;
    if (auto problems = ask(*lease, json, office.now(), asked); !problems.empty())
        return refuse(std::move(problems));
    const auto branches = branches_in_sql(caller);
    db::Params params{branches, branches};
    if (asked.question.random) params.emplace_back(base::random_id() % base::Draw::prime);
    params.emplace_back(asked.question.size);
    const auto composed = db::compose(
        asked.question.random ? db::queries::desk_segment_sample_mixed
                              : db::queries::desk_segment_sample,
        lease->engine(), params, {{"predicate", asked.compiled.predicate, asked.compiled.params}});
    const db::TimeLimit limit{*lease, office.settings().count_limit, caller.is_gone};
    try {
        const auto ids =
            lease->list<std::int64_t>(composed.query, composed.params,
                                      [](const db::Row& row) { return row.get<std::int64_t>(0); });
        return base::Json{base::Json::Object{{"items", client_lines(*lease, caller, ids)}}};
    } catch (const db::TooSlow&) {
        return too_slow();
    }
}

Answer explain_segment(Office& office, const Caller& caller, const base::Json& json) {
    auto lease = office.read(caller, Right::clients_see);
    Asked asked;
    if (auto problems = ask(*lease, json, office.now(), asked); !problems.empty())
        return refuse(std::move(problems));
    const auto& client = asked.question.client;
    if (const auto visible = visible_client(*lease, caller, client); !visible)
        return refuse(visible.error());
    const auto explained = explain_segment(*lease, asked.loaded, client);
    if (!explained) return refuse(explained.error());
    base::Json::Array rules;
    for (const auto& one : explained->rules)
        rules.push_back(base::Json::Object{
            {"depth", one.depth}, {"rule", one.rule}, {"holds", one.holds}, {"found", one.found}});
    return base::Json{base::Json::Object{{"client", client},
                                         {"matches", explained->matches},
                                         {"as_of", base::to_text(asked.loaded.context.as_of)},
                                         {"rules", std::move(rules)}}};
}

}  // namespace carillon::desk
