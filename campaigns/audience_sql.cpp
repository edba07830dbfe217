#include "campaigns/audience_sql.h"

#include <array>

#include "audience/erased.h"
#include "campaigns/calendar.h"
#include "campaigns/route_sql.h"
#include "db/queries.h"

namespace carillon::campaigns {

namespace {

constexpr std::string_view nothing = "NULL";

audience::SegmentContext context_of(const RunQuestion& question) {
    audience::SegmentContext context;
    context.as_of = question.as_of;
    context.leap_days = question.bundle.parsed_policies.leap_day;
    context.find_campaign = question.find_campaign;
    context.find_segment =
        [&bundle = question.bundle](std::string_view name) -> const audience::Segment* {
        const auto found = bundle.parsed_segments.find(std::string{name});
        return found == bundle.parsed_segments.end() ? nullptr : &found->second;
    };
    return context;
}

base::Result<audience::CompiledSegment> compile_segment(const RunQuestion& question,
                                                        const std::string& name,
                                                        audience::Access access) {
    const auto context = context_of(question);
    const auto* segment = context.find_segment(name);
    if (segment == nullptr)
        return base::fail("segment.unknown", "there is no segment '" + name + "'");
    return audience::compile(*segment, context, access);
}

void append(db::Fragment& fragment, std::string_view before,
            const audience::CompiledSegment& segment, std::string_view after) {
    fragment.sql += before;
    fragment.sql += segment.predicate;
    fragment.sql += after;
    fragment.params.insert(fragment.params.end(), segment.params.begin(), segment.params.end());
}

std::string marks(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "?" : ", ?";
    return text;
}

std::string_view column_of(ClientDate field) {
    switch (field) {
        case ClientDate::birth_date: return "birth_date";
        case ClientDate::card_expiry: return "expires_on";
        case ClientDate::payment_due: return "next_payment_on";
        case ClientDate::contract_opened: return "opened_on";
    }
    std::abort();
}

// "-02-28": the month and day part of a stored date.
std::string month_day_text(int month_day) {
    std::string text = "-00-00";
    text[1] = static_cast<char>('0' + month_day / 1000);
    text[2] = static_cast<char>('0' + month_day / 100 % 10);
    text[4] = static_cast<char>('0' + month_day / 10 % 10);
    text[5] = static_cast<char>('0' + month_day % 10);
    return text;
}

// A condition on one date column that holds for the slot's day.
db::Fragment date_condition(const DateMatchValues& values, const std::string& column) {
    if (values.match == DateMatch::exact)
        return {"date", column + " = ?", {base::to_text(values.exact)}};
    db::Fragment condition{
        "date", "SUBSTR(" + column + ", 5) IN (" + marks(values.month_days.size()) + ")", {}};
    for (const int day : values.month_days) condition.params.emplace_back(month_day_text(day));
    return condition;
}

db::Fragment contract_condition(const RunQuestion& question, const OnDateField& on) {
    const auto values =
        matching_dates(on, question.as_of, question.bundle.parsed_policies.leap_day);
    auto condition = date_condition(values, "x." + std::string{column_of(on.field)});
    if (on.field == ClientDate::card_expiry) condition.sql += " AND x.kind = 'card'";
    return condition;
}

// What the schedule itself asks of a client on this day.
db::Fragment schedule_condition(const RunQuestion& question) {
    const auto& when = question.bundle.definition.schedule.when;
    if (const auto* on = std::get_if<OnDateField>(&when)) {
        if (on->field != ClientDate::birth_date) {
            auto inner = contract_condition(question, *on);
            return {
                "",
                "EXISTS (SELECT 1 FROM contracts x WHERE x.client_id = c.id AND " + inner.sql + ")",
                inner.params};
        }
        const auto values =
            matching_dates(*on, question.as_of, question.bundle.parsed_policies.leap_day);
        if (values.match == DateMatch::exact) return date_condition(values, "c.birth_date");
        db::Fragment birthday{"", "c.birth_md IN (" + marks(values.month_days.size()) + ")", {}};
        for (const int day : values.month_days) birthday.params.emplace_back(day);
        return birthday;
    }
    if (const auto* on = std::get_if<OnCalendarDays>(&when)) {
        const auto days =
            occupations_on(*on, question.as_of, question.bundle.parsed_policies.leap_day);
        db::Fragment occupation{
            "", "c.occupation IN (" + (days.empty() ? "NULL" : marks(days.size())) + ")", {}};
        for (const auto& day : days) occupation.params.emplace_back(day.occupation);
        return occupation;
    }
    if (std::holds_alternative<OnEvent>(when))
        return {"",
                "c.id IN (SELECT e.client_id FROM event_uses u JOIN events e ON e.id = u.event_id "
                "WHERE u.campaign_id = ? AND u.run_id = ?)",
                {question.campaign, question.event_run}};
    return {"", "1 = 1", {}};
}

base::Result<db::Fragment> predicate_of(const RunQuestion& question) {
    auto predicate = schedule_condition(question);
    predicate.mark = "predicate";
    const auto segment =
        compile_segment(question, question.bundle.definition.segment, audience::Access::scan);
    if (!segment) return base::fail(segment.error());
    append(predicate, " AND (", *segment, ")");
    return predicate;
}

base::Result<void> append_excluded(db::Fragment& fragment, const RunQuestion& question) {
    for (const auto& name : question.bundle.definition.exclude) {
        const auto excluded = compile_segment(question, name, audience::Access::probe);
        if (!excluded) return base::fail(excluded.error());
        append(fragment, " AND NOT (", *excluded, ")");
    }
    return {};
}

// Excluded segments first, then languages; then whether a route may be taken.
base::Result<CommonReason> common_reason(const RunQuestion& question) {
    const auto& definition = question.bundle.definition;
    db::Fragment reason;
    CommonReason common;
    for (const auto& name : definition.exclude) {
        const auto excluded = compile_segment(question, name, audience::Access::probe);
        if (!excluded) return base::fail(excluded.error());
        append(reason, "CASE WHEN (", *excluded, ") THEN 'excluded' ELSE ");
        common.after += " END";
    }
    if (!definition.languages.empty()) {
        reason.sql += "CASE WHEN NOT (";
        for (std::size_t i = 0; i < definition.languages.size(); ++i) {
            reason.sql += i == 0 ? "" : " OR ";
            reason.sql += "c.locale = ? OR SUBSTR(c.locale, 1, ?) = ?";
            const auto prefix = definition.languages[i] + "-";
            reason.params.emplace_back(definition.languages[i]);
            reason.params.emplace_back(static_cast<std::int64_t>(prefix.size()));
            reason.params.emplace_back(prefix);
        }
        reason.sql += ") THEN 'language' ELSE ";
        common.after += " END";
    }
    common.before = std::move(reason.sql);
    common.params = std::move(reason.params);
    return common;
}

// The contract a message is about: the one that is due, else the one most overdue where debt is the
// matter.
db::Fragment contract_of(const RunQuestion& question) {
    const auto& definition = question.bundle.definition;
    const auto* on = std::get_if<OnDateField>(&definition.schedule.when);
    if (on != nullptr && on->field != ClientDate::birth_date) {
        auto condition = contract_condition(question, *on);
        return {"contract",
                "(SELECT x.id FROM contracts x WHERE x.client_id = r.client_id AND " +
                    condition.sql + " ORDER BY x.id LIMIT 1)",
                condition.params};
    }
    if (definition.purpose == base::Purpose::debt)
        return {
            "contract",
            "(SELECT x.id FROM contracts x WHERE x.client_id = r.client_id AND x.overdue_minor > 0 "
            "ORDER BY x.overdue_minor DESC, x.id LIMIT 1)",
            {}};
    return {"contract", std::string{nothing}, {}};
}

void append_draw(db::Fragment& fragment, const base::Draw& draw) {
    fragment.sql += "((? * r.mix + ?) % 2147483647) % 10000";
    fragment.params.emplace_back(draw.a);
    fragment.params.emplace_back(draw.b);
}

db::Fragment control_of(const Assignment& assignment) {
    db::Fragment control{"control", {}, {}};
    if (assignment.control_below == 0) {
        control.sql = "1 = 0";
        return control;
    }
    append_draw(control, assignment.control);
    control.sql += " < ?";
    control.params.emplace_back(assignment.control_below);
    return control;
}

db::Fragment variant_of_run(const Assignment& assignment) {
    db::Fragment variant{"variant", {}, {}};
    if (assignment.variant_below.size() == 1) {
        variant.sql = "0";
        return variant;
    }
    variant.sql = "CASE";
    for (std::size_t i = 0; i + 1 < assignment.variant_below.size(); ++i) {
        variant.sql += " WHEN ";
        append_draw(variant, assignment.variant);
        variant.sql += " < ? THEN " + std::to_string(i);
        variant.params.emplace_back(assignment.variant_below[i]);
    }
    variant.sql += " ELSE " + std::to_string(assignment.variant_below.size() - 1) + " END";
    return variant;
}

// Whether client `c` has no value for a merge field; empty where rows cannot tell (events, fields
// always there).
db::Fragment lacks(const std::string& field, const db::Fragment& contract) {
    static constexpr std::string_view client_prefix = "client.";
    static constexpr std::string_view attribute_prefix = "client.attributes.";
    static constexpr std::array<std::string_view, 9> columns{
        "first_name", "last_name",  "middle_name", "company_name", "branch",
        "manager",    "occupation", "industry",    "birth_date"};
    if (field.starts_with(attribute_prefix))
        return {"",
                "NOT EXISTS (SELECT 1 FROM client_attributes a WHERE a.client_id = c.id AND a.name "
                "= ?)",
                {field.substr(attribute_prefix.size())}};
    if (field == "client.income") return {"", "c.income_minor IS NULL", {}};
    if (field == "client.age") return {"", "c.birth_date IS NULL", {}};
    if (field == "client.name")
        return {
            "", "COALESCE(c.company_name, c.first_name, c.middle_name, c.last_name, '') = ''", {}};
    for (const auto column : columns)
        if (field.starts_with(client_prefix) && field.substr(client_prefix.size()) == column)
            return {"", "COALESCE(c." + std::string{column} + ", '') = ''", {}};
    if (!field.starts_with("contract.")) return {};
    // No contract at all: its columns are looked at when the message is composed.
    auto none = contract;
    none.sql = none.sql == nothing ? "1 = 1" : none.sql + " IS NULL";
    for (auto at = none.sql.find("r.client_id"); at != std::string::npos;
         at = none.sql.find("r.client_id"))
        none.sql.replace(at, 11, "c.id");
    return none;
}

// Clients whom the template speaks to in `locale`: the language itself or one of its regions; the
// default language has everybody else.
db::Fragment speaks(const templates::CompiledTemplate& compiled, const std::string& locale) {
    db::Fragment fragment{"", {}, {}};
    const bool is_default = compiled.locale_for("") == locale;
    for (const auto& one : compiled.locales()) {
        if (is_default ? one == locale : one != locale) continue;
        fragment.sql += fragment.sql.empty() ? "" : " OR ";
        fragment.sql += "c.locale = ? OR SUBSTR(c.locale, 1, ?) = ?";
        fragment.params.emplace_back(one);
        fragment.params.emplace_back(static_cast<std::int64_t>(one.size() + 1));
        fragment.params.emplace_back(one + "-");
    }
    if (fragment.sql.empty()) return {"", "1 = 1", {}};
    fragment.sql = (is_default ? "NOT (" : "(") + fragment.sql + ")";
    return fragment;
}

void join(db::Fragment& fragment, const db::Fragment& more) {
    fragment.sql += " AND (" + more.sql + ")";
    fragment.params.insert(fragment.params.end(), more.params.begin(), more.params.end());
}

}  // namespace

base::Result<std::vector<MissingField>> missing_fields(
    db::Connection& connection, const RunQuestion& question,
    const std::map<std::string, templates::CompiledTemplate>& compiled) {
    const auto segment =
        compile_segment(question, question.bundle.definition.segment, audience::Access::scan);
    if (!segment) return base::fail(segment.error());
    const auto contract = contract_of(question);
    // Whoever had his data erased has no name, and no address to be written to either.
    const db::Fragment not_erased{
        "", "c.external_id NOT LIKE ?", {std::string{audience::erased_id_prefix} + "%"}};
    std::vector<MissingField> missing;
    for (const auto& [name, one] : compiled)
        for (const auto& locale : one.locales())
            for (const auto slot : one.required_slots(locale)) {
                const auto& field = one.fields()[slot].name;
                const auto without = lacks(field, contract);
                if (without.sql.empty()) continue;
                db::Fragment predicate{"predicate", "(" + segment->predicate + ")",
                                       segment->params};
                join(predicate, speaks(one, locale));
                join(predicate, not_erased);
                join(predicate, without);
                const auto composed =
                    db::compose(db::queries::count_segment, connection.engine(), {}, {predicate});
                const auto clients =
                    connection.value<std::int64_t>(composed.query, composed.params).value_or(0);
                if (clients > 0) missing.push_back({name, locale, field, clients});
            }
    return missing;
}

Assignment assignment_of_campaign(const Bundle& bundle, base::CampaignId campaign) {
    std::vector<int> weights;
    for (const auto& variant : bundle.definition.variants) weights.push_back(variant.weight);
    return assignment_of(std::to_string(campaign.value),
                         control_parts_of(bundle.definition, bundle.parsed_policies), weights);
}

base::Result<std::vector<db::Fragment>> run_fragments(const RunQuestion& question) {
    auto predicate = predicate_of(question);
    if (!predicate) return base::fail(predicate.error());
    const auto common = common_reason(question);
    if (!common) return base::fail(common.error());
    const auto& definition = question.bundle.definition;
    const auto assignment = assignment_of_campaign(question.bundle, question.campaign);
    auto fragments = route_fragments(definition.steps.at(question.step), definition.purpose,
                                     *common, Attempt::first);
    fragments.push_back(std::move(*predicate));
    fragments.push_back(contract_of(question));
    fragments.push_back(control_of(assignment));
    fragments.push_back(variant_of_run(assignment));
    return fragments;
}

base::Result<std::optional<db::Fragment>> recheck_fragment(const RunQuestion& question) {
    const auto& definition = question.bundle.definition;
    if (!definition.recheck) return std::optional<db::Fragment>{};
    db::Fragment fragment{"predicate", {}, {}};
    const auto segment = compile_segment(question, definition.segment, audience::Access::probe);
    if (!segment) return base::fail(segment.error());
    append(fragment, "(", *segment, ")");
    if (const auto done = append_excluded(fragment, question); !done)
        return base::fail(done.error());
    return std::optional{std::move(fragment)};
}

base::Result<audience::CompiledSegment> audience_of(const RunQuestion& question) {
    const auto segment =
        compile_segment(question, question.bundle.definition.segment, audience::Access::scan);
    if (!segment) return base::fail(segment.error());
    auto fragment = schedule_condition(question);
    append(fragment, " AND (", *segment, ")");
    if (const auto done = append_excluded(fragment, question); !done)
        return base::fail(done.error());
    return audience::CompiledSegment{std::move(fragment.sql), std::move(fragment.params),
                                     segment->narrow};
}

}  // namespace carillon::campaigns
