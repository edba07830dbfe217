// The campaign file, written: every member that differs from its default, in the order an author
// would choose.
#include <string>

#include "campaigns/definition.h"
#include "campaigns/definition_words.h"

namespace carillon::campaigns {

namespace {

using base::Json;

// 250 parts of 10,000 -> 2.5 percent.
Json percent(int parts) {
    if (parts % 100 == 0) return parts / 100;
    return static_cast<double>(parts) / 100;
}

Json texts(const std::vector<std::string>& items) {
    return Json::Array(items.begin(), items.end());
}

void write_routes(Json& json, const Step& step) {
    if (step.routes.size() == 1) {
        const auto& route = step.routes[0];
        json.set("channel", base::name_of(route.channel));
        json.set("template", route.template_name);
        if (!route.account.empty()) json.set("account", route.account);
        return;
    }
    Json::Array channels;
    Json templates{Json::Object{}};
    Json accounts{Json::Object{}};
    for (const auto& route : step.routes) {
        channels.emplace_back(base::name_of(route.channel));
        templates.set(std::string{base::name_of(route.channel)}, route.template_name);
        if (!route.account.empty())
            accounts.set(std::string{base::name_of(route.channel)}, route.account);
    }
    json.set("channel", std::move(channels));
    json.set("template", std::move(templates));
    if (accounts != Json{Json::Object{}}) json.set("account", std::move(accounts));
}

Json json_of(const Step& step, std::size_t position) {
    Json json{Json::Object{}};
    if (step.name != std::to_string(position + 1)) json.set("name", step.name);
    write_routes(json, step);
    if (step.wait != Minutes{0}) json.set("wait", duration_text(step.wait));
    if (step.condition != StepCondition::always) json.set("condition", name_of(step.condition));
    if (step.fallback == Fallback{}) return json;
    Json fallback{Json::Object{}};
    if (step.fallback.no_receipt)
        fallback.set("no_receipt", duration_text(*step.fallback.no_receipt));
    if (step.fallback.no_response)
        fallback.set("no_response", duration_text(*step.fallback.no_response));
    json.set("fallback", std::move(fallback));
    return json;
}

Json json_of(const Variant& variant) {
    Json templates{Json::Object{}};
    for (const auto& [step, template_name] : variant.templates) templates.set(step, template_name);
    return Json::Object{
        {"name", variant.name}, {"weight", variant.weight}, {"templates", std::move(templates)}};
}

template <class T, class ToJson>
Json list_of(const std::vector<T>& items, ToJson to) {
    Json::Array list;
    for (std::size_t i = 0; i < items.size(); ++i) list.push_back(to(items[i], i));
    return list;
}

Json json_of(const QuietHours& hours) {
    Json json{Json::Object{}};
    if (hours.working_days) json.set("working_days", to_text(*hours.working_days));
    if (hours.other_days) json.set("other_days", to_text(*hours.other_days));
    return json;
}

Json json_of(const Plan& plan) {
    Json json{Json::Object{}};
    if (plan.reach) json.set("reach", *plan.reach);
    if (plan.response_parts) json.set("response_percent", percent(*plan.response_parts));
    if (plan.revenue) json.set("revenue", base::plain_text(*plan.revenue));
    if (plan.cost) json.set("cost", base::plain_text(*plan.cost));
    if (plan.limit_parts != Plan{}.limit_parts)
        json.set("limit_percent", percent(plan.limit_parts));
    const auto& money = plan.revenue ? plan.revenue : plan.cost;
    if (money && money->currency != base::Money{}.currency) json.set("currency", money->currency);
    return json;
}

Json json_of(const Conversion& conversion) {
    Json json{Json::Object{}};
    if (!conversion.event.empty()) json.set("event", conversion.event);
    json.set("window", duration_text(conversion.window));
    if (conversion.attribution != Attribution::last)
        json.set("attribution", name_of(conversion.attribution));
    return json;
}

void write_what(Json& json, const Definition& definition) {
    json.set("name", definition.name);
    json.set("title", definition.title);
    if (!definition.description.empty()) json.set("description", definition.description);
    json.set("objective", name_of(definition.objective));
    if (definition.purpose != purpose_of(definition.objective))
        json.set("purpose", base::name_of(definition.purpose));
    if (!definition.owner.empty()) json.set("owner", definition.owner);
}

void write_whom(Json& json, const Definition& definition) {
    json.set("segment", definition.segment);
    if (!definition.exclude.empty()) json.set("exclude", texts(definition.exclude));
    if (!definition.languages.empty()) json.set("languages", texts(definition.languages));
    if (definition.household != Household::none)
        json.set("household", household_names[static_cast<std::size_t>(definition.household)]);
    if (definition.control_parts)
        json.set("control", Json::Object{{"percent", percent(*definition.control_parts)}});
}

void write_when(Json& json, const Definition& definition) {
    json.set("schedule", to_json(definition.schedule));
    if (definition.starts) json.set("starts", base::to_text(*definition.starts));
    if (definition.ends) json.set("ends", base::to_text(*definition.ends));
    if (definition.send_by) json.set("send_by", duration_text(*definition.send_by));
    if (definition.quiet_hours) json.set("quiet_hours", json_of(*definition.quiet_hours));
    if (!definition.cap_class.empty()) json.set("caps", definition.cap_class);
    if (definition.priority != Definition{}.priority) json.set("priority", definition.priority);
    if (!definition.recheck) json.set("recheck", false);
    if (definition.tracking) json.set("tracking", true);
}

}  // namespace

Json to_json(const Definition& definition) {
    Json json{Json::Object{}};
    write_what(json, definition);
    write_whom(json, definition);
    json.set("steps", list_of(definition.steps,
                              [](const auto& step, std::size_t i) { return json_of(step, i); }));
    if (!definition.variants.empty())
        json.set("variants", list_of(definition.variants, [](const auto& variant, std::size_t) {
                     return json_of(variant);
                 }));
    write_when(json, definition);
    if (definition.plan != Plan{}) json.set("plan", json_of(definition.plan));
    if (definition.conversion != Conversion{})
        json.set("conversion", json_of(definition.conversion));
    return json;
}

}  // namespace carillon::campaigns
