#include "campaigns/schedule.h"

#include <algorithm>

#include "base/text.h"
#include "campaigns/recurrence.h"

namespace carillon::campaigns {

namespace {

using base::Json;
using base::ObjectReader;
using base::Problems;

const std::vector<std::string_view> date_names{"birth_date", "card_expiry", "payment_due",
                                               "contract_opened"};
const std::vector<std::string_view> match_names{"exact", "anniversary"};
const std::vector<std::string_view> zone_names{"client", "bank"};
const std::vector<std::string_view> kinds{"once", "recurring", "date_field", "calendar_days",
                                          "event"};
constexpr std::size_t days_max = 1000;

base::LocalDate read_date(ObjectReader& reader, std::string_view key) {
    if (reader.required(key) == nullptr) return {};
    const auto date = base::parse_date(reader.text(key));
    if (date) return *date;
    reader.problem(key, date.error().code, date.error().detail);
    return {};
}

base::TimeOfDay read_time(ObjectReader& reader) {
    if (reader.required("time") == nullptr) return {};
    const auto text = reader.text("time");
    const auto time = base::parse_time_of_day(text);
    if (time && text.size() == 5 && *time < std::chrono::hours{24}) return *time;
    reader.problem("time", "time.invalid", "'" + text + "' is not a time of day; expected HH:MM");
    return {};
}

Once read_once(ObjectReader& reader) {
    const auto date = read_date(reader, "date");
    return {date, read_time(reader)};
}

Recurring read_recurring(ObjectReader& reader) {
    Recurring recurring;
    recurring.rrule = reader.required_text("rrule");
    recurring.start = read_date(reader, "start");
    recurring.time = read_time(reader);
    if (recurring.rrule.empty() || !recurring.start.ok()) return recurring;
    const auto rule = Recurrence::parse(recurring.rrule, recurring.start);
    if (!rule) reader.problem("rrule", rule.error().code, rule.error().detail);
    return recurring;
}

OnDateField read_date_field(ObjectReader& reader) {
    OnDateField on;
    on.field = static_cast<ClientDate>(reader.choice("field", date_names, -1));
    const auto usual =
        on.field == ClientDate::birth_date ? DateMatch::anniversary : DateMatch::exact;
    on.match = static_cast<DateMatch>(reader.choice("match", match_names, static_cast<int>(usual)));
    on.offset_days = static_cast<int>(reader.integer("offset_days", 0, -366, 366));
    on.time = read_time(reader);
    return on;
}

OnCalendarDays read_calendar_days(ObjectReader& reader, Problems& problems) {
    OnCalendarDays on;
    on.list = reader.text("list");
    on.time = read_time(reader);
    const auto* days = reader.list("days");
    if (days != nullptr) on.days = read_occupation_days(*days, reader.path_of("days"), problems);
    if (on.list.empty() == (days == nullptr))
        reader.problem("", "schedule.calendar_days",
                       "needs either 'days' or 'list', the name of a list of days");
    return on;
}

OnEvent read_event(ObjectReader& reader) {
    OnEvent on;
    on.name = reader.required_text("name");
    on.delay = read_duration(reader, "delay", Minutes{0});
    return on;
}

OccupationDay read_occupation_day(const Json& json, const std::string& path, Problems& problems) {
    ObjectReader reader{json, path, problems};
    OccupationDay day{
        .occupation = reader.required_text("occupation"), .day = {}, .title = reader.text("title")};
    if (const auto text = reader.required_text("day"); !text.empty()) {
        const auto rule = parse_day_rule(text);
        if (rule)
            day.day = *rule;
        else
            reader.problem("day", rule.error().code, rule.error().detail);
    }
    reader.finish();
    return day;
}

Json json_of(const Once& once) {
    return Json::Object{{"date", base::to_text(once.date)}, {"time", base::to_text(once.time)}};
}

Json json_of(const Recurring& on) {
    return Json::Object{
        {"rrule", on.rrule}, {"start", base::to_text(on.start)}, {"time", base::to_text(on.time)}};
}

Json json_of(const OnDateField& on) {
    return Json::Object{{"field", name_of(on.field)},
                        {"match", match_names[static_cast<std::size_t>(on.match)]},
                        {"offset_days", on.offset_days},
                        {"time", base::to_text(on.time)}};
}

Json json_of(const OnCalendarDays& on) {
    Json json{Json::Object{{"time", base::to_text(on.time)}}};
    if (!on.list.empty()) {
        json.set("list", on.list);
        return json;
    }
    Json::Array days;
    for (const auto& day : on.days) {
        Json item{Json::Object{{"occupation", day.occupation}, {"day", to_text(day.day)}}};
        if (!day.title.empty()) item.set("title", day.title);
        days.push_back(std::move(item));
    }
    json.set("days", std::move(days));
    return json;
}

Json json_of(const OnEvent& on) {
    return Json::Object{{"name", on.name}, {"delay", duration_text(on.delay)}};
}

}  // namespace

std::string_view name_of(ClientDate field) {
    return date_names[static_cast<std::size_t>(field)];
}

Schedule read_schedule(const Json& json, const std::string& path, Problems& problems) {
    Schedule schedule;
    ObjectReader reader{json, path, problems};
    int given = 0;
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        const auto* body = reader.object(kinds[kind]);
        if (body == nullptr) continue;
        ++given;
        ObjectReader part{*body, reader.path_of(kinds[kind]), problems};
        switch (kind) {
            case 0: schedule.when = read_once(part); break;
            case 1: schedule.when = read_recurring(part); break;
            case 2: schedule.when = read_date_field(part); break;
            case 3: schedule.when = read_calendar_days(part, problems); break;
            default: schedule.when = read_event(part); break;
        }
        part.finish();
    }
    if (given != 1 && json.object() != nullptr)
        reader.problem("", "schedule.kind",
                       "needs exactly one of once, recurring, date_field, calendar_days, event");
    schedule.zone = static_cast<ScheduleZone>(reader.choice("zone", zone_names, 0));
    reader.finish();
    return schedule;
}

Json to_json(const Schedule& schedule) {
    Json json{
        Json::Object{{std::string{kinds[schedule.when.index()]},
                      std::visit([](const auto& on) { return json_of(on); }, schedule.when)}}};
    if (schedule.zone != ScheduleZone::client)
        json.set("zone", zone_names[static_cast<std::size_t>(schedule.zone)]);
    return json;
}

std::vector<OccupationDay> read_occupation_days(const Json::Array& items, const std::string& path,
                                                Problems& problems) {
    std::vector<OccupationDay> days;
    if (items.empty() || items.size() > days_max)
        problems.push_back({"schedule.days", "needs 1 to 1000 days", path});
    for (std::size_t i = 0; i < std::min(items.size(), days_max); ++i)
        days.push_back(
            read_occupation_day(items[i], path + "[" + std::to_string(i) + "]", problems));
    return days;
}

}  // namespace carillon::campaigns
