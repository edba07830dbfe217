// The campaign file, read: one function for each part, in the order of the file; then what parts
// mean together.
#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "base/text.h"
#include "campaigns/definition.h"
#include "campaigns/definition_words.h"

namespace carillon::campaigns {

namespace {

using base::Json;
using base::ObjectReader;
using base::Problems;
using base::Purpose;

constexpr std::size_t steps_max = 20;
constexpr std::size_t variants_max = 20;
constexpr std::size_t title_bytes_max = 800;  // 200 characters of four bytes

bool is_name(std::string_view text) {
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const auto fits = [&](char c) { return is_plain(c) || c == '_' || c == '-'; };
    return !text.empty() && text.size() <= 64 && is_plain(text[0]) &&
           std::ranges::all_of(text, fits);
}

void check_name(ObjectReader& reader, std::string_view key, std::string_view name) {
    if (name.empty() || is_name(name)) return;
    reader.problem(key, "campaign.name",
                   "'" + std::string{name} +
                       "' is not a name; expected small letters, digits, - and _, at most 64");
}

std::string required_name(ObjectReader& reader, std::string_view key) {
    auto name = reader.required_text(key);
    check_name(reader, key, name);
    return name;
}

std::string optional_name(ObjectReader& reader, std::string_view key) {
    auto name = reader.text(key);
    check_name(reader, key, name);
    return name;
}

std::vector<std::string> names(ObjectReader& reader, std::string_view key) {
    auto found = reader.texts(key);
    std::set<std::string> seen;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto place = std::string{key} + "[" + std::to_string(i) + "]";
        if (found[i].empty()) reader.problem(place, "json.empty", "must not be empty");
        check_name(reader, place, found[i]);
        if (!seen.insert(found[i]).second)
            reader.problem(place, "campaign.twice", "'" + found[i] + "' is given twice");
    }
    return found;
}

// "2.5" percent -> 250 parts of 10,000; finer than 0.01 is a mistake.
std::optional<int> read_percent(ObjectReader& reader, std::string_view key, double max) {
    if (!reader.has(key)) return std::nullopt;
    const double hundredths = reader.number(key, 0, 0, max) * 100;
    const double whole = std::round(hundredths);
    if (std::abs(hundredths - whole) > 1e-6)
        reader.problem(key, "campaign.percent", "may have at most two decimals");
    return static_cast<int>(whole);
}

void add_channel(Step& step, const Json& item, ObjectReader& reader, const std::string& place) {
    const auto* name = item.text();
    const auto channel = name != nullptr ? base::channel_kind_from(*name) : std::nullopt;
    if (!channel)
        reader.problem(place, "json.choice", "expected one of email, sms, fax, letter, call");
    else if (step.route(*channel) != nullptr)
        reader.problem(place, "campaign.twice", "'" + *name + "' is given twice");
    else
        step.routes.push_back({*channel, {}, {}});
}

void read_channels(Step& step, ObjectReader& reader) {
    const auto* given = reader.required("channel");
    if (given == nullptr) return;
    const auto* list = given->array();
    if (list == nullptr) return add_channel(step, *given, reader, "channel");
    if (list->empty()) reader.problem("channel", "json.empty", "needs at least one channel");
    for (std::size_t i = 0; i < list->size(); ++i)
        add_channel(step, (*list)[i], reader, "channel[" + std::to_string(i) + "]");
}

// One name for a step of one channel, or an object with a name for each channel.
void read_by_channel(Step& step, ObjectReader& reader, const std::string& key,
                     std::string Route::*member) {
    const auto* given = reader.any(key);
    if (given == nullptr) return;
    const auto set = [&](Route& route, const Json& value, const std::string& place) {
        const auto* name = value.text();
        if (name == nullptr) return reader.problem(place, "json.type", "expected a name");
        check_name(reader, place, *name);
        route.*member = *name;
    };
    if (given->object() == nullptr) {
        if (step.routes.size() > 1)
            return reader.problem(key, "campaign.by_channel",
                                  "expected an object with a name for each channel of the step");
        if (!step.routes.empty()) set(step.routes[0], *given, key);
        return;
    }
    for (const auto& [name, value] : *given->object()) {
        const auto place = key + "." + name;
        const auto channel = base::channel_kind_from(name);
        const auto route = std::ranges::find_if(
            step.routes, [&](const Route& one) { return channel && one.channel == *channel; });
        if (route == step.routes.end())
            reader.problem(place, "campaign.channel_unknown",
                           "'" + name + "' is not a channel of this step");
        else
            set(*route, value, place);
    }
}

void read_templates(Step& step, ObjectReader& reader) {
    if (reader.required("template") == nullptr) return;
    read_by_channel(step, reader, "template", &Route::template_name);
    const auto* given = reader.any("template");
    if (given->object() == nullptr) return;
    for (const auto& route : step.routes)
        if (route.template_name.empty())
            reader.problem(
                "template", "json.required",
                "names no template for '" + std::string{base::name_of(route.channel)} + "'");
}

void read_fallback(Step& step, ObjectReader& reader, Problems& problems) {
    const auto* json = reader.object("fallback");
    if (json == nullptr) return;
    ObjectReader part{*json, reader.path_of("fallback"), problems};
    if (part.has("no_receipt"))
        step.fallback.no_receipt = read_duration(part, "no_receipt", Minutes{0});
    if (part.has("no_response"))
        step.fallback.no_response = read_duration(part, "no_response", Minutes{0});
    part.finish();
    if (step.routes.size() < 2)
        reader.problem("fallback", "campaign.fallback",
                       "needs a second channel that can be fallen back to");
}

Step read_step(const Json& json, std::size_t position, Problems& problems) {
    ObjectReader reader{json, "$.steps[" + std::to_string(position) + "]", problems};
    Step step;
    step.name = optional_name(reader, "name");
    if (step.name.empty()) step.name = std::to_string(position + 1);
    read_channels(step, reader);
    read_templates(step, reader);
    step.wait = read_duration(reader, "wait", Minutes{0});
    step.condition = static_cast<StepCondition>(reader.choice("condition", condition_names, 0));
    read_by_channel(step, reader, "account", &Route::account);
    read_fallback(step, reader, problems);
    const bool looks_back = step.condition == StepCondition::no_response ||
                            step.condition == StepCondition::not_delivered;
    if (position == 0 && looks_back)
        reader.problem("condition", "campaign.first_step", "the first step has no step before it");
    if (position == 0 && step.wait != Minutes{0})
        reader.problem("wait", "campaign.first_step",
                       "the first step goes out when the schedule says; give the delay there");
    reader.finish();
    return step;
}

std::vector<Step> read_steps(ObjectReader& reader, Problems& problems) {
    std::vector<Step> steps;
    reader.required("steps");
    const auto* list = reader.list("steps");
    if (list == nullptr) return steps;
    if (list->empty() || list->size() > steps_max)
        reader.problem("steps", "campaign.steps", "needs 1 to 20 steps");
    std::set<std::string> seen;
    for (std::size_t i = 0; i < std::min(list->size(), steps_max); ++i) {
        steps.push_back(read_step((*list)[i], i, problems));
        if (!seen.insert(steps.back().name).second)
            reader.problem("steps[" + std::to_string(i) + "].name", "campaign.twice",
                           "'" + steps.back().name + "' already names another step");
    }
    return steps;
}

bool names_a_route(const std::string& key, const std::vector<Step>& steps) {
    return std::ranges::any_of(steps, [&](const Step& step) {
        return key == step.name || std::ranges::any_of(step.routes, [&](const Route& route) {
                   return key == step.name + "/" + std::string{base::name_of(route.channel)};
               });
    });
}

void read_replacements(Variant& variant, const Json& json, const std::vector<Step>& steps,
                       ObjectReader& reader) {
    for (const auto& [step, value] : *json.object()) {
        const auto place = "templates." + step;
        if (!names_a_route(step, steps))
            reader.problem(place, "campaign.step_unknown",
                           "no step has the name '" + step +
                               "'; expected STEP, or STEP/CHANNEL for one of its channels");
        const auto* name = value.text();
        if (name == nullptr || !is_name(*name))
            reader.problem(place, "campaign.name", "expected the name of a template");
        else
            variant.templates.push_back({step, *name});
    }
    std::ranges::sort(variant.templates, {}, &Variant::Replacement::step);
}

Variant read_variant(const Json& json, std::size_t position, const std::vector<Step>& steps,
                     Problems& problems) {
    ObjectReader reader{json, "$.variants[" + std::to_string(position) + "]", problems};
    Variant variant;
    variant.name = required_name(reader, "name");
    variant.weight = static_cast<int>(reader.integer("weight", 1, 1, 10'000));
    if (const auto* templates = reader.object("templates"))
        read_replacements(variant, *templates, steps, reader);
    reader.finish();
    return variant;
}

std::vector<Variant> read_variants(ObjectReader& reader, const std::vector<Step>& steps,
                                   Problems& problems) {
    std::vector<Variant> variants;
    const auto* list = reader.list("variants");
    if (list == nullptr) return variants;
    if (list->size() == 1 || list->size() > variants_max)
        reader.problem("variants", "campaign.variants", "needs 2 to 20 variants, or none");
    std::set<std::string> seen;
    for (std::size_t i = 0; i < std::min(list->size(), variants_max); ++i) {
        variants.push_back(read_variant((*list)[i], i, steps, problems));
        if (!seen.insert(variants.back().name).second)
            reader.problem("variants[" + std::to_string(i) + "].name", "campaign.twice",
                           "'" + variants.back().name + "' already names another variant");
    }
    return variants;
}

std::optional<int> read_control(ObjectReader& reader, Problems& problems) {
    const auto* json = reader.object("control");
    if (json == nullptr) return std::nullopt;
    ObjectReader part{*json, reader.path_of("control"), problems};
    part.required("percent");
    const auto parts = read_percent(part, "percent", 50);
    part.finish();
    return parts;
}

std::optional<DailyWindow> read_window(ObjectReader& reader, std::string_view key) {
    if (!reader.has(key)) return std::nullopt;
    const auto window = parse_window(reader.text(key));
    if (window) return *window;
    reader.problem(key, window.error().code, window.error().detail);
    return std::nullopt;
}

std::optional<QuietHours> read_quiet_hours(ObjectReader& reader, Problems& problems) {
    const auto* json = reader.object("quiet_hours");
    if (json == nullptr) return std::nullopt;
    ObjectReader part{*json, reader.path_of("quiet_hours"), problems};
    const QuietHours hours{read_window(part, "working_days"), read_window(part, "other_days")};
    part.finish();
    return hours;
}

std::optional<base::Money> read_money(ObjectReader& reader, std::string_view key,
                                      const std::string& currency) {
    if (!reader.has(key)) return std::nullopt;
    const auto minor = base::parse_minor(reader.text(key), currency);
    if (minor && *minor >= 0) return base::Money{*minor, currency};
    reader.problem(key, minor ? "money.negative" : minor.error().code,
                   minor ? "must not be negative" : minor.error().detail);
    return std::nullopt;
}

Plan read_plan(ObjectReader& reader, Problems& problems) {
    Plan plan;
    const auto* json = reader.object("plan");
    if (json == nullptr) return plan;
    ObjectReader part{*json, reader.path_of("plan"), problems};
    auto currency = part.text("currency", base::Money{}.currency);
    const bool is_code = currency.size() == 3 &&
                         std::ranges::all_of(currency, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!is_code)
        part.problem("currency", "money.currency", "expected an ISO 4217 code such as RUB");
    if (part.has("reach")) plan.reach = part.integer("reach", 0, 0, 1'000'000'000);
    plan.response_parts = read_percent(part, "response_percent", 100);
    plan.revenue = read_money(part, "revenue", currency);
    plan.cost = read_money(part, "cost", currency);
    plan.limit_parts = read_percent(part, "limit_percent", 100).value_or(plan.limit_parts);
    part.finish();
    return plan;
}

Conversion read_conversion(ObjectReader& reader, Problems& problems) {
    Conversion conversion;
    const auto* json = reader.object("conversion");
    if (json == nullptr) return conversion;
    ObjectReader part{*json, reader.path_of("conversion"), problems};
    conversion.event = optional_name(part, "event");
    conversion.window = read_duration(part, "window", conversion.window);
    conversion.attribution =
        static_cast<Attribution>(part.choice("attribution", attribution_names, 0));
    part.finish();
    return conversion;
}

std::optional<base::LocalDate> read_day(ObjectReader& reader, std::string_view key) {
    if (!reader.has(key)) return std::nullopt;
    const auto date = base::parse_date(reader.text(key));
    if (date) return *date;
    reader.problem(key, date.error().code, date.error().detail);
    return std::nullopt;
}

// RFC 5646 in its everyday shape: "ru", "pt-BR", "sr-Latn".
bool is_language(std::string_view tag) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto subtags = base::split(tag, '-');
    if (subtags[0].size() < 2 || subtags[0].size() > 3 || subtags.size() > 3) return false;
    return std::ranges::all_of(subtags, [&](std::string_view subtag) {
        return subtag.size() >= 2 && subtag.size() <= 8 && std::ranges::all_of(subtag, is_letter);
    });
}

std::vector<std::string> read_languages(ObjectReader& reader) {
    auto languages = reader.texts("languages");
    for (std::size_t i = 0; i < languages.size(); ++i)
        if (!is_language(languages[i]))
            reader.problem("languages[" + std::to_string(i) + "]", "campaign.language",
                           "'" + languages[i] + "' is not a language tag such as ru or en");
    return languages;
}

std::string line(ObjectReader& reader, std::string_view key, std::string text) {
    if (text.size() > title_bytes_max || base::has_control_characters(text))
        reader.problem(key, "campaign.text", "must be one line of at most 200 characters");
    return text;
}

// Contact law follows the purpose, so a file may choose a stricter one than its objective implies,
// never a laxer.
void check_purpose(const Definition& definition, ObjectReader& reader) {
    const auto implied = purpose_of(definition.objective);
    const bool on_event = std::holds_alternative<OnEvent>(definition.schedule.when);
    if (definition.purpose == implied) return;
    const bool is_service = implied == Purpose::service;
    if (is_service && definition.purpose == Purpose::marketing) return;
    if (is_service && definition.purpose == Purpose::transactional && on_event) return;
    reader.problem(
        "purpose", "campaign.purpose",
        "objective " + std::string{name_of(definition.objective)} + " means purpose " +
            std::string{base::name_of(implied)} +
            (is_service ? "; transactional needs an event schedule, debt the objective debt"
                        : "; it cannot be changed"));
}

// Nobody is left without a service notice or a reminder of debt for the sake of a measurement.
void check_control(const Definition& definition, ObjectReader& reader) {
    const bool must_reach_all = definition.objective == Objective::service ||
                                definition.purpose == Purpose::debt ||
                                definition.purpose == Purpose::transactional;
    if (must_reach_all && definition.control_parts.value_or(0) > 0)
        reader.problem("control", "campaign.control",
                       "service, debt and transactional campaigns have no control group");
}

void check_together(const Definition& definition, ObjectReader& reader) {
    check_purpose(definition, reader);
    check_control(definition, reader);
    if (definition.starts && definition.ends && *definition.ends < *definition.starts)
        reader.problem("ends", "campaign.dates", "must not lie before starts");
    if (std::ranges::find(definition.exclude, definition.segment) != definition.exclude.end())
        reader.problem("exclude", "campaign.exclude", "excludes the campaign's own segment");
}

void read_what(Definition& definition, ObjectReader& reader) {
    definition.name = required_name(reader, "name");
    definition.title = line(reader, "title", reader.required_text("title"));
    definition.description = reader.text("description");
    definition.objective = static_cast<Objective>(reader.choice("objective", objective_names, -1));
    const std::vector<std::string_view> purpose_names{
        base::name_of(Purpose::transactional), base::name_of(Purpose::service),
        base::name_of(Purpose::debt), base::name_of(Purpose::marketing)};
    definition.purpose = static_cast<Purpose>(reader.choice(
        "purpose", purpose_names, static_cast<int>(purpose_of(definition.objective))));
    definition.owner = line(reader, "owner", reader.text("owner"));
}

void read_when(Definition& definition, ObjectReader& reader, Problems& problems) {
    if (const auto* json = reader.required("schedule"))
        definition.schedule = read_schedule(*json, reader.path_of("schedule"), problems);
    definition.starts = read_day(reader, "starts");
    definition.ends = read_day(reader, "ends");
    if (reader.has("send_by")) definition.send_by = read_duration(reader, "send_by", Minutes{0});
    definition.quiet_hours = read_quiet_hours(reader, problems);
    definition.cap_class = optional_name(reader, "caps");
    definition.priority = static_cast<int>(reader.integer("priority", definition.priority, 0, 100));
    definition.recheck = reader.boolean("recheck", definition.recheck);
    definition.tracking = reader.boolean("tracking", definition.tracking);
}

}  // namespace

Parsed<Definition> parse_definition(const Json& json) {
    Problems problems;
    ObjectReader reader{json, "$", problems};
    Definition definition;
    read_what(definition, reader);
    definition.segment = required_name(reader, "segment");
    definition.exclude = names(reader, "exclude");
    definition.languages = read_languages(reader);
    definition.household = static_cast<Household>(reader.choice("household", household_names, 0));
    definition.control_parts = read_control(reader, problems);
    definition.steps = read_steps(reader, problems);
    definition.variants = read_variants(reader, definition.steps, problems);
    read_when(definition, reader, problems);
    definition.plan = read_plan(reader, problems);
    definition.conversion = read_conversion(reader, problems);
    check_together(definition, reader);
    reader.finish();
    if (!problems.empty()) return tl::unexpected{std::move(problems)};
    return definition;
}

}  // namespace carillon::campaigns
