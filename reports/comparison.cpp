// Campaigns side by side.
#include "reports/layout.h"

namespace carillon::reports {

namespace {

std::vector<Cell> row_of(const CampaignReport& report, const Words& words) {
    const auto share = [&](const Rate& rate) {
        return rate.share ? Cell{words.percent(rate.share->value, 2), rate.share->value}
                          : Cell{words.why(rate.share.error())};
    };
    std::vector<Cell> row{report.design.name};
    if (report.score)
        row.emplace_back(words.number(report.score->points.value, 1), report.score->points.value);
    else
        row.emplace_back(words.why(report.score.error()));
    row.emplace_back(report.score ? words.number(report.score->points.within.low, 1) + "–" +
                                        words.number(report.score->points.within.high, 1)
                                  : std::string{});
    row.emplace_back(report.score ? words.percent(report.score->weight_known, 0) : std::string{});
    row.emplace_back(words.count(report.treated.sent), static_cast<double>(report.treated.sent));
    for (const auto& rate : report.rates)
        if (rate.name == "delivery" || rate.name == "response") row.push_back(share(rate));
    const auto& lift = report.lifts.front().difference;
    row.push_back(lift ? Cell{words.signed_percent(lift->value, 2), lift->value}
                       : Cell{words.why(lift.error())});
    row.push_back(report.return_on ? Cell{words.signed_percent(report.return_on->value, 0),
                                          report.return_on->value}
                                   : Cell{words.why(report.return_on.error())});
    return row;
}

bool overlap(const Interval& a, const Interval& b) {
    return a.low <= b.high && b.low <= a.high;
}

std::string neighbours(const CampaignReport& better, const CampaignReport& worse,
                       const Words& words) {
    const auto names =
        better.design.name + std::string{words({" and ", " и "})} + worse.design.name;
    if (better.score->weight_known != worse.score->weight_known)
        return names + std::string{words({": measured on different parts, not comparable.",
                                          ": измерены по разным частям, сравнить нельзя."})};
    if (overlap(better.score->points.within, worse.score->points.within))
        return names +
               std::string{words({": cannot be told apart yet.", ": разницу пока не видно."})};
    return better.design.name + std::string{words({" does better than ", " лучше, чем "})} +
           worse.design.name + ".";
}

}  // namespace

Document lay_out_comparison(const std::vector<CampaignReport>& reports, const Words& words) {
    Document document;
    document.language = words.language() == Language::russian ? "ru" : "en";
    document.title = words({"Campaigns compared", "Сравнение кампаний"});
    Section section{std::string{words({"By effectiveness", "По эффективности"})}, {}, {}, {}};
    Table table{
        std::string{words({"The most effective first", "Самая эффективная первой"})}, {}, {}};
    const Phrase heads[] = {{"campaign", "кампания"},
                            {"score", "оценка"},
                            {"95 %", "95 %"},
                            {"measured on", "измерено"},
                            {"sent", "отправлено"},
                            {"delivery", "доставка"},
                            {"response", "отклик"},
                            {"lift of the goal", "прирост цели"},
                            {"return on cost", "отдача"}};
    for (const auto& head : heads) table.columns.emplace_back(words(head));
    for (const auto& report : reports) table.rows.push_back(row_of(report, words));
    for (std::size_t i = 1; i < reports.size(); ++i)
        if (reports[i - 1].score && reports[i].score)
            section.sentences.push_back(neighbours(reports[i - 1], reports[i], words));
    section.tables.push_back(table);
    document.sections.push_back(section);
    return document;
}

}  // namespace carillon::reports
