#include "reports/campaign_report.h"

#include <algorithm>
#include <cmath>

#include "reports/attribution.h"

namespace carillon::reports {

namespace {

// A client's money of one kind.
struct Sum {
    std::uint32_t client{};
    std::uint8_t kind{};
    double amount{};
};

std::vector<Sum> sums_by_client(const Facts& facts) {
    std::vector<Sum> sums;
    for (const auto& fact : facts.conversions)
        if (fact.has_amount) sums.push_back({fact.client, fact.kind, fact.amount});
    std::ranges::sort(sums, {}, [](const Sum& sum) { return std::tie(sum.client, sum.kind); });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        if (kept > 0 && sums[kept - 1].client == sums[i].client &&
            sums[kept - 1].kind == sums[i].kind)
            sums[kept - 1].amount += sums[i].amount;
        else
            sums[kept++] = sums[i];
    }
    sums.resize(kept);
    return sums;
}

void count_client(Group& group, const ClientFact& client) {
    ++group.assigned;
    group.sent += client.sent ? 1 : 0;
    group.arrived += client.arrived ? 1 : 0;
    group.delivered += client.delivered ? 1 : 0;
    group.bounced += client.bounced && !client.arrived ? 1 : 0;
    group.opened += client.opened ? 1 : 0;
    group.clicked += client.clicked ? 1 : 0;
    group.responded += client.responded ? 1 : 0;
    group.opted_out += client.opted_out ? 1 : 0;
    group.goal += client.reached_goal ? 1 : 0;
    for (std::size_t kind = 0; kind < conversion_kinds.size(); ++kind)
        group.converted[kind] += (client.converted >> kind) & 1U;
}

// Which of several kinds of money is the campaign's: its goal's, else purchases, else payments.
std::string money_kind_of(const Facts& facts, const Design& design) {
    if (facts.currencies.empty()) return {};
    const auto has = [&](std::size_t kind) {
        return facts.currencies.contains(static_cast<int>(kind));
    };
    for (std::size_t kind = 0; kind < conversion_kinds.size(); ++kind)
        if (conversion_kinds[kind] == design.conversion.event && has(kind))
            return std::string{conversion_kinds[kind]};
    const std::array<std::size_t, 4> usual{1, 2, 3, 0};
    const std::array<std::size_t, 4> debt{2, 1, 3, 0};
    for (const auto kind : design.is_debt ? debt : usual)
        if (has(kind)) return std::string{conversion_kinds[kind]};
    return {};
}

std::size_t place_of_kind(std::string_view kind) {
    return static_cast<std::size_t>(std::ranges::find(conversion_kinds, kind) -
                                    conversion_kinds.begin());
}

class Measurer {
public:
    Measurer(const Facts& facts, const Design& design) : facts_(facts) { report_.design = design; }

    CampaignReport measure() {
        report_.states = facts_.states;
        report_.kinds = facts_.kinds;
        report_.money_kind = money_kind_of(facts_, report_.design);
        count_messages();
        count_groups();
        rates();
        split();
        lifts();
        money();
        pairs();
        channels();
        response_times();
        totals();
        return std::move(report_);
    }

private:
    bool has_variants() const { return !report_.design.variants.empty(); }
    bool broken() const { return report_.sample_ratio && report_.sample_ratio->broken(); }

    void count_messages() {
        for (const auto& row : facts_.states) {
            report_.messages += row.count;
            const auto state = campaigns::message_state_from(row.state);
            if (state && !campaigns::is_settled(*state)) report_.open_messages += row.count;
        }
    }

    std::vector<Group*> groups_of(const ClientFact& client) {
        if (client.control) return {&report_.control};
        std::vector<Group*> groups{&report_.treated};
        const auto variant = static_cast<std::size_t>(client.variant);
        if (variant < report_.variants.size()) groups.push_back(&report_.variants[variant]);
        return groups;
    }

    void count_groups() {
        report_.control.name = "control";
        report_.treated.name = "treated";
        for (const auto& name : report_.design.variants) {
            Group group;
            group.name = name;
            report_.variants.push_back(group);
        }
        for (const auto& client : facts_.clients) {
            if (!client.assigned) {
                ++report_.left_out;
                continue;
            }
            if (client.control) {
                count_client(report_.control, client);
                continue;
            }
            count_client(report_.treated, client);
            const auto variant = static_cast<std::size_t>(client.variant);
            if (variant < report_.variants.size()) count_client(report_.variants[variant], client);
        }
        for (const auto& sum : sums_by_client(facts_)) {
            const auto& client = facts_.clients[sum.client];
            if (!client.assigned) continue;
            for (auto* group : groups_of(client)) group->money[sum.kind].add(sum.amount);
        }
        const auto kind = place_of_kind(report_.money_kind);
        for (auto* group : all_groups()) {
            for (auto& money : group->money) money.add_zeros(group->assigned - money.count);
            if (kind < conversion_kinds.size()) group->revenue = group->money[kind];
        }
        if (kind < conversion_kinds.size())
            report_.money_currency = facts_.currencies.at(static_cast<int>(kind));
    }

    std::vector<Group*> all_groups() {
        std::vector<Group*> groups{&report_.control, &report_.treated};
        for (auto& variant : report_.variants) groups.push_back(&variant);
        return groups;
    }

    void rates() {
        const auto& t = report_.treated;
        const auto add = [&](const char* name, std::int64_t hits, std::int64_t of) {
            const Count count{hits, of};
            report_.rates.push_back({name, count, wilson(count)});
        };
        add("reach", t.sent, t.assigned);
        add("delivery", t.arrived, t.sent);
        add("open", t.opened, t.arrived);
        add("click", t.clicked, t.arrived);
        add("response", t.responded, t.arrived);
        add("opt_out", t.opted_out, t.arrived);
        add("goal", t.goal, t.assigned);
    }

    // Was the audience split as planned? Variants share what control leaves.
    void split() {
        const auto& design = report_.design;
        std::vector<Arm> arms;
        const auto control = static_cast<double>(design.control_parts);
        arms.push_back({report_.control.assigned, control});
        double weights = 0;
        for (const auto weight : design.variant_weights) weights += weight;
        if (!has_variants()) arms.push_back({report_.treated.assigned, 10'000 - control});
        for (std::size_t i = 0; i < report_.variants.size(); ++i)
            arms.push_back({report_.variants[i].assigned,
                            (10'000 - control) * design.variant_weights[i] / weights});
        report_.sample_ratio = reports::sample_ratio(arms);
    }

    Lift lift_of(const Group& group, std::string what, Count treated, Count control) {
        Lift lift;
        lift.group = group.name;
        lift.what = std::move(what);
        lift.treated = treated;
        lift.control = control;
        if (broken() || control.of == 0) {
            const auto why = broken() ? Lack::broken_control : Lack::no_control;
            lift.difference = lacking(why);
            lift.always_valid = lacking(why);
            lift.test = lacking(why);
            lift.relative = lacking(why);
            lift.incremental = lacking(why);
            return lift;
        }
        lift.difference = difference(treated, control);
        lift.always_valid = always_valid_difference(treated, control);
        lift.test = compare(treated, control);
        lift.relative = relative_lift(treated, control);
        lift.incremental = incremental_conversions(treated, control);
        if (lift.test) lift.adjusted_p = lift.test->p_value;
        return lift;
    }

    void lifts() {
        const auto add = [&](const std::string& what, auto&& count_of) {
            const auto control = count_of(report_.control);
            report_.lifts.push_back(
                lift_of(report_.treated, what, count_of(report_.treated), control));
            std::vector<double> p_values;
            const auto first = report_.lifts.size();
            for (const auto& variant : report_.variants) {
                report_.lifts.push_back(lift_of(variant, what, count_of(variant), control));
                p_values.push_back(report_.lifts.back().adjusted_p);
            }
            const auto adjusted = holm(p_values);
            for (std::size_t i = 0; i < adjusted.size(); ++i)
                report_.lifts[first + i].adjusted_p = adjusted[i];
        };
        add("goal", [](const Group& group) { return group.goals(); });
        for (std::size_t kind = 0; kind < conversion_kinds.size(); ++kind)
            if (report_.treated.converted[kind] + report_.control.converted[kind] > 0)
                add(std::string{conversion_kinds[kind]},
                    [kind](const Group& group) { return group.conversions(kind); });
    }

    MoneyLift money_of(const Group& group, std::size_t kind) {
        MoneyLift lift;
        lift.group = group.name;
        lift.what = conversion_kinds[kind];
        lift.currency = facts_.currencies.at(static_cast<int>(kind));
        lift.treated = group.money[kind];
        lift.control = report_.control.money[kind];
        auto why = Lack::no_control;
        if (broken()) why = Lack::broken_control;
        if (lift.currency == "*") why = Lack::mixed_money;
        if (why != Lack::no_control || lift.control.count == 0) {
            lift.per_client = lacking(why);
            lift.incremental = lacking(why);
            return lift;
        }
        lift.per_client = welch(lift.treated, lift.control);
        lift.incremental = incremental_money(lift.treated, lift.control);
        return lift;
    }

    void money() {
        for (std::size_t kind = 0; kind < conversion_kinds.size(); ++kind) {
            if (!facts_.currencies.contains(static_cast<int>(kind))) continue;
            report_.money.push_back(money_of(report_.treated, kind));
            for (const auto& variant : report_.variants)
                report_.money.push_back(money_of(variant, kind));
        }
    }

    void pairs() {
        std::vector<double> p_values;
        for (std::size_t i = 0; i < report_.variants.size(); ++i)
            for (std::size_t j = i + 1; j < report_.variants.size(); ++j) {
                const auto a = report_.variants[i].goals();
                const auto b = report_.variants[j].goals();
                VariantPair pair{.first = report_.variants[i].name,
                                 .second = report_.variants[j].name};
                pair.difference = difference(a, b);
                pair.test = compare(a, b);
                p_values.push_back(pair.test ? pair.test->p_value : 1);
                report_.pairs.push_back(pair);
                if (const auto needed = sample_needed(a.share(), b.share()))
                    report_.pairs.back().still_needed = std::max(
                        0.0, std::ceil(*needed) - static_cast<double>(std::min(a.of, b.of)));
            }
        const auto adjusted = holm(p_values);
        for (std::size_t i = 0; i < adjusted.size(); ++i) {
            auto& pair = report_.pairs[i];
            pair.adjusted_p = adjusted[i];
            pair.differs = !broken() && adjusted[i] < significance;
            if (pair.differs) pair.still_needed = 0.0;
        }
    }

    void channels() {
        for (std::size_t i = 0; i < facts_.channels.size(); ++i) {
            ChannelFigures figures;
            figures.channel = facts_.channels[i];
            report_.channels.push_back(figures);
        }
        for (const auto& message : facts_.messages) {
            if (!message.was_sent()) continue;
            auto& figures = report_.channels[message.channel];
            ++figures.sent;
            figures.arrived += message.arrived() ? 1 : 0;
            figures.opened += message.opened ? 1 : 0;
            figures.clicked += message.clicked ? 1 : 0;
            figures.responded += message.responded ? 1 : 0;
            figures.units += message.units;
        }
        for (auto& figures : report_.channels) {
            const auto cost = report_.design.unit_cost.find(figures.channel);
            if (cost != report_.design.unit_cost.end())
                figures.cost = static_cast<double>(figures.units * cost->second);
            report_.cost += figures.cost;
        }
        credit();
        channel_money();
    }

    void credit() {
        const auto window = std::chrono::milliseconds{report_.design.conversion.window}.count();
        const auto money_kind = place_of_kind(report_.money_kind);
        for (const auto& fact : facts_.conversions) {
            const auto& client = facts_.clients[fact.client];
            const bool is_money = fact.has_amount && fact.kind == money_kind;
            if (!client.sent || (!fact.is_goal && !is_money)) continue;
            for (const auto& credit : credits_of(facts_, client, fact.at, window,
                                                 report_.design.conversion.attribution)) {
                auto& figures = report_.channels[facts_.messages[credit.message].channel];
                if (fact.is_goal) figures.credited_conversions += credit.share;
                if (is_money) figures.credited_money += credit.share * fact.amount;
            }
        }
    }

    // A client counts for the channel chosen first, control clients alike: they got one too.
    void channel_money() {
        const auto money_kind = place_of_kind(report_.money_kind);
        if (money_kind == conversion_kinds.size()) {
            for (auto& figures : report_.channels)
                figures.incremental_money = lacking(Lack::no_money);
            return;
        }
        std::vector<std::array<Moments, 2>> moments(report_.channels.size());
        std::vector<std::array<std::int64_t, 2>> clients(report_.channels.size());
        for (const auto& client : facts_.clients)
            if (client.assigned) ++clients[client.channel][client.control ? 1 : 0];
        for (const auto& sum : sums_by_client(facts_)) {
            const auto& client = facts_.clients[sum.client];
            if (client.assigned && sum.kind == money_kind)
                moments[client.channel][client.control ? 1 : 0].add(sum.amount);
        }
        for (std::size_t i = 0; i < moments.size(); ++i) {
            auto& figures = report_.channels[i];
            for (std::size_t group = 0; group < 2; ++group)
                moments[i][group].add_zeros(clients[i][group] - moments[i][group].count);
            if (broken())
                figures.incremental_money = lacking(Lack::broken_control);
            else if (report_.money_currency == "*")
                figures.incremental_money = lacking(Lack::mixed_money);
            else
                figures.incremental_money = incremental_money(moments[i][0], moments[i][1]);
            figures.return_on = return_of(figures.incremental_money, figures.cost);
        }
    }

    // Cost and gain can only be set against each other in one currency.
    Measured<Estimate> return_of(const Measured<Estimate>& gain, double cost) const {
        if (!gain) return lacking(gain.error());
        if (report_.money_currency != report_.design.currency && cost > 0)
            return lacking(Lack::mixed_money);
        return return_on_cost(*gain, cost);
    }

    void response_times() {
        std::vector<std::int64_t> times;
        for (const auto& client : facts_.clients)
            if (client.responded && client.first_sent != 0 &&
                client.first_response >= client.first_sent)
                times.push_back(client.first_response - client.first_sent);
        std::ranges::sort(times);
        report_.times.responses = static_cast<std::int64_t>(times.size());
        constexpr std::array<double, 4> shares{0.25, 0.5, 0.75, 0.9};
        for (std::size_t i = 0; i < shares.size() && !times.empty(); ++i)
            report_.times.quantile_ms[i] = times[static_cast<std::size_t>(
                shares[i] * static_cast<double>(times.size() - 1) + 0.5)];
        constexpr std::int64_t hour = 3'600'000;
        for (const auto limit : {hour, 6 * hour, 24 * hour, 72 * hour, 168 * hour, 336 * hour})
            report_.times.up_to.emplace_back(
                limit, std::ranges::upper_bound(times, limit) - times.begin());
    }

    void totals() {
        ScoreParts parts;
        const auto part_of = [&](std::string_view name) -> std::optional<Estimate> {
            for (const auto& rate : report_.rates)
                if (rate.name == name && rate.share) return *rate.share;
            return std::nullopt;
        };
        Measured<Estimate> gain = lacking(Lack::no_money);
        for (const auto& money : report_.money)
            if (money.group == "treated" && money.what == report_.money_kind)
                gain = money.incremental;
        report_.return_on = return_of(gain, report_.cost);
        parts.delivery = part_of("delivery");
        if (!report_.kinds.empty()) parts.response = part_of("response");
        if (!report_.lifts.empty() && report_.lifts.front().difference)
            parts.lift = *report_.lifts.front().difference;
        if (report_.return_on) parts.return_on = *report_.return_on;
        report_.score = effectiveness(parts);
    }

    const Facts& facts_;
    CampaignReport report_;
};

}  // namespace

CampaignReport measure(const Facts& facts, const Design& design) {
    return Measurer{facts, design}.measure();
}

}  // namespace carillon::reports
