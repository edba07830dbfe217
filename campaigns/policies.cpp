#include "campaigns/policies.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace carillon::campaigns {

namespace {

using namespace std::chrono_literals;
using base::Json;
using base::ObjectReader;
using base::Problems;
using base::Purpose;

constexpr std::size_t caps_max = 20;
const std::vector<std::string_view> leap_day_names{"february_28", "march_1"};

constexpr DailyWindow hours(int opens, int closes) {
    return {std::chrono::hours{opens}, std::chrono::hours{closes}};
}

// N in a calendar window and in the rolling window of the same size.
std::vector<Cap> both_ways(int per_day, int per_week, int per_month) {
    return {{per_day, CapWindow::day},
            {per_week, CapWindow::week},
            {per_month, CapWindow::month},
            {per_day, CapWindow::rolling, 24h},
            {per_week, CapWindow::rolling, std::chrono::days{7}},
            {per_month, CapWindow::rolling, std::chrono::days{30}}};
}

const Cap* same_window(const std::vector<Cap>& caps, const Cap& cap) {
    const auto found = std::ranges::find_if(caps, [&](const Cap& other) {
        return other.window == cap.window && other.length == cap.length;
    });
    return found == caps.end() ? nullptr : &*found;
}

Cap read_cap(const Json& json, const std::string& path, Problems& problems) {
    ObjectReader reader{json, path, problems};
    Cap cap;
    cap.count = static_cast<int>(reader.required_integer("count", 0, 1000));
    const auto per = reader.required_text("per");
    if (per == "week") cap.window = CapWindow::week;
    if (per == "month") cap.window = CapWindow::month;
    if (!per.empty() && per != "day" && per != "week" && per != "month") {
        const auto length = parse_duration(per);
        cap.window = CapWindow::rolling;
        cap.length = length.value_or(1h);
        if (!length || *length == 0min)
            reader.problem("per", "policy.cap_window",
                           "'" + per + "' is neither day, week, month nor a length such as 24h");
    }
    reader.finish();
    return cap;
}

std::vector<Cap> read_caps(ObjectReader& reader, std::string_view key, std::vector<Cap> fallback,
                           Problems& problems) {
    const auto* list = reader.list(key);
    if (list == nullptr) return fallback;
    if (list->size() > caps_max) reader.problem(key, "policy.caps", "takes at most 20 caps");
    std::vector<Cap> caps;
    for (std::size_t i = 0; i < std::min(list->size(), caps_max); ++i) {
        const auto place = std::string{key} + "[" + std::to_string(i) + "]";
        const auto cap = read_cap((*list)[i], reader.path_of(place), problems);
        if (same_window(caps, cap) != nullptr)
            reader.problem(place, "policy.cap_twice", window_text(cap) + " already has a cap");
        caps.push_back(cap);
    }
    return caps;
}

CapSet read_cap_set(const Json& json, const std::string& path, const CapSet& fallback,
                    Problems& problems) {
    ObjectReader reader{json, path, problems};
    CapSet caps;
    caps.messages = read_caps(reader, "messages", fallback.messages, problems);
    caps.calls = read_caps(reader, "calls", fallback.calls, problems);
    caps.letters = read_caps(reader, "letters", fallback.letters, problems);
    reader.finish();
    return caps;
}

DailyWindow read_window(ObjectReader& reader, std::string_view key, const DailyWindow& fallback) {
    if (!reader.has(key)) return fallback;
    const auto window = parse_window(reader.text(key));
    if (window) return *window;
    reader.problem(key, window.error().code, window.error().detail);
    return fallback;
}

// Statutory caps the file does not mention stay; those it mentions may only be lower.
void keep_law(std::vector<Cap>& caps, const std::vector<Cap>& law, std::string_view key,
              ObjectReader& reader) {
    for (const auto& limit : law) {
        const auto* given = same_window(caps, limit);
        if (given == nullptr)
            caps.push_back(limit);
        else if (given->count > limit.count)
            reader.problem(key, "policy.debt_law",
                           std::to_string(given->count) + " per " + window_text(limit) +
                               " is more than 230-FZ article 7 allows (" +
                               std::to_string(limit.count) + ")");
    }
}

void check_debt_law(PurposePolicy& policy, ObjectReader& reader) {
    const auto law = debt_law_windows();
    const auto check = [&](const DailyWindow& given, const DailyWindow& limit,
                           std::string_view key) {
        if (!lies_within(given, limit))
            reader.problem(
                key, "policy.debt_law",
                to_text(given) + " is wider than 230-FZ article 7 allows (" + to_text(limit) + ")");
    };
    check(policy.windows.working_days, law.working_days, "working_days");
    check(policy.windows.other_days, law.other_days, "other_days");
    keep_law(policy.caps.messages, debt_law_caps().messages, "caps.messages", reader);
    keep_law(policy.caps.calls, debt_law_caps().calls, "caps.calls", reader);
}

void read_purpose(PurposePolicy& policy, Purpose purpose, const Json& json, const std::string& path,
                  Problems& problems) {
    ObjectReader reader{json, path, problems};
    auto& windows = policy.windows;
    windows.working_days = read_window(reader, "working_days", windows.working_days);
    windows.other_days = read_window(reader, "other_days", windows.other_days);
    windows.safety_margin = read_duration(reader, "safety_margin", windows.safety_margin);
    if (windows.safety_margin > 12h)
        reader.problem("safety_margin", "policy.safety_margin", "must not exceed 12h");
    if (const auto* caps = reader.object("caps"))
        policy.caps = read_cap_set(*caps, reader.path_of("caps"), policy.caps, problems);
    policy.send_by = read_duration(reader, "send_by", policy.send_by);
    const double percent = reader.number("control_percent", policy.control_parts / 100.0, 0, 50);
    policy.control_parts = static_cast<int>(std::lround(percent * 100));
    if (purpose == Purpose::debt) check_debt_law(policy, reader);
    if (purpose != Purpose::marketing && policy.control_parts != 0)
        reader.problem("control_percent", "policy.control",
                       "only marketing has a control group by default");
    reader.finish();
}

void read_purposes(Policies& policies, ObjectReader& reader, Problems& problems) {
    const auto* json = reader.object("purposes");
    if (json == nullptr) return;
    ObjectReader part{*json, reader.path_of("purposes"), problems};
    for (const auto purpose : base::purposes) {
        const auto name = base::name_of(purpose);
        if (const auto* policy = part.object(name))
            read_purpose(policies.of(purpose), purpose, *policy, part.path_of(name), problems);
    }
    part.finish();
}

void read_cap_classes(Policies& policies, ObjectReader& reader, Problems& problems) {
    const auto* json = reader.object("cap_classes");
    if (json == nullptr) return;
    for (const auto& [name, caps] : *json->object()) {
        const auto path = reader.path_of("cap_classes." + name);
        if (name.empty() || base::purpose_from(name))
            problems.push_back({"policy.cap_class", "is the name of a purpose, or empty", path});
        policies.cap_classes[name] = read_cap_set(caps, path, {}, problems);
    }
}

void check_zone(std::string_view name, const std::string& place, ObjectReader& reader) {
    if (const auto zone = base::TimeZone::find(name); !zone)
        reader.problem(place, zone.error().code, zone.error().detail);
}

void read_zones(Policies& policies, ObjectReader& reader) {
    policies.bank_zone = reader.text("bank_zone", policies.bank_zone);
    check_zone(policies.bank_zone, "bank_zone", reader);
    if (!reader.has("unknown_zones")) return;
    policies.unknown_zones = reader.texts("unknown_zones");
    if (policies.unknown_zones.empty())
        reader.problem("unknown_zones", "json.empty", "needs at least one zone");
    for (std::size_t i = 0; i < policies.unknown_zones.size(); ++i)
        check_zone(policies.unknown_zones[i], "unknown_zones[" + std::to_string(i) + "]", reader);
}

Json json_of(const std::vector<Cap>& caps) {
    Json::Array list;
    for (const auto& cap : caps)
        list.push_back(Json::Object{{"count", cap.count}, {"per", window_text(cap)}});
    return list;
}

Json json_of(const CapSet& caps) {
    return Json::Object{{"messages", json_of(caps.messages)},
                        {"calls", json_of(caps.calls)},
                        {"letters", json_of(caps.letters)}};
}

Json json_of(const PurposePolicy& policy) {
    return Json::Object{{"working_days", to_text(policy.windows.working_days)},
                        {"other_days", to_text(policy.windows.other_days)},
                        {"safety_margin", duration_text(policy.windows.safety_margin)},
                        {"caps", json_of(policy.caps)},
                        {"send_by", duration_text(policy.send_by)},
                        {"control_percent", policy.control_parts / 100.0}};
}

PurposePolicy debt_policy() {
    auto windows = debt_law_windows();
    windows.safety_margin = 15min;
    return {.windows = windows, .caps = debt_law_caps(), .send_by = 4h, .control_parts = 0};
}

PurposePolicy marketing_policy() {
    return {.windows = {hours(9, 21), hours(10, 20), 15min},
            .caps = {.messages = {{1, CapWindow::day}, {3, CapWindow::week}, {8, CapWindow::month}},
                     .calls = {{1, CapWindow::day}, {1, CapWindow::week}, {2, CapWindow::month}},
                     .letters = {{2, CapWindow::month}}},
            .send_by = 4h,
            .control_parts = 500};
}

}  // namespace

SendWindows debt_law_windows() {
    return {hours(8, 22), hours(9, 20), 0min};
}

CapSet debt_law_caps() {
    return {.messages = both_ways(2, 4, 16), .calls = both_ways(1, 2, 8), .letters = {}};
}

Policies default_policies() {
    Policies policies;
    policies.of(Purpose::transactional) = {
        .windows = {}, .caps = {}, .send_by = 24h, .control_parts = 0};
    policies.of(Purpose::service) = {
        .windows = {hours(8, 22), hours(9, 21), 15min},
        .caps = {.messages = {{5, CapWindow::day}}, .calls = {{2, CapWindow::day}}, .letters = {}},
        .send_by = 24h,
        .control_parts = 0};
    policies.of(Purpose::debt) = debt_policy();
    policies.of(Purpose::marketing) = marketing_policy();
    for (const auto& zone : russian_zones()) policies.unknown_zones.push_back(zone.name());
    return policies;
}

const CapSet* Policies::caps_of(Purpose purpose, const std::string& cap_class) const {
    if (cap_class.empty() || cap_class == base::name_of(purpose)) return &of(purpose).caps;
    if (purpose == Purpose::debt) return nullptr;
    const auto found = cap_classes.find(cap_class);
    return found == cap_classes.end() ? nullptr : &found->second;
}

Parsed<Policies> parse_policies(const Json& json) {
    Problems problems;
    ObjectReader reader{json, "$", problems};
    auto policies = default_policies();
    read_zones(policies, reader);
    policies.leap_day = static_cast<base::LeapDayRule>(
        reader.choice("leap_day", leap_day_names, static_cast<int>(policies.leap_day)));
    read_purposes(policies, reader, problems);
    read_cap_classes(policies, reader, problems);
    reader.finish();
    if (!problems.empty()) return tl::unexpected{std::move(problems)};
    return policies;
}

Json to_json(const Policies& policies) {
    Json purposes{Json::Object{}};
    for (const auto purpose : base::purposes)
        purposes.set(std::string{base::name_of(purpose)}, json_of(policies.of(purpose)));
    Json classes{Json::Object{}};
    for (const auto& [name, caps] : policies.cap_classes) classes.set(name, json_of(caps));
    return Json::Object{{"bank_zone", policies.bank_zone},
                        {"unknown_zones",
                         Json::Array(policies.unknown_zones.begin(), policies.unknown_zones.end())},
                        {"leap_day", leap_day_names[static_cast<std::size_t>(policies.leap_day)]},
                        {"purposes", std::move(purposes)},
                        {"cap_classes", std::move(classes)}};
}

std::vector<base::TimeZone> zones_of(const Policies& policies,
                                     const std::optional<base::TimeZone>& client_zone) {
    if (client_zone) return {*client_zone};
    std::vector<base::TimeZone> zones;
    for (const auto& name : policies.unknown_zones)
        zones.push_back(base::TimeZone::find(name).value());
    return zones;
}

std::vector<base::TimeZone> zones_of_client(const Policies& policies, const std::string& name) {
    if (!name.empty())
        if (auto found = base::TimeZone::find(name)) return {std::move(*found)};
    return zones_of(policies, std::nullopt);
}

std::optional<base::Instant> send_deadline(const SendWindows& windows,
                                           std::span<const base::TimeZone> zones,
                                           const WorkCalendar& calendar, base::Instant due,
                                           Minutes send_by) {
    const auto first = next_allowed(windows, zones, calendar, due, due + window_horizon);
    if (!first) return std::nullopt;
    return *first + send_by;
}

}  // namespace carillon::campaigns
