// The days of campaigns: what falls due, and who would be written to twice.
#include <algorithm>

#include "audience/client_scan.h"
#include "base/local_date.h"
#include "campaigns/audience_sql.h"
#include "desk/campaign_desk.h"
#include "desk/forecast.h"
#include "desk/visible.h"

namespace carillon::desk {

namespace {

constexpr int days_max = 62;
constexpr std::size_t overlaps_max = 500;  // pairs of one answer
constexpr std::size_t counts_max = 200;    // of one answer
constexpr int counts_per_limit = 4;        // no pair takes more than this part of the time

struct Span {
    base::LocalDate from{};
    int days{};
};

tl::expected<Span, base::Problems> span_of(const std::string& from_text, const std::string& to_text,
                                           const base::LocalDate& today) {
    const auto from =
        from_text.empty() ? base::Result<base::LocalDate>{today} : base::parse_date(from_text);
    if (!from) return refuse(from.error().code, from.error().detail, "from");
    const auto to = to_text.empty()
                        ? base::Result<base::LocalDate>{base::add_days(*from, days_max - 1)}
                        : base::parse_date(to_text);
    if (!to) return refuse(to.error().code, to.error().detail, "to");
    const auto days = (std::chrono::sys_days{*to} - std::chrono::sys_days{*from}).count() + 1;
    if (days < 1 || days > days_max)
        return refuse("calendar.range", "`to` lies 0 to 61 days behind `from`", "to");
    return Span{*from, static_cast<int>(days)};
}

// A campaign that may still fire, with its slots in a span.
struct Planned {
    campaigns::StoredCampaign campaign{};
    campaigns::Bundle bundle{};
    std::vector<campaigns::Slot> slots{};
};

// What recurs has no days before it was started, and none in the past while it was not.
base::Instant begins(const campaigns::StoredCampaign& campaign, const campaigns::Bundle& bundle,
                     base::Instant now) {
    if (std::holds_alternative<campaigns::Once>(bundle.definition.schedule.when)) return {};
    return campaign.started_at.value_or(now);
}

std::vector<Planned> planned_in(db::Connection& connection, const Span& span, base::Instant now) {
    std::vector<Planned> planned;
    for (const auto& campaign : campaigns::list_campaigns(connection)) {
        if (campaigns::is_final(campaign.state)) continue;
        base::Problems problems;
        auto bundle = campaigns::may_edit(campaign.state)
                          ? campaigns::current_bundle(connection, campaign, problems)
                          : campaigns::bound_bundle(connection, campaign, problems);
        if (!problems.empty()) continue;
        auto slots = slots_of(bundle, span.from, span.days);
        const auto first = begins(campaign, bundle, now);
        std::erase_if(slots, [&](const auto& slot) { return slot.at < first; });
        planned.push_back({campaign, std::move(bundle), std::move(slots)});
    }
    return planned;
}

// What another day would change; null where nothing is moved any more, or the days follow from the
// clients' own dates.
base::Json moves(const Planned& one) {
    const auto& when = one.bundle.definition.schedule.when;
    if (!campaigns::may_edit(one.campaign.state)) return {};
    if (std::holds_alternative<campaigns::Once>(when)) return "day";
    if (std::holds_alternative<campaigns::Recurring>(when)) return "first_day";
    return {};
}

base::Json item_of(const Planned& one, const campaigns::Slot& slot) {
    const auto& definition = one.bundle.definition;
    return base::Json::Object{{"campaign", one.campaign.name},
                              {"title", definition.title},
                              {"state", name_of(one.campaign.state)},
                              {"purpose", name_of(definition.purpose)},
                              {"segment", definition.segment},
                              {"day", base::to_text(slot.as_of)},
                              {"time", base::to_text(slot.time)},
                              {"at", base::to_text(slot.at)},
                              {"moves", moves(one)}};
}

using DayAndSegment = std::pair<std::string, std::string>;

base::Json::Array same_segment(const std::vector<Planned>& planned) {
    std::map<DayAndSegment, std::vector<std::string>> taken;
    for (const auto& one : planned)
        for (const auto& slot : one.slots) {
            auto& names = taken[{base::to_text(slot.as_of), one.bundle.definition.segment}];
            if (names.empty() || names.back() != one.campaign.name)
                names.push_back(one.campaign.name);
        }
    base::Json::Array conflicts;
    for (const auto& [key, names] : taken)
        if (names.size() > 1)
            conflicts.push_back(
                base::Json::Object{{"day", key.first},
                                   {"segment", key.second},
                                   {"campaigns", base::Json::Array{names.begin(), names.end()}}});
    return conflicts;
}

// Two campaigns with different segments that fall due on one day.
struct Meeting {
    base::LocalDate day{};
    const Planned* one{};
    const Planned* other{};
};

bool differs_by_day(const Planned& one) {
    const auto& when = one.bundle.definition.schedule.when;
    return std::holds_alternative<campaigns::OnDateField>(when) ||
           std::holds_alternative<campaigns::OnCalendarDays>(when);
}

// Days to come, the nearest first.
std::vector<Meeting> meetings_of(const std::vector<Planned>& planned, base::Instant now) {
    std::map<base::LocalDate, std::vector<const Planned*>> due;
    for (const auto& one : planned)
        for (const auto& slot : one.slots) {
            auto& there = due[slot.as_of];
            if (slot.at > now && (there.empty() || there.back() != &one)) there.push_back(&one);
        }
    std::vector<Meeting> meetings;
    for (const auto& [day, there] : due)
        for (std::size_t i = 0; i < there.size(); ++i)
            for (std::size_t j = i + 1; j < there.size(); ++j)
                if (there[i]->bundle.definition.segment != there[j]->bundle.definition.segment)
                    meetings.push_back({day, there[i], there[j]});
    return meetings;
}

// Everybody in both audiences, counted once for a pair: on the first day of it, or on each day
// where the schedule itself picks other clients every day.
class Counting {
public:
    Counting(db::Database& database, db::Patience patience)
        : database_(database),
          patience_(std::move(patience)),
          ends_(base::steady_now() + patience_.limit) {}

    // While a connection is at hand; counting itself opens its own.
    void prepare(db::Connection& connection, const std::vector<Meeting>& meetings) {
        for (const auto& one : meetings) {
            if (questions_.size() == counts_max) return;
            if (questions_.contains(key_of(one))) continue;
            const auto first = audience_on(connection, *one.one, one.day);
            const auto second = audience_on(connection, *one.other, one.day);
            if (first && second) questions_.emplace(key_of(one), both(*first, *second));
        }
    }
    audience::FoundSoFar count(const Meeting& meeting) {
        const auto key = key_of(meeting);
        if (const auto found = counted_.find(key); found != counted_.end()) return found->second;
        const auto question = questions_.find(key);
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(ends_ - base::steady_now());
        if (question == questions_.end() || left.count() <= 0) return {};
        const db::Patience patience{std::min(left, patience_.limit / counts_per_limit),
                                    patience_.is_gone};
        return counted_[key] = audience::count_so_far(database_, question->second, patience);
    }

private:
    using Key = std::tuple<const Planned*, const Planned*, base::LocalDate>;

    static Key key_of(const Meeting& meeting) {
        const bool daily = differs_by_day(*meeting.one) || differs_by_day(*meeting.other);
        return {meeting.one, meeting.other, daily ? meeting.day : base::LocalDate{}};
    }
    static base::Result<audience::CompiledSegment> audience_on(db::Connection& connection,
                                                               const Planned& planned,
                                                               const base::LocalDate& day) {
        return campaigns::audience_of({.bundle = planned.bundle,
                                       .campaign = planned.campaign.id,
                                       .as_of = day,
                                       .find_campaign = campaigns::campaign_finder(connection)});
    }
    static audience::CompiledSegment both(const audience::CompiledSegment& one,
                                          const audience::CompiledSegment& other) {
        auto params = one.params;
        params.insert(params.end(), other.params.begin(), other.params.end());
        return {"(" + one.predicate + ") AND (" + other.predicate + ")", std::move(params),
                one.narrow || other.narrow};
    }

    db::Database& database_;
    db::Patience patience_;
    base::Steady ends_;
    std::map<Key, audience::CompiledSegment> questions_;
    std::map<Key, audience::FoundSoFar> counted_;
};

base::Json overlap_of(const Meeting& meeting, const audience::FoundSoFar& found) {
    const bool is_known = found.whole || found.clients > 0;
    return base::Json::Object{
        {"day", base::to_text(meeting.day)},
        {"campaigns", base::Json::Array{meeting.one->campaign.name, meeting.other->campaign.name}},
        {"segments", base::Json::Array{meeting.one->bundle.definition.segment,
                                       meeting.other->bundle.definition.segment}},
        {"clients", is_known ? base::Json{found.clients} : base::Json{}},
        {"whole", found.whole}};
}

}  // namespace

Answer calendar(Office& office, const Caller& caller, const std::string& from,
                const std::string& to) {
    auto lease = office.read(caller, Right::campaigns_see);
    const auto now = office.now();
    const auto zone = bank_zone(*lease);
    const auto span = span_of(from, to, zone.date_at(now));
    if (!span) return refuse(span.error());
    const auto planned = planned_in(*lease, *span, now);
    std::vector<std::pair<base::Instant, base::Json>> items;
    for (const auto& one : planned)
        for (const auto& slot : one.slots) items.emplace_back(slot.at, item_of(one, slot));
    std::ranges::stable_sort(items, {}, &std::pair<base::Instant, base::Json>::first);
    base::Json::Array shown;
    for (auto& [at, item] : items) shown.push_back(std::move(item));
    return base::Json{base::Json::Object{{"zone", zone.name()},
                                         {"now", base::to_text(now)},
                                         {"items", std::move(shown)},
                                         {"conflicts", same_segment(planned)}}};
}

Answer calendar_overlaps(Office& office, const Caller& caller, const std::string& from,
                         const std::string& to) {
    auto& database = office.database(caller, Right::segments_count);
    access::require(caller, Right::campaigns_see);
    const auto now = office.now();
    Counting counting{database, {office.settings().count_limit, caller.is_gone}};
    std::vector<Planned> planned;
    std::vector<Meeting> meetings;
    {
        const auto lease = database.read();
        const auto span = span_of(from, to, bank_zone(*lease).date_at(now));
        if (!span) return refuse(span.error());
        planned = planned_in(*lease, *span, now);
        meetings = meetings_of(planned, now);
        counting.prepare(*lease, meetings);
    }
    base::Json::Array items;
    std::int64_t left_off = 0;
    for (const auto& meeting : meetings) {
        const auto found = counting.count(meeting);
        if (found.whole && found.clients == 0) continue;
        if (items.size() < overlaps_max)
            items.push_back(overlap_of(meeting, found));
        else
            ++left_off;
    }
    return base::Json{base::Json::Object{{"items", std::move(items)}, {"left_off", left_off}}};
}

}  // namespace carillon::desk
