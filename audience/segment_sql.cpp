#include "audience/segment_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/digest.h"

namespace carillon::audience {

namespace {

using base::LocalDate;

struct StopCompiling {
    base::Failure why{};
};

std::string_view sql_of(Operator op) {
    switch (op) {
        case Operator::is: return "=";
        case Operator::is_not: return "<>";
        case Operator::less: return "<";
        case Operator::less_or_equal: return "<=";
        case Operator::greater: return ">";
        case Operator::greater_or_equal: return ">=";
        default: std::abort();
    }
}

std::int64_t day_start(const LocalDate& date) {
    return base::to_millis(base::Instant{std::chrono::sys_days{date}});
}

std::int64_t characters_of(std::string_view text) {
    return std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
}

// A half-open or closed interval of an ordered column that stands for a comparison with a derived
// value (an age, days passed, the day of an instant).
struct Interval {
    std::optional<db::Value> from{};  // inclusive unless open_from
    std::optional<db::Value> to{};    // inclusive unless open_to
    bool open_from{};
    bool open_to{};
};

// The interval of birth dates whose age relates so to `operands`. Older is earlier, so the ends
// change sides.
Interval ages(const Comparison& comparison, const LocalDate& as_of, base::LeapDayRule rule) {
    const auto years = [&](std::size_t i) {
        return std::get<std::int64_t>(comparison.operands[i]);
    };
    const auto at_least = [&](std::int64_t age) {
        return db::Value{latest_birth_date(as_of, age, rule)};
    };
    switch (comparison.op) {
        case Operator::less: return {at_least(years(0)), {}, true, false};
        case Operator::less_or_equal: return {at_least(years(0) + 1), {}, true, false};
        case Operator::greater: return {{}, at_least(years(0) + 1), false, false};
        case Operator::greater_or_equal: return {{}, at_least(years(0)), false, false};
        case Operator::between: return {at_least(years(1) + 1), at_least(years(0)), true, false};
        default: return {at_least(years(0) + 1), at_least(years(0)), true, false};
    }
}

Interval days_passed(const Comparison& comparison, const LocalDate& as_of) {
    const auto since = [&](std::size_t i) {
        const auto days = static_cast<int>(std::get<std::int64_t>(comparison.operands[i]));
        return db::Value{base::to_text(base::add_days(as_of, -days))};
    };
    switch (comparison.op) {
        case Operator::less: return {since(0), {}, true, false};
        case Operator::less_or_equal: return {since(0), {}, false, false};
        case Operator::greater: return {{}, since(0), false, true};
        case Operator::greater_or_equal: return {{}, since(0), false, false};
        case Operator::between: return {since(1), since(0), false, false};
        default: return {since(0), since(0), false, false};
    }
}

Interval moments(const Comparison& comparison, const LocalDate& as_of) {
    const auto start = [&](std::size_t i, int days) {
        const auto date = resolve(std::get<DateSpec>(comparison.operands[i]), as_of);
        return db::Value{day_start(base::add_days(date, days))};
    };
    switch (comparison.op) {
        case Operator::less: return {{}, start(0, 0), false, true};
        case Operator::less_or_equal: return {{}, start(0, 1), false, true};
        case Operator::greater: return {start(0, 1), {}, false, false};
        case Operator::greater_or_equal: return {start(0, 0), {}, false, false};
        case Operator::between: return {start(0, 0), start(1, 1), false, true};
        default: return {start(0, 0), start(0, 1), false, true};
    }
}

class Compiler {
public:
    Compiler(const SegmentContext& context, Access access) : context_(context), access_(access) {}

    void segment(const Segment& segment);
    CompiledSegment take() { return {std::move(sql_), std::move(params_), narrow_}; }

private:
    // Where a rule stands: the alias of its client, whether it is inside a `not`, how deep, and
    // whether every client of the segment fulfils it.
    struct Place {
        std::string client{"c"};
        bool negated{false};
        int depth{1};
        int relations{0};
        bool by_all{true};
        Place deeper() const { return {client, negated, depth + 1, relations, by_all}; }
    };

    void rule(const Rule& rule, const Place& place);
    void write(const AllRule& rule, const Place& place) {
        chain(rule.rules, " AND ", "1 = 1", place);
    }
    void write(const AnyRule& rule, const Place& place) {
        auto some = place;
        some.by_all = place.by_all && rule.rules.size() < 2;
        chain(rule.rules, " OR ", "1 = 0", some);
    }
    void write(const NotRule& rule, const Place& place);
    void write(const Comparison& rule, const Place& place);
    void write(const AnniversaryRule& rule, const Place& place);
    void write(const ContractRule& rule, const Place& place);
    void write(const ContactRule& rule, const Place& place);
    void write(const ConsentRule& rule, const Place& place);
    void write(const BehaviourRule& rule, const Place& place);
    void write(const MemberRule& rule, const Place& place);
    void write(const RandomRule& rule, const Place& place);
    void write(const RelationRule& rule, const Place& place);

    void chain(const std::vector<Rule>& rules, std::string_view word, std::string_view when_empty,
               const Place& place);
    void attribute(const Comparison& comparison, const Place& place);
    void compare(const Comparison& comparison, const std::string& column, bool nullable);
    void compare_interval(const Comparison& comparison, const std::string& column, bool nullable);
    void compare_value(const Comparison& comparison, const std::string& column, bool nullable);
    void compare_text(const Comparison& comparison, const std::string& column);
    void interval(const Interval& interval, const std::string& column);
    void contracts(const ContractRule& rule, std::string_view head, const std::string& client);
    void member(std::string_view name, const Place& place);

    void add(std::string_view text) { sql_ += text; }
    void param(db::Value value);
    void params(const std::vector<Operand>& operands);
    [[noreturn]] static void stop(std::string code, std::string detail) {
        throw StopCompiling{{std::move(code), std::move(detail), {}}};
    }

    const SegmentContext& context_;
    Access access_;
    std::string sql_;
    db::Params params_;
    std::vector<std::string> members_;  // from the segment asked for down to the one being written
    int nodes_{0};
    bool narrow_{false};
};

void Compiler::param(db::Value value) {
    if (params_.size() >= SegmentLimits::values_max)
        stop("segment.limit", fmt::format("the segment has more than {} values with its members",
                                          SegmentLimits::values_max));
    params_.push_back(std::move(value));
    sql_ += '?';
}

void Compiler::params(const std::vector<Operand>& operands) {
    for (std::size_t i = 0; i < operands.size(); ++i) {
        if (i > 0) add(", ");
        param(std::get<std::string>(operands[i]));
    }
}

void Compiler::segment(const Segment& segment) {
    members_.push_back(segment.name);
    rule(segment.rule, {});
}

void Compiler::rule(const Rule& rule, const Place& place) {
    if (++nodes_ > SegmentLimits::nodes_max || place.depth > 2 * SegmentLimits::depth_max)
        stop("segment.limit",
             fmt::format("the segment has more than {} rules or {} levels with its members",
                         SegmentLimits::nodes_max, 2 * SegmentLimits::depth_max));
    std::visit([&](const auto& node) { write(node, place); }, rule.node);
}

void Compiler::chain(const std::vector<Rule>& rules, std::string_view word,
                     std::string_view when_empty, const Place& place) {
    if (rules.empty()) return add(when_empty);
    add("(");
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (i > 0) add(word);
        rule(rules[i], place.deeper());
    }
    add(")");
}

void Compiler::write(const NotRule& rule_, const Place& place) {
    auto inner = place.deeper();
    inner.negated = true;
    inner.by_all = false;
    add("NOT (");
    rule(*rule_.rule, inner);
    add(")");
}

// Under a `not`, NULL must have become 0; elsewhere it counts as 0 anyway and the bare column keeps
// its index.
void Compiler::write(const Comparison& comparison, const Place& place) {
    if (comparison.field.info == nullptr) return attribute(comparison, place);
    const auto& field = *comparison.field.info;
    const bool guard = place.negated && field.nullable;
    if (guard) add("COALESCE(");
    compare(comparison, fmt::format("{}.{}", place.client, field.column), field.nullable);
    if (guard) add(", 0)");
}

void Compiler::attribute(const Comparison& comparison, const Place& place) {
    const bool negative = comparison.op == Operator::is_not || comparison.op == Operator::not_in ||
                          comparison.op == Operator::is_missing;
    auto positive = comparison;
    if (comparison.op == Operator::is_not) positive.op = Operator::is;
    if (comparison.op == Operator::not_in) positive.op = Operator::in;
    if (comparison.op == Operator::is_missing) positive.op = Operator::has_value;
    const bool text =
        comparison.field.type == FieldType::text || comparison.field.type == FieldType::date;
    add(negative ? "NOT EXISTS" : "EXISTS");
    add(fmt::format(" (SELECT 1 FROM client_attributes a WHERE a.client_id = {}.id AND a.name = ",
                    place.client));
    param(comparison.field.attribute);
    add(" AND ");
    compare(positive, text ? "a.text_value" : "a.number_value", false);
    add(")");
}

void Compiler::compare(const Comparison& comparison, const std::string& column, bool nullable) {
    if (comparison.op == Operator::is_missing) return add(column + " IS NULL");
    if (comparison.op == Operator::has_value) return add(column + " IS NOT NULL");
    switch (comparison.field.type) {
        case FieldType::age:
        case FieldType::days:
        case FieldType::instant: return compare_interval(comparison, column, nullable);
        case FieldType::text:
        case FieldType::folded:
        case FieldType::choice:
        case FieldType::money:
        case FieldType::number:
        case FieldType::date:
        case FieldType::flag: return compare_value(comparison, column, nullable);
    }
}

void Compiler::compare_interval(const Comparison& comparison, const std::string& column,
                                bool nullable) {
    const auto range = comparison.field.type == FieldType::age
                           ? ages(comparison, context_.as_of, context_.leap_days)
                       : comparison.field.type == FieldType::days
                           ? days_passed(comparison, context_.as_of)
                           : moments(comparison, context_.as_of);
    const bool outside = comparison.op == Operator::is_not;
    if (outside && nullable) add("(" + column + " IS NULL OR ");
    if (outside) add("NOT ");
    interval(range, column);
    if (outside && nullable) add(")");
}

void Compiler::interval(const Interval& interval, const std::string& column) {
    add("(");
    if (interval.from) {
        add(column + (interval.open_from ? " > " : " >= "));
        param(*interval.from);
    }
    if (interval.from && interval.to) add(" AND ");
    if (interval.to) {
        add(column + (interval.open_to ? " < " : " <= "));
        param(*interval.to);
    }
    add(")");
}

void Compiler::compare_value(const Comparison& comparison, const std::string& column,
                             bool nullable) {
    const auto value = [&](std::size_t i) {
        const auto& operand = comparison.operands[i];
        if (const auto* date = std::get_if<DateSpec>(&operand))
            return db::Value{base::to_text(resolve(*date, context_.as_of))};
        if (const auto* number = std::get_if<std::int64_t>(&operand)) return db::Value{*number};
        if (const auto* real = std::get_if<double>(&operand)) return db::Value{*real};
        if (const auto* flag = std::get_if<bool>(&operand)) return db::Value{*flag};
        return db::Value{std::get<std::string>(operand)};
    };
    const bool negative = comparison.op == Operator::is_not || comparison.op == Operator::not_in;
    if (negative && nullable) add("(" + column + " IS NULL OR ");
    switch (comparison.op) {
        case Operator::in:
        case Operator::not_in:
        case Operator::starts_with:
        case Operator::contains: compare_text(comparison, column); break;
        case Operator::between:
            add(column + " BETWEEN ");
            param(value(0));
            add(" AND ");
            param(value(1));
            break;
        default: add(fmt::format("{} {} ", column, sql_of(comparison.op))); param(value(0));
    }
    if (negative && nullable) add(")");
}

// SUBSTR and INSTR count characters and compare bytes on both engines, and know no wildcards.
void Compiler::compare_text(const Comparison& comparison, const std::string& column) {
    if (comparison.op == Operator::in || comparison.op == Operator::not_in) {
        add(column + (comparison.op == Operator::in ? " IN (" : " NOT IN ("));
        params(comparison.operands);
        return add(")");
    }
    const auto& text = std::get<std::string>(comparison.operands[0]);
    if (comparison.op == Operator::contains) {
        add("INSTR(" + column + ", ");
        param(text);
        return add(") > 0");
    }
    add("SUBSTR(" + column + ", 1, ");
    param(characters_of(text));
    add(") = ");
    param(text);
}

void Compiler::write(const AnniversaryRule& rule, const Place& place) {
    std::vector<int> days;
    for (const int day : rule.in_days) {
        const auto date = base::add_days(context_.as_of, day);
        for (const int month_day : base::anniversaries_on(date, context_.leap_days))
            days.push_back(month_day);
    }
    std::ranges::sort(days);
    days.erase(std::unique(days.begin(), days.end()), days.end());
    if (days.empty()) return add("1 = 0");
    narrow_ = narrow_ || place.by_all;
    if (place.negated) add("COALESCE(");
    add(place.client + ".birth_md IN (");
    for (std::size_t i = 0; i < days.size(); ++i) {
        if (i > 0) add(", ");
        param(days[i]);
    }
    add(place.negated ? "), 0)" : ")");
}

// What an index of contracts finds at once: those overdue since a day or earlier.
bool is_selective(const Comparison& comparison) {
    const auto type = comparison.field.type;
    if (comparison.field.info->column != "overdue_since") return false;
    switch (comparison.op) {
        case Operator::is:
        case Operator::between: return true;
        case Operator::greater:
        case Operator::greater_or_equal: return type == FieldType::days;
        case Operator::less:
        case Operator::less_or_equal: return type == FieldType::date;
        default: return false;
    }
}

void Compiler::contracts(const ContractRule& rule, std::string_view head,
                         const std::string& client) {
    add(head);
    add(" FROM contracts k WHERE ");
    add(client.empty() ? "1 = 1" : fmt::format("k.client_id = {}.id", client));
    if (!rule.kind.empty()) {
        add(" AND k.kind = ");
        param(rule.kind);
    }
    if (!rule.currency.empty()) {
        add(" AND k.currency = ");
        param(rule.currency);
    }
    for (const auto& condition : rule.where) {
        add(" AND ");
        const auto& field = *condition.field.info;
        compare(condition, fmt::format("k.{}", field.column), field.nullable);
    }
}

bool is_any(const CountTest& count) {
    return (count.op == Operator::greater_or_equal && count.value == 1) ||
           (count.op == Operator::greater && count.value == 0);
}
bool is_none(const CountTest& count) {
    return (count.op == Operator::less && count.value == 1) ||
           ((count.op == Operator::is || count.op == Operator::less_or_equal) && count.value == 0);
}
bool is_always(const CountTest& count) {
    return count.op == Operator::greater_or_equal && count.value == 0;
}

void Compiler::write(const ContractRule& rule, const Place& place) {
    const bool by_index = access_ == Access::scan && std::ranges::any_of(rule.where, is_selective);
    add("(");
    if (is_always(rule.count)) {
        add("1 = 1");
    } else if (is_any(rule.count) && by_index) {
        narrow_ = narrow_ || place.by_all;
        add(place.client + ".id IN (");
        contracts(rule, "SELECT k.client_id", {});
        add(")");
    } else if (is_any(rule.count) || is_none(rule.count)) {
        add(is_any(rule.count) ? "EXISTS (" : "NOT EXISTS (");
        contracts(rule, "SELECT 1", place.client);
        add(")");
    } else {
        add("(");
        contracts(rule, "SELECT COUNT(*)", place.client);
        add(fmt::format(") {} ", sql_of(rule.count.op)));
        param(rule.count.value);
    }
    for (const auto& sum : rule.sums) {
        add(" AND (");
        contracts(rule, fmt::format("SELECT COALESCE(SUM(k.{}), 0)", sum.field->column),
                  place.client);
        add(fmt::format(") {} ", sql_of(sum.op)));
        param(sum.minor);
    }
    add(")");
}

void Compiler::write(const ContactRule& rule, const Place& place) {
    add(fmt::format(
        "EXISTS (SELECT 1 FROM contacts k WHERE k.client_id = {}.id AND k.channel IN ({})"
        " AND k.state = 'active'{})",
        place.client,
        rule.channel == base::ChannelKind::call ? "'call', 'sms'"
                                                : fmt::format("'{}'", name_of(rule.channel)),
        rule.verified_only ? " AND k.verified = 1" : ""));
}

void Compiler::write(const ConsentRule& rule, const Place& place) {
    add(fmt::format(
        "EXISTS (SELECT 1 FROM consents o WHERE o.client_id = {}.id AND o.channel = '{}'"
        " AND o.purpose = '{}' AND o.granted = {})",
        place.client, name_of(rule.channel), name_of(rule.purpose), rule.granted ? 1 : 0));
}

void Compiler::write(const BehaviourRule& rule, const Place& place) {
    const auto campaign =
        context_.find_campaign ? context_.find_campaign(rule.campaign) : std::nullopt;
    if (!campaign) stop("segment.campaign_unknown", "there is no campaign '" + rule.campaign + "'");
    const bool received = rule.what == Behaviour::received;
    add(fmt::format("EXISTS (SELECT 1 FROM {} m WHERE m.client_id = {}.id AND m.campaign_id = ",
                    received ? "messages" : "responses", place.client));
    param(*campaign);
    if (received) add(" AND m.state IN ('accepted', 'delivered')");
    if (!rule.kind.empty()) {
        add(" AND m.kind = ");
        param(rule.kind);
    }
    if (rule.within_days > 0) {
        add(received ? " AND m.submitted_at >= " : " AND m.at >= ");
        param(day_start(base::add_days(context_.as_of, -rule.within_days)));
    }
    add(")");
}

void Compiler::member(std::string_view name, const Place& place) {
    if (std::ranges::find(members_, name) != members_.end())
        stop("segment.cycle", fmt::format("segment '{}' is made of itself", name));
    const auto* found = context_.find_segment ? context_.find_segment(name) : nullptr;
    if (found == nullptr) stop("segment.unknown", fmt::format("there is no segment '{}'", name));
    members_.emplace_back(name);
    rule(found->rule, place.deeper());
    members_.pop_back();
}

void Compiler::write(const MemberRule& rule, const Place& place) {
    member(rule.segment, place);
}

void Compiler::write(const RandomRule& rule, const Place& place) {
    const auto draw = base::draw_of(rule.salt);
    add("(((");
    param(draw.a);
    add(fmt::format(" * {}.mix + ", place.client));
    param(draw.b);
    add(fmt::format(") % {}) % {} < ", base::Draw::prime, base::Draw::parts));
    param(rule.parts);
    add(")");
}

void Compiler::write(const RelationRule& rule, const Place& place) {
    if (place.relations >= SegmentLimits::relations_max)
        stop("segment.limit",
             fmt::format("relations are nested deeper than {}", SegmentLimits::relations_max));
    Place inner = place.deeper();
    inner.client = fmt::format("c{}", ++inner.relations);
    inner.negated = false;
    inner.by_all = false;
    add("EXISTS (SELECT 1 FROM relations r");
    if (!rule.segment.empty())
        add(fmt::format(" JOIN clients {0} ON {0}.id = r.related_id", inner.client));
    add(fmt::format(" WHERE r.client_id = {}.id AND r.kind = ", place.client));
    param(rule.kind);
    if (!rule.segment.empty()) {
        add(" AND ");
        member(rule.segment, inner);
    }
    add(")");
}

}  // namespace

base::Result<CompiledSegment> compile(const Segment& segment, const SegmentContext& context,
                                      Access access) try {
    Compiler compiler{context, access};
    compiler.segment(segment);
    return compiler.take();
} catch (const StopCompiling& stopped) {
    return base::fail(stopped.why);
}

CompiledSegment within(const CompiledSegment& segment, ClientRange range) {
    CompiledSegment part{fmt::format("c.id > ? AND c.id <= ? AND ({})", segment.predicate),
                         {range.after, range.through},
                         segment.narrow};
    part.params.insert(part.params.end(), segment.params.begin(), segment.params.end());
    return part;
}

std::string latest_birth_date(const LocalDate& as_of, std::int64_t years, base::LeapDayRule rule) {
    const auto year = static_cast<int>(as_of.year()) - static_cast<int>(years);
    const auto month = static_cast<unsigned>(as_of.month());
    auto day = static_cast<unsigned>(as_of.day());
    if (month == 2 && day == 28 && !as_of.year().is_leap() &&
        rule == base::LeapDayRule::february_28)
        day = 29;
    return fmt::format("{:04}-{:02}-{:02}", std::max(year, 0), month, day);
}

}  // namespace carillon::audience
