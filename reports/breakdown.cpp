#include "reports/breakdown.h"

#include <algorithm>
#include <array>

#include "base/local_date.h"
#include "db/queries.h"

namespace carillon::reports {

namespace {

constexpr std::size_t slices_max = 50;
constexpr std::string_view attribute_prefix = "attributes.";
constexpr std::array<std::string_view, 6> client_columns{"branch", "manager",  "value_class",
                                                         "status", "industry", "household"};

const ClientFact* find_client(const Facts& facts, std::int64_t client) {
    const auto found = std::ranges::lower_bound(facts.clients, client, {}, &ClientFact::client);
    return found == facts.clients.end() || found->client != client ? nullptr : &*found;
}

void add(Slice& slice, const ClientFact& client) {
    if (!client.assigned) return;
    auto& goal = client.control ? slice.control : slice.treated;
    ++goal.of;
    goal.hits += client.reached_goal ? 1 : 0;
    if (client.control || !client.arrived) return;
    ++slice.responded.of;
    slice.responded.hits += client.responded ? 1 : 0;
}

void merge(Slice& into, const Slice& from) {
    for (auto member : {&Slice::responded, &Slice::treated, &Slice::control}) {
        (into.*member).hits += (from.*member).hits;
        (into.*member).of += (from.*member).of;
    }
}

// Who was in which segment when the campaign began: by the last snapshot before, or the first one.
void read_segments(db::Connection& connection, const Facts& facts, base::CampaignId campaign,
                   const db::OnRow& on_row) {
    if (facts.clients.empty()) return;
    const auto first = std::ranges::min(facts.clients, {}, &ClientFact::from).from;
    const auto day = base::to_text(base::from_millis(first)).substr(0, 10);
    const auto known =
        connection.value<std::optional<std::string>>(db::queries::snapshot_nearest, {day, day});
    if (!known || !*known) return;
    connection.select(db::queries::report_segments, {campaign, **known, **known}, on_row);
}

bool is_at(const ClientFact& client, std::string_view step) {
    if (step == "left_out") return !client.assigned;
    if (step == "control") return client.assigned && client.control;
    if (step == "control_goal") return client.assigned && client.control && client.reached_goal;
    if (!client.treated()) return false;
    if (step == "assigned") return true;
    if (step == "sent") return client.sent;
    if (step == "not_sent") return !client.sent;
    if (step == "arrived") return client.arrived;
    if (step == "bounced") return client.bounced && !client.arrived;
    if (step == "opened") return client.opened;
    if (step == "clicked") return client.clicked;
    if (step == "responded") return client.responded;
    if (step == "opted_out") return client.opted_out;
    return step == "goal" && client.reached_goal;
}

}  // namespace

bool is_known_breakdown(std::string_view by) {
    return by == "product" || by == "segment" ||
           std::ranges::find(client_columns, by) != client_columns.end() ||
           (by.starts_with(attribute_prefix) && by.size() > attribute_prefix.size());
}

Breakdown break_down(db::Connection& connection, const Facts& facts, const CampaignReport& report,
                     base::CampaignId campaign, const std::string& by) {
    std::map<std::string, Slice, std::less<>> slices;
    const auto on_row = [&](const db::Row& row) {
        const auto* client = find_client(facts, row.integer(0));
        if (client == nullptr) return;
        const auto value = row.is_null(1) ? std::string_view{} : row.text(1);
        auto found = slices.find(value);
        if (found == slices.end()) found = slices.emplace(value, Slice{}).first;
        add(found->second, *client);
    };
    if (by == "segment")
        read_segments(connection, facts, campaign, on_row);
    else if (by == "product")
        connection.select(db::queries::report_products, {campaign}, on_row);
    else if (by.starts_with(attribute_prefix))
        connection.select(db::queries::report_attribute,
                          {by.substr(attribute_prefix.size()), campaign}, on_row);
    else
        connection.select(db::queries::report_client_column, {by, campaign}, on_row);
    Breakdown result;
    result.by = by;
    result.withheld = report.sample_ratio && report.sample_ratio->broken();
    for (auto& [value, slice] : slices) {
        slice.value = value;
        result.slices.push_back(slice);
    }
    std::ranges::stable_sort(result.slices, std::greater{},
                             [](const Slice& slice) { return slice.treated.of; });
    while (result.slices.size() > slices_max) {
        auto last = result.slices.back();
        result.slices.pop_back();
        merge(result.slices.back(), last);
        result.slices.back().value = "*";
    }
    for (auto& slice : result.slices) {
        slice.difference = lacking(result.withheld ? Lack::broken_control : Lack::no_control);
        if (!result.withheld && slice.control.of > 0)
            slice.difference = difference(slice.treated, slice.control);
    }
    return result;
}

const std::vector<std::string_view>& funnel_steps() {
    static const std::vector<std::string_view> steps{
        "assigned",  "sent",      "not_sent", "arrived", "bounced",      "opened",  "clicked",
        "responded", "opted_out", "goal",     "control", "control_goal", "left_out"};
    return steps;
}

void list_clients(db::Connection& connection, const Facts& facts, const Design& design,
                  base::CampaignId campaign, std::string_view step,
                  const std::function<void(const ListedClient&)>& on_client) {
    connection.select(db::queries::report_clients, {campaign}, [&](const db::Row& row) {
        const auto* client = find_client(facts, row.integer(0));
        if (client == nullptr || !is_at(*client, step)) return;
        const auto text = [&](int column) { return std::string{row.text(column)}; };
        ListedClient listed{text(1), text(2), {}, facts.channels[client->channel],
                            text(3), text(4)};
        const auto variant = static_cast<std::size_t>(client->variant);
        listed.group = client->control                    ? "control"
                       : variant < design.variants.size() ? design.variants[variant]
                                                          : "treated";
        on_client(listed);
    });
}

}  // namespace carillon::reports
