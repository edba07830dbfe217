#include "audience/segment_evaluator.h"

#include <algorithm>
#include <cmath>

#include "base/digest.h"
#include "base/text.h"

namespace carillon::audience {

namespace {

using base::LocalDate;

// What a field holds for one client or contract; monostate is missing.
using Fact = std::variant<std::monostate, std::string, std::int64_t, double, bool>;

Fact fact(const std::optional<std::string>& text) {
    return text ? Fact{*text} : Fact{};
}
Fact fact(const std::optional<std::int64_t>& number) {
    return number ? Fact{*number} : Fact{};
}

Fact days_since(const std::optional<std::string>& date, const LocalDate& as_of) {
    if (!date) return {};
    const auto since = base::parse_date(*date);
    if (!since) return {};
    return std::int64_t{(std::chrono::sys_days{as_of} - std::chrono::sys_days{*since}).count()};
}

Fact utc_day(base::Instant instant) {
    return base::to_text(LocalDate{std::chrono::floor<std::chrono::days>(instant)});
}

Fact age_of(const ClientProfile& client, const SegmentContext& context) {
    if (!client.birth_date) return {};
    const auto birth = base::parse_date(*client.birth_date);
    if (!birth) return {};
    return std::int64_t{age_on(*birth, context.as_of, context.leap_days)};
}

struct ClientFact {
    std::string_view field{};
    Fact (*read)(const ClientProfile&, const SegmentContext&){};
};
using Client = ClientProfile;
using Context = SegmentContext;

const ClientFact client_facts[] = {
    {"external_id", [](const Client& c, const Context&) { return Fact{c.external_id}; }},
    {"kind", [](const Client& c, const Context&) { return Fact{c.kind}; }},
    {"name", [](const Client& c, const Context&) { return Fact{c.search_name}; }},
    {"last_name", [](const Client& c, const Context&) { return fact(c.last_name); }},
    {"first_name", [](const Client& c, const Context&) { return fact(c.first_name); }},
    {"middle_name", [](const Client& c, const Context&) { return fact(c.middle_name); }},
    {"company_name", [](const Client& c, const Context&) { return fact(c.company_name); }},
    {"gender", [](const Client& c, const Context&) { return fact(c.gender); }},
    {"birth_date", [](const Client& c, const Context&) { return fact(c.birth_date); }},
    {"age", [](const Client& c, const Context& context) { return age_of(c, context); }},
    {"locale", [](const Client& c, const Context&) { return Fact{c.locale}; }},
    {"time_zone", [](const Client& c, const Context&) { return fact(c.time_zone); }},
    {"branch", [](const Client& c, const Context&) { return fact(c.branch); }},
    {"manager", [](const Client& c, const Context&) { return fact(c.manager); }},
    {"status", [](const Client& c, const Context&) { return Fact{c.status}; }},
    {"income", [](const Client& c, const Context&) { return fact(c.income_minor); }},
    {"value_class", [](const Client& c, const Context&) { return Fact{c.value_class}; }},
    {"occupation", [](const Client& c, const Context&) { return fact(c.occupation); }},
    {"industry", [](const Client& c, const Context&) { return fact(c.industry); }},
    {"household", [](const Client& c, const Context&) { return fact(c.household); }},
    {"created_at", [](const Client& c, const Context&) { return utc_day(c.created_at); }},
    {"updated_at", [](const Client& c, const Context&) { return utc_day(c.updated_at); }},
};

struct ContractFact {
    std::string_view field{};
    Fact (*read)(const ContractInfo&, const LocalDate&){};
};

const ContractFact contract_facts[] = {
    {"external_id", [](const ContractInfo& k, const LocalDate&) { return Fact{k.external_id}; }},
    {"product", [](const ContractInfo& k, const LocalDate&) { return Fact{k.product}; }},
    {"status", [](const ContractInfo& k, const LocalDate&) { return Fact{k.status}; }},
    {"amount", [](const ContractInfo& k, const LocalDate&) { return fact(k.amount_minor); }},
    {"balance", [](const ContractInfo& k, const LocalDate&) { return fact(k.balance_minor); }},
    {"opened_on", [](const ContractInfo& k, const LocalDate&) { return fact(k.opened_on); }},
    {"closed_on", [](const ContractInfo& k, const LocalDate&) { return fact(k.closed_on); }},
    {"expires_on", [](const ContractInfo& k, const LocalDate&) { return fact(k.expires_on); }},
    {"next_payment_on",
     [](const ContractInfo& k, const LocalDate&) { return fact(k.next_payment_on); }},
    {"next_payment",
     [](const ContractInfo& k, const LocalDate&) { return fact(k.next_payment_minor); }},
    {"overdue", [](const ContractInfo& k, const LocalDate&) { return Fact{k.overdue_minor}; }},
    {"overdue_since",
     [](const ContractInfo& k, const LocalDate&) { return fact(k.overdue_since); }},
    {"overdue_days",
     [](const ContractInfo& k, const LocalDate& day) { return days_since(k.overdue_since, day); }},
};

Fact fact_of(const ClientProfile& client, const FieldRef& field, const SegmentContext& context) {
    if (field.info != nullptr)
        return std::ranges::find(client_facts, field.info->name, &ClientFact::field)
            ->read(client, context);
    const auto found = client.attributes.find(field.attribute);
    if (found == client.attributes.end()) return {};
    return std::visit([](const auto& value) { return Fact{value}; }, found->second);
}

Fact fact_of(const ContractInfo& contract, const FieldRef& field, const LocalDate& as_of) {
    return std::ranges::find(contract_facts, field.info->name, &ContractFact::field)
        ->read(contract, as_of);
}

Fact fact_of(const Operand& operand, const LocalDate& as_of) {
    if (const auto* date = std::get_if<DateSpec>(&operand))
        return base::to_text(resolve(*date, as_of));
    if (const auto* text = std::get_if<std::string>(&operand)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&operand)) return *number;
    if (const auto* real = std::get_if<double>(&operand)) return *real;
    return std::get<bool>(operand);
}

bool holds(Operator op, const Fact& value, const std::vector<Fact>& operands);

bool holds_for_value(Operator op, const Fact& value, const std::vector<Fact>& operands) {
    switch (op) {
        case Operator::is: return value == operands[0];
        case Operator::in: return std::ranges::find(operands, value) != operands.end();
        case Operator::less: return value < operands[0];
        case Operator::less_or_equal: return value <= operands[0];
        case Operator::greater: return value > operands[0];
        case Operator::greater_or_equal: return value >= operands[0];
        case Operator::between: return value >= operands[0] && value <= operands[1];
        case Operator::starts_with:
            return std::get<std::string>(value).starts_with(std::get<std::string>(operands[0]));
        case Operator::contains:
            return std::get<std::string>(value).find(std::get<std::string>(operands[0])) !=
                   std::string::npos;
        case Operator::has_value: return true;
        case Operator::is_not:
        case Operator::not_in:
        case Operator::is_missing: break;
    }
    std::abort();  // the complements are answered by `holds`
}

bool holds(Operator op, const Fact& value, const std::vector<Fact>& operands) {
    if (op == Operator::is_not) return !holds(Operator::is, value, operands);
    if (op == Operator::not_in) return !holds(Operator::in, value, operands);
    if (op == Operator::is_missing) return !holds(Operator::has_value, value, operands);
    if (std::holds_alternative<std::monostate>(value)) return false;
    return holds_for_value(op, value, operands);
}

bool holds(const Comparison& comparison, const Fact& value, const LocalDate& as_of) {
    std::vector<Fact> operands;
    for (const auto& operand : comparison.operands) operands.push_back(fact_of(operand, as_of));
    return holds(comparison.op, value, operands);
}

std::string shown(const Fact& value, FieldType type) {
    if (std::holds_alternative<std::monostate>(value)) return "missing";
    if (const auto* text = std::get_if<std::string>(&value)) return "'" + *text + "'";
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return type == FieldType::money ? base::Json{static_cast<double>(*number) / 100}.dump()
                                        : std::to_string(*number);
    if (const auto* real = std::get_if<double>(&value)) return base::Json{*real}.dump();
    return std::get<bool>(value) ? "true" : "false";
}

struct StopEvaluating {
    base::Failure why{};
};

// Walks a rule for one client. With `lines`, every rule is visited and noted; without, it stops as
// soon as it knows.
class Evaluator {
public:
    Evaluator(const EvaluationContext& context, std::vector<Explanation>* lines)
        : context_(context), lines_(lines) {}

    bool segment(const Segment& segment, const ClientProfile& client) {
        members_.push_back(segment.name);
        return rule(segment.rule, client, 0);
    }

private:
    bool rule(const Rule& rule, const ClientProfile& client, int depth);
    bool decide(const AllRule& rule, const ClientProfile& client, int depth);
    bool decide(const AnyRule& rule, const ClientProfile& client, int depth);
    bool decide(const NotRule& rule, const ClientProfile& client, int depth);
    bool decide(const Comparison& rule, const ClientProfile& client, int depth);
    bool decide(const AnniversaryRule& rule, const ClientProfile& client, int depth);
    bool decide(const ContractRule& rule, const ClientProfile& client, int depth);
    bool decide(const ContactRule& rule, const ClientProfile& client, int depth);
    bool decide(const ConsentRule& rule, const ClientProfile& client, int depth);
    bool decide(const BehaviourRule& rule, const ClientProfile& client, int depth);
    bool decide(const MemberRule& rule, const ClientProfile& client, int depth);
    bool decide(const RandomRule& rule, const ClientProfile& client, int depth);
    bool decide(const RelationRule& rule, const ClientProfile& client, int depth);

    bool fits(const ContractRule& rule, const ContractInfo& contract) const;
    bool member(std::string_view name, const ClientProfile& client, int depth);
    const LocalDate& as_of() const { return context_.segment.as_of; }
    bool may_stop() const { return lines_ == nullptr; }
    // What the client has, beside the rule that is being noted.
    void note(std::string found) {
        if (lines_ != nullptr) found_ = std::move(found);
    }
    [[noreturn]] static void stop(std::string code, std::string detail) {
        throw StopEvaluating{{std::move(code), std::move(detail), {}}};
    }

    const EvaluationContext& context_;
    std::vector<Explanation>* lines_;
    std::string found_;
    std::vector<std::string> members_;
};

bool Evaluator::rule(const Rule& rule, const ClientProfile& client, int depth) {
    if (depth > 2 * SegmentLimits::depth_max)
        stop("segment.limit", "the segment is too deep with its members");
    const auto at = lines_ != nullptr ? lines_->size() : 0;
    if (lines_ != nullptr) lines_->push_back({depth, false, in_words(rule), {}});
    found_.clear();
    const bool result =
        std::visit([&](const auto& node) { return decide(node, client, depth); }, rule.node);
    if (lines_ != nullptr) {
        (*lines_)[at].holds = result;
        (*lines_)[at].found = std::move(found_);
        found_.clear();
    }
    return result;
}

bool Evaluator::decide(const AllRule& rule_, const ClientProfile& client, int depth) {
    bool result = true;
    for (const auto& one : rule_.rules) {
        result = rule(one, client, depth + 1) && result;
        if (!result && may_stop()) return false;
    }
    return result;
}

bool Evaluator::decide(const AnyRule& rule_, const ClientProfile& client, int depth) {
    bool result = false;
    for (const auto& one : rule_.rules) {
        result = rule(one, client, depth + 1) || result;
        if (result && may_stop()) return true;
    }
    return result;
}

bool Evaluator::decide(const NotRule& rule_, const ClientProfile& client, int depth) {
    return !rule(*rule_.rule, client, depth + 1);
}

bool Evaluator::decide(const Comparison& rule_, const ClientProfile& client, int) {
    const auto value = fact_of(client, rule_.field, context_.segment);
    if (lines_ != nullptr) note(rule_.field.name() + " " + shown(value, rule_.field.type));
    return holds(rule_, value, as_of());
}

bool Evaluator::decide(const AnniversaryRule& rule_, const ClientProfile& client, int) {
    note("birth_date " + client.birth_date.value_or("missing"));
    if (!client.birth_date) return false;
    const auto birth = base::parse_date(*client.birth_date);
    if (!birth) return false;
    return std::ranges::any_of(rule_.in_days, [&](int day) {
        const auto days =
            base::anniversaries_on(base::add_days(as_of(), day), context_.segment.leap_days);
        return std::ranges::find(days, base::month_day(*birth)) != days.end();
    });
}

bool Evaluator::fits(const ContractRule& rule_, const ContractInfo& contract) const {
    if (!rule_.kind.empty() && contract.kind != rule_.kind) return false;
    if (!rule_.currency.empty() && contract.currency != rule_.currency) return false;
    return std::ranges::all_of(rule_.where, [&](const Comparison& condition) {
        return holds(condition, fact_of(contract, condition.field, as_of()), as_of());
    });
}

bool Evaluator::decide(const ContractRule& rule_, const ClientProfile& client, int) {
    std::int64_t count = 0;
    std::vector<std::int64_t> sums(rule_.sums.size());
    for (const auto& contract : client.contracts) {
        if (!fits(rule_, contract)) continue;
        ++count;
        for (std::size_t i = 0; i < sums.size(); ++i) {
            const FieldRef field{rule_.sums[i].field, {}, FieldType::money};
            const auto amount = fact_of(contract, field, as_of());
            if (const auto* minor = std::get_if<std::int64_t>(&amount)) sums[i] += *minor;
        }
    }
    note(std::to_string(count) + " of " + std::to_string(client.contracts.size()) + " contracts");
    bool result = holds(rule_.count.op, Fact{count}, {Fact{rule_.count.value}});
    for (std::size_t i = 0; i < sums.size(); ++i)
        result = holds(rule_.sums[i].op, Fact{sums[i]}, {Fact{rule_.sums[i].minor}}) && result;
    return result;
}

bool Evaluator::decide(const ContactRule& rule_, const ClientProfile& client, int) {
    return std::ranges::any_of(client.contacts, [&](const ContactInfo& contact) {
        return serves(contact, rule_.channel) && contact.state == "active" &&
               (contact.verified || !rule_.verified_only);
    });
}

bool Evaluator::decide(const ConsentRule& rule_, const ClientProfile& client, int) {
    return std::ranges::any_of(client.consents, [&](const ConsentInfo& consent) {
        return consent.channel == rule_.channel && consent.purpose == rule_.purpose &&
               consent.granted == rule_.granted;
    });
}

bool Evaluator::decide(const BehaviourRule& rule_, const ClientProfile& client, int) {
    const auto& find = context_.segment.find_campaign;
    const auto campaign = find ? find(rule_.campaign) : std::nullopt;
    if (!campaign)
        stop("segment.campaign_unknown", "there is no campaign '" + rule_.campaign + "'");
    const auto since =
        base::Instant{std::chrono::sys_days{base::add_days(as_of(), -rule_.within_days)}};
    const auto in_time = [&](base::Instant at) { return rule_.within_days == 0 || at >= since; };
    if (rule_.what == Behaviour::received)
        return std::ranges::any_of(client.received, [&](const ReceivedInfo& message) {
            return message.campaign == *campaign && in_time(message.at);
        });
    return std::ranges::any_of(client.responses, [&](const ResponseInfo& response) {
        return response.campaign == *campaign && in_time(response.at) &&
               (rule_.kind.empty() || response.kind == rule_.kind);
    });
}

bool Evaluator::member(std::string_view name, const ClientProfile& client, int depth) {
    if (std::ranges::find(members_, name) != members_.end())
        stop("segment.cycle", "segment '" + std::string{name} + "' is made of itself");
    const auto& find = context_.segment.find_segment;
    const auto* found = find ? find(name) : nullptr;
    if (found == nullptr)
        stop("segment.unknown", "there is no segment '" + std::string{name} + "'");
    members_.emplace_back(name);
    const bool result = rule(found->rule, client, depth + 1);
    members_.pop_back();
    return result;
}

bool Evaluator::decide(const MemberRule& rule_, const ClientProfile& client, int depth) {
    return member(rule_.segment, client, depth);
}

bool Evaluator::decide(const RandomRule& rule_, const ClientProfile& client, int) {
    const auto share = base::draw_of(rule_.salt)(client.mix);
    note("draw " + std::to_string(share) + " of " + std::to_string(base::Draw::parts));
    return share < rule_.parts;
}

bool Evaluator::decide(const RelationRule& rule_, const ClientProfile& client, int depth) {
    bool result = false;
    for (const auto& relation : client.relations) {
        if (relation.kind != rule_.kind) continue;
        if (rule_.segment.empty()) return true;
        const auto* related =
            context_.find_client ? context_.find_client(relation.related) : nullptr;
        result = (related != nullptr && member(rule_.segment, *related, depth)) || result;
        if (result && may_stop()) return true;
    }
    return result;
}

}  // namespace

base::Result<bool> matches(const Segment& segment, const ClientProfile& client,
                           const EvaluationContext& context) try {
    return Evaluator{context, nullptr}.segment(segment, client);
} catch (const StopEvaluating& stopped) {
    return base::fail(stopped.why);
}

base::Result<std::vector<Explanation>> explain(const Segment& segment, const ClientProfile& client,
                                               const EvaluationContext& context) try {
    std::vector<Explanation> lines;
    Evaluator{context, &lines}.segment(segment, client);
    return lines;
} catch (const StopEvaluating& stopped) {
    return base::fail(stopped.why);
}

int age_on(const LocalDate& birth, const LocalDate& day, base::LeapDayRule rule) {
    int years = static_cast<int>(day.year()) - static_cast<int>(birth.year());
    auto birthday = base::month_day(birth);
    if (birthday == 229 && !day.year().is_leap())
        birthday = rule == base::LeapDayRule::february_28 ? 228 : 301;
    if (base::month_day(day) < birthday) --years;
    return years;
}

}  // namespace carillon::audience
