#include "campaigns/route_sql.h"

#include <fmt/format.h>

#include <functional>

#include "audience/eligibility_sql.h"

namespace carillon::campaigns {

namespace {

using Value = std::function<std::string(std::size_t route)>;

std::string contact_alias(std::size_t route) {
    return "k" + std::to_string(route + 1);
}

std::string consent_alias(std::size_t route) {
    return "o" + std::to_string(route + 1);
}

std::string quoted(base::ChannelKind channel) {
    return "'" + std::string{name_of(channel)} + "'";
}

db::Fragment columns_of(const Step& step, base::Purpose purpose, const CommonReason& common,
                        Attempt attempt) {
    db::Fragment columns{"columns", {}, {}};
    for (std::size_t i = 0; i < step.routes.size(); ++i) {
        const auto channel = step.routes[i].channel;
        const auto alias = contact_alias(i);
        auto reason = audience::eligibility_reason_sql(channel, purpose, alias, consent_alias(i));
        if (attempt == Attempt::again)
            reason = fmt::format(
                "CASE WHEN EXISTS (SELECT 1 FROM messages t WHERE t.client_id = p.client_id"
                " AND t.run_id = p.run_id AND t.step = p.step AND t.channel = {}) THEN 'tried'"
                " ELSE {} END",
                quoted(channel), reason);
        columns.sql +=
            fmt::format("{}{}.number AS contact_{}, {}{}{} AS reason_{}", i == 0 ? "" : ", ", alias,
                        i + 1, common.before, reason, common.after, i + 1);
        columns.params.insert(columns.params.end(), common.params.begin(), common.params.end());
    }
    if (step.routes.size() > 1 && attempt == Attempt::first)
        columns.sql += fmt::format(
            ", (SELECT a.text_value FROM client_attributes a WHERE a.client_id = c.id"
            " AND a.name = '{}') AS wish",
            preferred_channel_attribute);
    return columns;
}

// The value that belongs to the chosen route, or `none`.
std::string chosen(const Step& step, Attempt attempt, const Value& value, const Value& preferred,
                   const std::string& none) {
    std::string sql = "CASE";
    if (step.routes.size() > 1 && attempt == Attempt::first)
        for (std::size_t i = 1; i < step.routes.size(); ++i)
            sql += fmt::format(" WHEN r.wish = {} AND r.reason_{} IS NULL THEN {}",
                               quoted(step.routes[i].channel), i + 1, preferred(i));
    for (std::size_t i = 0; i < step.routes.size(); ++i)
        sql += fmt::format(" WHEN r.reason_{} IS NULL THEN {}", i + 1, value(i));
    return sql + " ELSE " + none + " END";
}

// "email no_contact, sms no_consent": why the routes before `count` were left.
std::string why_left(const Step& step, std::size_t count) {
    std::string sql;
    for (std::size_t i = 0; i < count; ++i)
        sql += fmt::format("{}'{}{} ' || r.reason_{}", i == 0 ? "" : " || ", i == 0 ? "" : ", ",
                           name_of(step.routes[i].channel), i + 1);
    return sql;
}

// Where no route is left: the row stands under the first channel that was not tried.
std::string fallback_channel(const Step& step, Attempt attempt) {
    if (attempt == Attempt::first) return quoted(step.routes[0].channel);
    std::string sql = "CASE";
    for (std::size_t i = 0; i < step.routes.size(); ++i)
        sql += fmt::format(" WHEN r.reason_{} <> 'tried' THEN {}", i + 1,
                           quoted(step.routes[i].channel));
    return sql + " END";
}

std::string no_route_reason(const Step& step, Attempt attempt) {
    if (attempt == Attempt::again) return "'no_channel_left'";
    if (step.routes.size() == 1) return "r.reason_1";
    return "CASE WHEN r.reason_1 IN ('excluded', 'language') THEN r.reason_1"
           " ELSE 'no_usable_channel' END";
}

}  // namespace

std::vector<db::Fragment> route_fragments(const Step& step, base::Purpose purpose,
                                          const CommonReason& common, Attempt attempt) {
    std::string contacts;
    for (std::size_t i = 0; i < step.routes.size(); ++i)
        contacts +=
            " " + audience::best_contact_join_sql(step.routes[i].channel, contact_alias(i)) + " " +
            audience::consent_join_sql(step.routes[i].channel, purpose, consent_alias(i));
    const Value channel = [&](std::size_t i) { return quoted(step.routes[i].channel); };
    const Value contact = [](std::size_t i) { return fmt::format("r.contact_{}", i + 1); };
    const Value nothing = [](std::size_t) { return std::string{"NULL"}; };
    const Value left = [&](std::size_t i) {
        return i == 0 ? std::string{"NULL"} : why_left(step, i);
    };
    const Value wished = [](std::size_t) { return std::string{"'preferred'"}; };
    const bool several = step.routes.size() > 1;
    return {
        columns_of(step, purpose, common, attempt),
        {"contacts", contacts, {}},
        {"channel",
         several ? chosen(step, attempt, channel, channel, fallback_channel(step, attempt))
                 : channel(0),
         {}},
        {"contact", several ? chosen(step, attempt, contact, contact, contact(0)) : contact(0), {}},
        {"reason",
         several || attempt == Attempt::again
             ? chosen(step, attempt, nothing, nothing, no_route_reason(step, attempt))
             : "r.reason_1",
         {}},
        {"route",
         several ? chosen(step, attempt, left, wished, why_left(step, step.routes.size()))
                 : nothing(0),
         {}}};
}

db::Fragment missed_fragment(const Fallback& fallback) {
    const auto millis = [](Minutes time) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    };
    db::Fragment missed{"missed",
                        "CASE WHEN p.state IN ('failed', 'bounced', 'suppressed')"
                        " THEN COALESCE(p.finished_at, p.due_at)",
                        {}};
    const auto add_no_receipt = [&] {
        if (!fallback.no_receipt) return;
        missed.sql += " WHEN p.state IN ('accepted', 'closed_unknown') THEN p.finished_at + ?";
        missed.params.emplace_back(millis(*fallback.no_receipt));
    };
    const auto add_no_response = [&] {
        if (!fallback.no_response) return;
        missed.sql +=
            " WHEN p.state IN ('accepted', 'delivered', 'closed_unknown') AND NOT EXISTS ("
            "SELECT 1 FROM responses a WHERE a.client_id = p.client_id"
            " AND a.campaign_id = p.campaign_id AND a.at >= p.submitted_at)"
            " THEN p.finished_at + ?";
        missed.params.emplace_back(millis(*fallback.no_response));
    };
    // The branch that comes earlier in time stands first.
    const bool response_first =
        fallback.no_receipt && fallback.no_response && *fallback.no_response < *fallback.no_receipt;
    if (response_first) add_no_response();
    add_no_receipt();
    if (!response_first) add_no_response();
    missed.sql += " END";
    return missed;
}

db::Fragment states_fragment(StepCondition condition) {
    switch (condition) {
        case StepCondition::always:
        case StepCondition::no_response:
            return {"states", "p.state IN ('accepted', 'delivered')", {}};
        case StepCondition::not_delivered:
            return {"states",
                    "p.state IN ('accepted', 'delivered', 'bounced', 'failed', 'closed_unknown')",
                    {}};
        // What matters is the client's state, not what became of the message before.
        case StepCondition::still_matches:
            return {"states",
                    "p.state IN ('accepted', 'delivered', 'bounced', 'failed', 'closed_unknown',"
                    " 'suppressed') OR (p.state = 'skipped' AND p.reason IN ('no_contact',"
                    " 'contact_invalid', 'no_consent', 'suppressed_address', 'no_usable_channel',"
                    " 'no_channel_left'))",
                    {}};
    }
    std::abort();
}

}  // namespace carillon::campaigns
