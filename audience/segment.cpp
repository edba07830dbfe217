#include "audience/segment.h"

#include <algorithm>
#include <cmath>

#include "audience/segment_parser.h"
#include "base/digest.h"
#include "base/text.h"

namespace carillon::audience {

namespace {

using base::Json;
using base::ObjectReader;

constexpr std::array<std::string_view, 14> rule_keys{
    "all",     "any",      "not",       "field",   "anniversary", "contract", "contact",
    "consent", "received", "responded", "segment", "random",      "relation", "op"};

// income has no currency column: it is kept in the bank's own currency, two decimals.
constexpr std::string_view income_currency = "RUB";

template <class Names>
std::vector<std::string_view> names_of(const Names& values) {
    std::vector<std::string_view> names;
    for (const auto value : values) names.push_back(name_of(value));
    return names;
}

class SegmentParser {
public:
    SegmentParser(const AttributeTypes& attributes, base::Problems& problems)
        : attributes_(attributes), problems_(problems) {}

    Rule rule(const Json& json, const std::string& path, int depth);

private:
    void wrong(const std::string& path, std::string code, std::string detail) {
        problems_.push_back({std::move(code), std::move(detail), path});
    }
    std::vector<Rule> rules(ObjectReader& reader, std::string_view key, int depth);
    Rule only_key(ObjectReader& reader, std::string_view key, int depth);
    Rule anniversary(const Json& json, const std::string& path);
    Rule contract(const Json& json, const std::string& path);
    CountTest count(const Json& json, const std::string& path);
    SumTest sum(const Json& json, const std::string& path, const ComparisonParser& values);
    Rule contact(const Json& json, const std::string& path);
    Rule consent(const Json& json, const std::string& path);
    Rule behaviour(const Json& json, const std::string& path, Behaviour what);
    Rule random(const Json& json, const std::string& path);
    Rule relation(const Json& json, const std::string& path);
    std::string name(ObjectReader& reader, std::string_view key);
    bool fits(const std::string& path, int depth);

    const AttributeTypes& attributes_;
    base::Problems& problems_;
    int nodes_{0};
    bool too_large_{false};
};

bool SegmentParser::fits(const std::string& path, int depth) {
    const bool deep = depth > SegmentLimits::depth_max;
    if (!deep && ++nodes_ <= SegmentLimits::nodes_max) return true;
    if (!too_large_)
        wrong(path, "segment.limit",
              deep ? "rules are nested deeper than " + std::to_string(SegmentLimits::depth_max)
                   : "there are more than " + std::to_string(SegmentLimits::nodes_max) + " rules");
    too_large_ = true;
    return false;
}

std::string SegmentParser::name(ObjectReader& reader, std::string_view key) {
    auto text = reader.required_text(key);
    if (is_segment_text(text) && text.size() <= 100) return text;
    reader.problem(key, "segment.value", "expected a printable name of at most 100 bytes");
    return {};
}

std::vector<Rule> SegmentParser::rules(ObjectReader& reader, std::string_view key, int depth) {
    std::vector<Rule> found;
    const auto* list = reader.list(key);
    if (list == nullptr) return found;
    for (std::size_t i = 0; i < list->size() && !too_large_; ++i)
        found.push_back(
            rule((*list)[i], reader.path_of(key) + "[" + std::to_string(i) + "]", depth + 1));
    return found;
}

Rule SegmentParser::only_key(ObjectReader& reader, std::string_view key, int depth) {
    const auto path = reader.path_of(key);
    if (key == "all") return {AllRule{rules(reader, key, depth)}};
    if (key == "any") return {AnyRule{rules(reader, key, depth)}};
    if (key == "segment") return {MemberRule{name(reader, key)}};
    const auto& json = *reader.any(key);
    if (key == "not") return {NotRule{std::make_shared<Rule>(rule(json, path, depth + 1))}};
    if (key == "anniversary") return anniversary(json, path);
    if (key == "contract") return contract(json, path);
    if (key == "contact") return contact(json, path);
    if (key == "consent") return consent(json, path);
    if (key == "received") return behaviour(json, path, Behaviour::received);
    if (key == "responded") return behaviour(json, path, Behaviour::responded);
    if (key == "random") return random(json, path);
    return relation(json, path);
}

Rule SegmentParser::rule(const Json& json, const std::string& path, int depth) {
    if (!fits(path, depth)) return {};
    ObjectReader reader{json, path, problems_};
    if (json.object() == nullptr) return {};
    if (json.find("field") != nullptr || json.find("op") != nullptr) {
        const ComparisonParser parser{client_fields(), &attributes_, std::string{income_currency},
                                      problems_};
        Rule found{parser.parse(reader)};
        reader.finish();
        return found;
    }
    for (const auto key : rule_keys) {
        if (json.find(key) == nullptr) continue;
        auto found = only_key(reader, key, depth);
        reader.finish();
        return found;
    }
    const auto& members = *json.object();
    const auto close =
        members.empty() ? std::string{} : base::nearest(members.front().first, rule_keys);
    wrong(
        path, "segment.rule",
        "expected one of all, any, not, field, anniversary, contract, contact, consent, received, "
        "responded, segment, random, relation" +
            (close.empty() ? std::string{} : " (did you mean " + close + "?)"));
    return {};
}

Rule SegmentParser::anniversary(const Json& json, const std::string& path) {
    ObjectReader reader{json, path, problems_};
    reader.choice("field", {"birth_date"}, 0);
    AnniversaryRule found;
    const auto* days = reader.any("in_days");
    const auto days_path = reader.path_of("in_days");
    const auto add = [&](const Json& value) {
        const auto* day = value.integer();
        if (day == nullptr || *day < 0 || *day > 366)
            wrong(days_path, "segment.value", "expected days of 0 to 366");
        else
            found.in_days.push_back(static_cast<int>(*day));
    };
    if (days == nullptr) {
        found.in_days.push_back(0);
    } else if (const auto* list = days->array(); list != nullptr && list->size() <= 367) {
        std::ranges::for_each(*list, add);
    } else if (days->object() != nullptr) {
        ObjectReader range{*days, days_path, problems_};
        const auto from = range.required_integer("from", 0, 366);
        const auto to = range.required_integer("to", 0, 366);
        range.finish();
        for (auto day = from; day <= to; ++day) found.in_days.push_back(static_cast<int>(day));
    } else {
        add(*days);
    }
    reader.finish();
    return {std::move(found)};
}

CountTest SegmentParser::count(const Json& json, const std::string& path) {
    ObjectReader reader{json, path, problems_};
    static const std::vector<std::string_view> names{"is", "<", "<=", ">", ">="};
    CountTest found;
    found.op = *operator_from(names[static_cast<std::size_t>(reader.choice("op", names, -1))]);
    found.value = reader.required_integer("value", 0, 1'000'000);
    reader.finish();
    return found;
}

SumTest SegmentParser::sum(const Json& json, const std::string& path,
                           const ComparisonParser& values) {
    ObjectReader reader{json, path, problems_};
    static const std::vector<std::string_view> names{"<", "<=", ">", ">="};
    std::vector<std::string_view> fields;
    for (const auto& field : contract_fields())
        if (field.type == FieldType::money) fields.push_back(field.name);
    SumTest found;
    found.field = find_field(contract_fields(),
                             fields[static_cast<std::size_t>(reader.choice("field", fields, -1))]);
    found.op = *operator_from(names[static_cast<std::size_t>(reader.choice("op", names, -1))]);
    if (const auto* value = reader.required("value"))
        found.minor = values.money(*value, reader.path_of("value"));
    reader.finish();
    return found;
}

Rule SegmentParser::contract(const Json& json, const std::string& path) {
    ObjectReader reader{json, path, problems_};
    ContractRule found;
    if (reader.has("kind")) {
        const auto kinds = contract_kinds();
        found.kind = kinds[static_cast<std::size_t>(
            reader.choice("kind", {kinds.begin(), kinds.end()}, -1))];
    }
    found.currency = reader.text("currency");
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (!found.currency.empty() &&
        (found.currency.size() != 3 || !std::ranges::all_of(found.currency, is_capital)))
        reader.problem("currency", "segment.value", "expected three capital letters (ISO 4217)");
    const ComparisonParser values{contract_fields(), nullptr, found.currency, problems_};
    if (const auto* where = reader.list("where")) {
        for (std::size_t i = 0; i < where->size() && !too_large_; ++i) {
            const auto place = reader.path_of("where") + "[" + std::to_string(i) + "]";
            if (!fits(place, 0)) break;
            ObjectReader condition{(*where)[i], place, problems_};
            found.where.push_back(values.parse(condition));
            condition.finish();
        }
    }
    if (const auto* test = reader.object("count"))
        found.count = count(*test, reader.path_of("count"));
    if (const auto* test = reader.object("sum"))
        found.sums.push_back(sum(*test, reader.path_of("sum"), values));
    reader.finish();
    return {std::move(found)};
}

Rule SegmentParser::contact(const Json& json, const std::string& path) {
    ObjectReader reader{json, path, problems_};
    static const auto channels = names_of(base::channel_kinds);
    ContactRule found;
    found.channel =
        base::channel_kinds[static_cast<std::size_t>(reader.choice("channel", channels, -1))];
    found.verified_only = reader.boolean("verified", false);
    reader.finish();
    return {found};
}

Rule SegmentParser::consent(const Json& json, const std::string& path) {
    ObjectReader reader{json, path, problems_};
    static const auto channels = names_of(base::channel_kinds);
    static const auto names = names_of(base::purposes);
    ConsentRule found;
    found.channel =
        base::channel_kinds[static_cast<std::size_t>(reader.choice("channel", channels, -1))];
    found.purpose = base::purposes[static_cast<std::size_t>(reader.choice("purpose", names, -1))];
    found.granted = reader.boolean("granted", true);
    reader.finish();
    return {found};
}

Rule SegmentParser::behaviour(const Json& json, const std::string& path, Behaviour what) {
    ObjectReader reader{json, path, problems_};
    BehaviourRule found{what, name(reader, "campaign"), 0, {}};
    found.within_days =
        static_cast<int>(reader.integer("within_days", 0, 0, SegmentLimits::days_max));
    if (what == Behaviour::responded && reader.has("kind")) found.kind = name(reader, "kind");
    reader.finish();
    return {std::move(found)};
}

Rule SegmentParser::random(const Json& json, const std::string& path) {
    ObjectReader reader{json, path, problems_};
    RandomRule found;
    const double parts = reader.number("percent", -1, 0, 100) * (base::Draw::parts / 100.0);
    if (!reader.has("percent")) reader.required("percent");
    found.parts = static_cast<int>(std::lround(parts));
    if (std::abs(parts - found.parts) > 1e-6)
        reader.problem("percent", "segment.value", "expected at most two decimals");
    found.salt = name(reader, "salt");
    reader.finish();
    return {std::move(found)};
}

Rule SegmentParser::relation(const Json& json, const std::string& path) {
    ObjectReader reader{json, path, problems_};
    const auto kinds = relation_kinds();
    RelationRule found;
    found.kind =
        kinds[static_cast<std::size_t>(reader.choice("kind", {kinds.begin(), kinds.end()}, -1))];
    if (reader.has("segment")) found.segment = name(reader, "segment");
    reader.finish();
    return {std::move(found)};
}

std::string shown(const Operand& operand, FieldType type) {
    if (const auto* text = std::get_if<std::string>(&operand)) return "'" + *text + "'";
    if (const auto* number = std::get_if<std::int64_t>(&operand))
        return type == FieldType::money ? Json{static_cast<double>(*number) / 100}.dump()
                                        : std::to_string(*number);
    if (const auto* real = std::get_if<double>(&operand)) return Json{*real}.dump();
    if (const auto* flag = std::get_if<bool>(&operand)) return *flag ? "true" : "false";
    return std::get<DateSpec>(operand).text();
}

std::string in_words(const Comparison& comparison) {
    std::vector<std::string> values;
    for (const auto& operand : comparison.operands) {
        if (values.size() == 5) {
            values.push_back("... " + std::to_string(comparison.operands.size()) + " values");
            break;
        }
        values.push_back(shown(operand, comparison.field.type));
    }
    auto text = comparison.field.name() + " " + std::string{name_of(comparison.op)};
    return values.empty() ? text : text + " " + base::join(values, ", ");
}

std::string in_words(const ContractRule& rule) {
    auto text = "contract " + (rule.kind.empty() ? std::string{"of any kind"} : rule.kind);
    if (!rule.currency.empty()) text += " in " + rule.currency;
    std::vector<std::string> conditions;
    for (const auto& condition : rule.where) conditions.push_back(in_words(condition));
    if (!conditions.empty()) text += " where " + base::join(conditions, " and ");
    text +=
        ": count " + std::string{name_of(rule.count.op)} + " " + std::to_string(rule.count.value);
    for (const auto& sum : rule.sums)
        text += ", sum of " + std::string{sum.field->name} + " " + std::string{name_of(sum.op)} +
                " " + shown(sum.minor, FieldType::money);
    return text;
}

std::string in_words(const AnniversaryRule& rule) {
    std::vector<std::string> days;
    for (const int day : rule.in_days) days.push_back(std::to_string(day));
    if (days.size() > 5) days = {days.front(), "...", days.back()};
    return "birthday in " + base::join(days, ", ") + " days";
}

std::string in_words(const BehaviourRule& rule) {
    auto text = std::string{rule.what == Behaviour::received ? "received" : "responded to"} +
                " campaign '" + rule.campaign + "'";
    if (!rule.kind.empty()) text += " by " + rule.kind;
    return rule.within_days == 0 ? text
                                 : text + " within " + std::to_string(rule.within_days) + " days";
}

struct Words {
    std::string operator()(const AllRule&) const { return "all of"; }
    std::string operator()(const AnyRule&) const { return "any of"; }
    std::string operator()(const NotRule&) const { return "not"; }
    std::string operator()(const ContactRule& rule) const {
        return "an active " + std::string{rule.verified_only ? "verified " : ""} +
               std::string{name_of(rule.channel)} + " contact";
    }
    std::string operator()(const ConsentRule& rule) const {
        return std::string{name_of(rule.purpose)} + " by " + std::string{name_of(rule.channel)} +
               (rule.granted ? " granted" : " refused");
    }
    std::string operator()(const MemberRule& rule) const {
        return "segment '" + rule.segment + "'";
    }
    std::string operator()(const RandomRule& rule) const {
        return "random " + Json{rule.parts / 100.0}.dump() + " % by '" + rule.salt + "'";
    }
    std::string operator()(const RelationRule& rule) const {
        return "has a " + rule.kind +
               (rule.segment.empty() ? std::string{} : " in segment '" + rule.segment + "'");
    }
    template <class Other>
    std::string operator()(const Other& rule) const {
        return in_words(rule);
    }
};

}  // namespace

tl::expected<Segment, base::Problems> parse_segment(const Json& json,
                                                    const AttributeTypes& attributes) {
    base::Problems problems;
    ObjectReader reader{json, "$", problems};
    Segment segment;
    segment.name = reader.required_text("name");
    segment.title = reader.text("title");
    if (!is_segment_text(segment.name) || segment.name.size() > 100)
        reader.problem("name", "segment.value", "expected a printable name of at most 100 bytes");
    if (!is_segment_text(segment.title))
        reader.problem("title", "segment.value", "expected a printable text of at most 500 bytes");
    reader.text("$schema");
    if (const auto* rule = reader.required("rule"))
        segment.rule = SegmentParser{attributes, problems}.rule(*rule, reader.path_of("rule"), 1);
    reader.finish();
    if (!problems.empty()) return tl::unexpected<base::Problems>{std::move(problems)};
    return segment;
}

std::string in_words(const Rule& rule) {
    return std::visit(Words{}, rule.node);
}

}  // namespace carillon::audience
