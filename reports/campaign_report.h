// What a campaign was worth: every measure of docs/scoring.md, computed from its facts. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "campaigns/definition.h"
#include "reports/experiment.h"
#include "reports/facts.h"

namespace carillon::reports {

// What one provider took, and what it costs by its own settings, as it is paid: in parts, pages,
// letters.
struct Carried {
    std::string channel{};
    std::string provider{};
    std::int64_t messages{};
    std::int64_t units{};
    std::int64_t cost_minor{};
};

// What was planned, and what a unit of each channel costs.
struct Design {
    std::string name{};
    std::string title{};
    std::string state{};
    std::string owner{};
    int control_parts{};                  // of 10,000
    std::vector<std::string> variants{};  // names; empty: no variants
    std::vector<double> variant_weights{};
    campaigns::Conversion conversion{};
    campaigns::Plan plan{};
    std::map<std::string, std::int64_t> unit_cost{};  // by channel, minor units
    std::vector<Carried> carried{};                   // by channel and provider
    std::string currency{};                           // of costs
    bool is_debt{};                                   // money is what was paid back
};

// Clients of one group at each step of the funnel.
struct Group {
    std::string name{};  // "control", "treated", a variant
    std::int64_t assigned{};
    std::int64_t sent{};
    std::int64_t arrived{};
    std::int64_t delivered{};
    std::int64_t bounced{};
    std::int64_t opened{};
    std::int64_t clicked{};
    std::int64_t responded{};
    std::int64_t opted_out{};
    std::int64_t goal{};
    std::array<std::int64_t, conversion_kinds.size()> converted{};
    std::array<Moments, conversion_kinds.size()> money{};  // minor units per client
    Moments revenue{};                                     // of the kind that counts as money

    Count goals() const { return {goal, assigned}; }
    Count conversions(std::size_t kind) const { return {converted[kind], assigned}; }
};

struct Rate {
    std::string name{};  // "reach", "delivery", "open", "click", "response", "opt_out", "goal"
    Count count{};
    Measured<Estimate> share{lacking(Lack::nobody)};
};

// Shares of one conversion in a treated group and in control.
struct Lift {
    std::string group{};
    std::string what{};  // a kind of conversion, or "goal"
    Count treated{};
    Count control{};
    Measured<Estimate> difference{lacking(Lack::no_control)};
    Measured<Estimate> always_valid{lacking(Lack::no_control)};
    Measured<Test> test{lacking(Lack::no_control)};
    Measured<Estimate> relative{lacking(Lack::no_control)};
    Measured<Estimate> incremental{lacking(Lack::no_control)};  // conversions
    double adjusted_p{1};  // Holm over the variants; the group's own p when it is the only one
};

struct MoneyLift {
    std::string group{};
    std::string what{};
    std::string currency{};
    Moments treated{};
    Moments control{};
    Measured<MeanDifference> per_client{lacking(Lack::no_control)};  // minor units
    Measured<Estimate> incremental{lacking(Lack::no_control)};       // minor units
};

// Two variants against each other, by the goal.
struct VariantPair {
    std::string first{};
    std::string second{};
    Measured<Estimate> difference{lacking(Lack::nobody)};
    Measured<Test> test{lacking(Lack::nobody)};
    double adjusted_p{1};
    bool differs{};
    // Clients each variant still lacks to show the difference seen now; when it differs already: 0.
    Measured<double> still_needed{lacking(Lack::no_spread)};
};

struct ChannelFigures {
    std::string channel{};
    std::int64_t sent{};
    std::int64_t arrived{};
    std::int64_t opened{};
    std::int64_t clicked{};
    std::int64_t responded{};
    std::int64_t units{};
    double cost{};  // minor units
    Measured<Estimate> incremental_money{lacking(Lack::no_control)};
    Measured<Estimate> return_on{lacking(Lack::no_money)};
    double credited_conversions{};  // attribution
    double credited_money{};
};

struct ResponseTimes {
    std::int64_t responses{};
    std::array<std::int64_t, 4> quantile_ms{};  // 25, 50, 75 and 90 % had responded by then
    std::vector<std::pair<std::int64_t, std::int64_t>> up_to{};  // (ms, clients within)
};

struct CampaignReport {
    Design design{};
    std::int64_t messages{};
    std::int64_t open_messages{};
    std::vector<StateCount> states{};
    std::vector<KindCount> kinds{};
    std::int64_t left_out{};
    Group treated{};
    Group control{};
    std::vector<Group> variants{};
    std::vector<Rate> rates{};
    Measured<SampleRatio> sample_ratio{lacking(Lack::no_control)};
    std::vector<Lift> lifts{};
    std::vector<MoneyLift> money{};
    std::vector<VariantPair> pairs{};
    std::vector<ChannelFigures> channels{};
    ResponseTimes times{};
    std::string money_kind{};  // which conversions count as money; "" when none carries any
    std::string money_currency{};
    double cost{};
    Measured<Estimate> return_on{lacking(Lack::no_money)};
    Measured<Score> score{lacking(Lack::no_control)};
};

CampaignReport measure(const Facts& facts, const Design& design);

// Holm-adjusted p below this counts as a difference.
inline constexpr double significance = 0.05;

}  // namespace carillon::reports
