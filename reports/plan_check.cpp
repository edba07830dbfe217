#include "reports/plan_check.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "reports/layout_pieces.h"

namespace carillon::reports {

namespace {

// Before that a shortfall says nothing yet.
constexpr double share_least = 0.125;

struct Shares {
    double sending{};   // of the time in which messages go out
    double ripening{};  // of that and the response window
};

double share_of(std::int64_t now, std::int64_t from, std::int64_t to) {
    if (now < from) return 0;
    if (now >= to) return 1;
    return static_cast<double>(now - from) / static_cast<double>(to - from);
}

constexpr std::int64_t day = 86'400'000;

// Of a campaign that fires by its calendar: each slot is an equal part of the plan.
Shares shares_of_slots(const std::vector<base::Instant>& slots, std::int64_t now,
                       std::int64_t patience, std::int64_t window) {
    Shares shares;
    for (const auto slot : slots) {
        const auto at = base::to_millis(slot) + patience;
        shares.sending += now >= at ? 1 : 0;
        shares.ripening += share_of(now, at, at + window);
    }
    const auto count = static_cast<double>(slots.size());
    return {shares.sending / count, shares.ripening / count};
}

Shares shares_at(const Facts& facts, const CampaignReport& report, const PlanMoment& moment) {
    if (facts.clients.empty()) return {};
    // What is still open may take a day to go out.
    const auto patience = report.open_messages > 0 ? day : 0;
    const auto window = std::chrono::milliseconds{report.design.conversion.window}.count();
    const auto now = base::to_millis(moment.now);
    if (moment.slots.size() > 1) return shares_of_slots(moment.slots, now, patience, window);
    const auto from = std::ranges::min(facts.clients, {}, &ClientFact::from).from;
    auto to = std::ranges::max(facts.clients, {}, &ClientFact::to).to + patience;
    if (moment.ends) to = std::max(to, base::to_millis(*moment.ends));
    return {share_of(now, from, to), share_of(now, from, to + window)};
}

PlanFigure judged(PlanFigure figure, double share, double limit) {
    figure.expected = figure.planned * share;
    if (figure.fact < figure.expected)
        figure.deviation = figure.fact / figure.expected - 1;
    else if (figure.fact > figure.planned)
        figure.deviation = figure.planned > 0 ? figure.fact / figure.planned - 1 : 1;
    // Exactly at the limit is within it, whatever the division makes of it.
    constexpr double rounding = 1e-9;
    const bool is_short = figure.deviation < -limit - rounding && share >= share_least;
    figure.is_beyond = is_short || figure.deviation > limit + rounding;
    return figure;
}

double response_share(const CampaignReport& report) {
    for (const auto& rate : report.rates)
        if (rate.name == "response") return rate.count.share();
    return 0;
}

Phrase name_of_figure(std::string_view figure) {
    if (figure == "reach") return {"reach", "охват"};
    if (figure == "response") return {"response", "отклик"};
    if (figure == "revenue") return {"revenue", "доход"};
    return {"cost", "затраты"};
}

Cell amount(const PlanFigure& figure, double value, const LayoutPieces& pieces) {
    if (figure.figure == "reach") return pieces.count(std::llround(value));
    if (figure.figure == "response") return pieces.percent(value, 2);
    return pieces.money(value, figure.currency);
}

}  // namespace

bool PlanComparison::is_beyond() const {
    return std::ranges::any_of(figures, &PlanFigure::is_beyond);
}

PlanComparison compare_plan(const Facts& facts, const CampaignReport& report,
                            const PlanMoment& moment) {
    const auto& plan = report.design.plan;
    const auto shares = shares_at(facts, report, moment);
    PlanComparison result;
    result.limit = plan.limit_parts / 10'000.0;
    const auto add = [&](PlanFigure figure, double share) {
        result.figures.push_back(judged(std::move(figure), share, result.limit));
    };
    if (plan.reach)
        add({"reach",
             static_cast<double>(*plan.reach),
             0,
             static_cast<double>(report.treated.sent),
             0,
             false,
             {}},
            shares.sending);
    if (plan.response_parts)
        add({"response", *plan.response_parts / 10'000.0, 0, response_share(report), 0, false, {}},
            shares.ripening);
    if (plan.revenue) {
        const bool is_comparable =
            report.money_kind.empty() || report.money_currency == plan.revenue->currency;
        if (is_comparable)
            add({"revenue", static_cast<double>(plan.revenue->minor), 0, report.treated.revenue.sum,
                 0, false, plan.revenue->currency},
                shares.ripening);
        else
            result.unknown.emplace_back("revenue");
    }
    if (plan.cost) {
        if (plan.cost->currency == report.design.currency)
            add({"cost", static_cast<double>(plan.cost->minor), 0, report.cost, 0, false,
                 plan.cost->currency},
                shares.sending);
        else
            result.unknown.emplace_back("cost");
    }
    return result;
}

std::string deviation_words(const PlanFigure& figure, const Words& words) {
    const LayoutPieces pieces{words};
    auto text =
        pieces.say(name_of_figure(figure.figure)) + ": " + amount(figure, figure.fact, pieces).text;
    const bool is_less = figure.deviation < 0;
    const auto& against = is_less ? figure.expected : figure.planned;
    const bool is_whole = !is_less || figure.expected >= figure.planned;
    text += is_whole ? pieces.say({"; planned ", "; по плану "})
                     : pieces.say({"; due by now ", "; к этому дню по плану "});
    text += amount(figure, against, pieces).text;
    if (figure.deviation == 0) return text;
    const auto part = words.percent(std::abs(figure.deviation), 1);
    return text + (is_less ? pieces.say({": ", ": на "}) + part + pieces.say({" less", " меньше"})
                           : pieces.say({": ", ": на "}) + part + pieces.say({" more", " больше"}));
}

std::string plan_task_words(const Design& design, const PlanComparison& comparison,
                            const std::set<std::string>& figures, const Words& words) {
    const LayoutPieces pieces{words};
    std::vector<std::string> parts;
    for (const auto& figure : comparison.figures)
        if (figures.contains(figure.figure)) parts.push_back(deviation_words(figure, words));
    const auto title = design.title.empty() ? design.name : design.title;
    return pieces.say({"Campaign \"", "Кампания «"}) + title + pieces.say({"\" (", "» ("}) +
           design.name + pieces.say({") departs from its plan. ", ") отклонилась от плана. "}) +
           base::join(parts, "; ") + pieces.say({". Allowed: ", ". Допустимо: "}) +
           words.percent(comparison.limit, 1) + ".";
}

Section plan_section(const PlanComparison& comparison, const Words& words) {
    const LayoutPieces pieces{words};
    Section section{pieces.say({"Plan against fact", "План и факт"}), {}, {}, {}};
    auto table = pieces.table({"By now", "К этому дню"}, {{"figure", "показатель"},
                                                          {"planned", "план"},
                                                          {"due by now", "к этому дню"},
                                                          {"fact", "факт"},
                                                          {"deviation", "отклонение"},
                                                          {"", ""}});
    for (const auto& figure : comparison.figures) {
        table.rows.push_back(
            {pieces.say(name_of_figure(figure.figure)), amount(figure, figure.planned, pieces),
             amount(figure, figure.expected, pieces), amount(figure, figure.fact, pieces),
             pieces.signed_percent(figure.deviation),
             figure.is_beyond ? pieces.say({"beyond the limit", "больше допустимого"})
                              : pieces.say({"within the limit", "в пределах"})});
        if (figure.is_beyond) section.sentences.push_back(deviation_words(figure, words) + ".");
    }
    section.sentences.push_back(
        pieces.say({"A deviation of more than ", "Отклонение больше чем на "}) +
        words.percent(comparison.limit, 1) +
        pieces.say({" is its owner's task.", " становится задачей ответственного."}));
    for (const auto& figure : comparison.unknown)
        section.sentences.push_back(pieces.say(name_of_figure(figure)) +
                                    pieces.say({": planned in another currency than measured.",
                                                ": план и факт в разных валютах."}));
    section.tables.push_back(table);
    return section;
}

base::Json to_json(const PlanComparison& comparison) {
    base::Json::Array figures;
    for (const auto& figure : comparison.figures) {
        base::Json one{base::Json::Object{}};
        one.set("figure", figure.figure);
        one.set("planned", figure.planned);
        one.set("expected", figure.expected);
        one.set("fact", figure.fact);
        one.set("deviation", figure.deviation);
        one.set("beyond_limit", figure.is_beyond);
        if (!figure.currency.empty()) one.set("currency", figure.currency);
        figures.push_back(std::move(one));
    }
    return base::Json::Object{{"limit", comparison.limit}, {"figures", std::move(figures)}};
}

}  // namespace carillon::reports
