#include "reports/report_json.h"

#include <cmath>

#include "base/money.h"

namespace carillon::reports {

namespace {

using base::Json;

Json::Array range(const Interval& within, double unit = 1) {
    return {within.low / unit, within.high / unit};
}

// {"value": ..., "interval": [...]} or {"missing": "no_control"}.
Json json_of(const Measured<Estimate>& estimate, double unit = 1) {
    Json json{Json::Object{}};
    if (estimate) {
        json.set("value", estimate->value / unit);
        json.set("interval", range(estimate->within, unit));
    } else {
        json.set("missing", name_of(estimate.error()));
    }
    return json;
}

Json json_of(const Count& count) {
    Json json{Json::Object{}};
    json.set("hits", count.hits);
    json.set("of", count.of);
    if (count.of > 0) json.set("share", count.share());
    return json;
}

Json json_of(const Group& group) {
    Json json{Json::Object{}};
    json.set("name", group.name);
    const std::pair<const char*, std::int64_t> counts[] = {
        {"assigned", group.assigned},   {"sent", group.sent},
        {"arrived", group.arrived},     {"delivered", group.delivered},
        {"bounced", group.bounced},     {"opened", group.opened},
        {"clicked", group.clicked},     {"responded", group.responded},
        {"opted_out", group.opted_out}, {"goal", group.goal}};
    for (const auto& [name, count] : counts) json.set(name, count);
    return json;
}

Json json_of(const Lift& lift) {
    Json json{Json::Object{}};
    json.set("group", lift.group);
    json.set("conversion", lift.what);
    json.set("treated", json_of(lift.treated));
    json.set("control", json_of(lift.control));
    json.set("difference", json_of(lift.difference));
    json.set("always_valid", json_of(lift.always_valid));
    json.set("relative", json_of(lift.relative));
    json.set("incremental", json_of(lift.incremental));
    if (lift.test) {
        json.set("test", lift.test->name == TestName::fisher ? "fisher" : "z_pooled");
        json.set("z", lift.test->z);
        json.set("p", lift.test->p_value);
        json.set("p_adjusted", lift.adjusted_p);
    } else {
        json.set("test", Json::Object{{"missing", name_of(lift.test.error())}});
    }
    return json;
}

Json json_of(const MoneyLift& lift) {
    Json json{Json::Object{}};
    const auto unit = std::pow(10.0, base::minor_digits(lift.currency));
    json.set("group", lift.group);
    json.set("conversion", lift.what);
    json.set("currency", lift.currency == "*" ? Json{} : Json{lift.currency});
    json.set("treated", lift.treated.mean() / unit);
    json.set("control", lift.control.mean() / unit);
    if (lift.per_client) {
        json.set("difference", json_of(Measured<Estimate>{lift.per_client->difference}, unit));
        json.set("t", lift.per_client->t);
        json.set("degrees", lift.per_client->degrees);
        json.set("p", lift.per_client->p_value);
    } else {
        json.set("difference", Json::Object{{"missing", name_of(lift.per_client.error())}});
    }
    json.set("incremental", json_of(lift.incremental, unit));
    return json;
}

Json json_of(const VariantPair& pair) {
    Json json{Json::Object{}};
    json.set("first", pair.first);
    json.set("second", pair.second);
    json.set("difference", json_of(pair.difference));
    json.set("p_adjusted", pair.adjusted_p);
    json.set("differs", pair.differs);
    json.set("still_needed",
             pair.still_needed
                 ? Json{*pair.still_needed}
                 : Json{Json::Object{{"missing", name_of(pair.still_needed.error())}}});
    return json;
}

Json json_of(const ChannelFigures& figures) {
    Json json{Json::Object{}};
    json.set("channel", figures.channel);
    const std::pair<const char*, std::int64_t> counts[] = {
        {"sent", figures.sent},       {"arrived", figures.arrived},     {"opened", figures.opened},
        {"clicked", figures.clicked}, {"responded", figures.responded}, {"units", figures.units}};
    for (const auto& [name, count] : counts) json.set(name, count);
    json.set("cost_minor", figures.cost);
    json.set("incremental_money_minor", json_of(figures.incremental_money));
    json.set("return_on_cost", json_of(figures.return_on));
    json.set("credited_conversions", figures.credited_conversions);
    json.set("credited_money_minor", figures.credited_money);
    return json;
}

Json json_of(const Breakdown& breakdown) {
    Json::Array slices;
    for (const auto& slice : breakdown.slices)
        slices.push_back(Json::Object{{"value", slice.value},
                                      {"responded", json_of(slice.responded)},
                                      {"treated", json_of(slice.treated)},
                                      {"control", json_of(slice.control)},
                                      {"difference", json_of(slice.difference)}});
    return Json::Object{{"by", breakdown.by}, {"slices", std::move(slices)}};
}

template <class T>
Json::Array list_of(const std::vector<T>& items) {
    Json::Array list;
    for (const auto& item : items) list.push_back(json_of(item));
    return list;
}

Json::Array states_of(const CampaignReport& report) {
    Json::Array counts;
    for (const auto& row : report.states)
        counts.push_back(Json::Object{{"step", row.step},
                                      {"channel", row.channel},
                                      {"variant", row.variant},
                                      {"state", row.state},
                                      {"reason", row.reason},
                                      {"count", row.count}});
    return counts;
}

Json::Array rates_of(const CampaignReport& report) {
    Json::Array rates;
    for (const auto& rate : report.rates)
        rates.push_back(Json::Object{{"name", rate.name},
                                     {"hits", rate.count.hits},
                                     {"of", rate.count.of},
                                     {"share", json_of(rate.share)}});
    return rates;
}

Json::Array kinds_of(const CampaignReport& report) {
    Json::Array kinds;
    for (const auto& kind : report.kinds)
        kinds.push_back(Json::Object{{"kind", kind.kind},
                                     {"automatic", kind.reaction == Reaction::automatic},
                                     {"events", kind.events},
                                     {"clients", kind.clients}});
    return kinds;
}

Json times_of(const ResponseTimes& times) {
    Json json{Json::Object{}};
    json.set("responses", times.responses);
    if (times.responses == 0) return json;
    const char* names[] = {"quarter_ms", "half_ms", "three_quarters_ms", "nine_tenths_ms"};
    for (std::size_t i = 0; i < times.quantile_ms.size(); ++i)
        json.set(names[i], times.quantile_ms[i]);
    return json;
}

Json sample_ratio_of(const CampaignReport& report) {
    if (!report.sample_ratio)
        return Json::Object{{"missing", name_of(report.sample_ratio.error())}};
    return Json::Object{{"chi_squared", report.sample_ratio->chi_squared},
                        {"p", report.sample_ratio->p_value},
                        {"broken", report.sample_ratio->broken()}};
}

Json::Array providers_of(const Design& design) {
    Json::Array list;
    for (const auto& carried : design.carried)
        list.push_back(Json::Object{
            {"channel", carried.channel},
            {"provider", carried.provider},
            {"messages", carried.messages},
            {"units", carried.units},
            {"cost",
             base::plain_text({carried.cost_minor, design.currency}) + " " + design.currency}});
    return list;
}

}  // namespace

base::Json to_json(const CampaignReport& report, const std::vector<Breakdown>& breakdowns) {
    Json json{Json::Object{}};
    json.set("campaign", report.design.name);
    json.set("state", report.design.state);
    const auto& event = report.design.conversion.event;
    json.set("goal", event.empty() ? Json::Object{{"any_conversion", true}}
                                   : Json::Object{{"event", event}});
    json.set("total", report.messages);
    json.set("open", report.open_messages);
    json.set("counts", states_of(report));
    json.set("left_out", report.left_out);
    json.set("rates", rates_of(report));
    Json::Array groups{json_of(report.treated), json_of(report.control)};
    for (const auto& variant : report.variants) groups.push_back(json_of(variant));
    json.set("groups", std::move(groups));
    json.set("sample_ratio", sample_ratio_of(report));
    json.set("lifts", list_of(report.lifts));
    json.set("money", list_of(report.money));
    json.set("variants", list_of(report.pairs));
    json.set("channels", list_of(report.channels));
    json.set("providers", providers_of(report.design));
    json.set("responses", kinds_of(report));
    json.set("response_times", times_of(report.times));
    json.set("cost_minor", report.cost);
    json.set("currency", report.design.currency);
    json.set("return_on_cost", json_of(report.return_on));
    if (report.score) {
        auto score = json_of(Measured<Estimate>{report.score->points});
        score.set("weight_known", report.score->weight_known);
        json.set("score", std::move(score));
    } else {
        json.set("score", Json::Object{{"missing", name_of(report.score.error())}});
    }
    if (!breakdowns.empty()) json.set("breakdowns", list_of(breakdowns));
    return json;
}

}  // namespace carillon::reports
