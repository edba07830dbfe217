#include "reports/bank_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "db/queries.h"

namespace carillon::reports {

namespace {

constexpr std::array<std::string_view, 5> period_names{"day", "week", "month", "quarter", "year"};
constexpr std::size_t valuable_listed = 20;
constexpr std::size_t pairs_listed = 30;
constexpr double most = 0.8;
constexpr std::int64_t fifth = 5;

base::LocalDate date_of(std::string_view day) {
    return base::parse_date(day).value_or(base::LocalDate{});
}

// ISO 8601: a week belongs to the year of its Thursday.
std::string week_of(const base::LocalDate& date) {
    const std::chrono::sys_days day{date};
    const std::chrono::weekday weekday{day};
    const auto thursday = day + std::chrono::days{4 - static_cast<int>(weekday.iso_encoding())};
    const auto year = std::chrono::year_month_day{thursday}.year();
    const auto first = std::chrono::sys_days{year / std::chrono::January / 1};
    return fmt::format("{}-W{:02}", static_cast<int>(year), (thursday - first).count() / 7 + 1);
}

double ratio(double part, double whole) {
    return whole == 0 ? 0.0 : part / whole;
}

std::vector<SegmentStory> load_segments(db::Connection& connection, const BankReport& report) {
    std::vector<SegmentStory> stories;
    connection.select(db::queries::bank_segments, {report.from, report.to},
                      [&](const db::Row& row) {
                          const auto segment = row.text(0);
                          if (stories.empty() || stories.back().segment != segment)
                              stories.push_back({std::string{segment}, {}});
                          auto& periods = stories.back().periods;
                          const auto period = period_of(row.text(1), report.by);
                          if (periods.empty() || periods.back().period != period) {
                              periods.emplace_back();
                              periods.back().period = period;
                          }
                          auto& last = periods.back();
                          last.clients = row.integer(2);
                          last.joined += row.integer(3);
                          last.left += row.integer(4);
                          last.funds_minor = row.integer(5);
                          last.loans_minor = row.integer(6);
                          last.products = row.integer(7);
                          last.refusals = row.integer(8);
                      });
    std::stable_partition(stories.begin(), stories.end(),
                          [](const SegmentStory& story) { return story.segment == "*"; });
    return stories;
}

std::vector<std::pair<std::int64_t, double>> worths(db::Connection& connection,
                                                    const db::Query& query,
                                                    const db::Params& params) {
    return connection.list<std::pair<std::int64_t, double>>(query, params, [](const db::Row& row) {
        return std::pair{row.integer(0), static_cast<double>(row.integer(1))};
    });
}

ValueConcentration load_value(db::Connection& connection, const BankReport& report) {
    const auto months = [](const std::string& day) { return day.substr(0, 7); };
    auto found = worths(connection, db::queries::bank_worth,
                        {months(report.asked_from), months(report.asked_to), report.currency});
    const bool is_income = !found.empty();
    if (!is_income) found = worths(connection, db::queries::bank_holdings, {report.to, report.to});
    auto value = concentration(std::move(found), valuable_listed);
    value.is_income = is_income;
    db::IdList ids;
    for (const auto& one : value.first) ids.push_back(one.client);
    if (ids.empty()) return value;
    connection.select(db::queries::bank_clients, {ids}, [&](const db::Row& row) {
        const auto one = std::ranges::find(value.first, row.integer(0), &ValuableClient::client);
        if (one == value.first.end()) return;
        one->external_id = row.text(1);
        one->name = row.text(2);
        one->value_class = row.text(3);
        one->branch = row.text(4);
        one->manager = row.text(5);
    });
    return value;
}

bool is_customer(std::string_view status) {
    return status == "new" || status == "active";
}

void load_moves(db::Connection& connection, BankReport& report) {
    connection.select(
        db::queries::bank_migration, {report.to, report.to, report.from, report.from},
        [&](const db::Row& row) {
            Move move{row.get<std::string>(0), row.get<std::string>(1), row.integer(2)};
            if (is_customer(move.from)) {
                report.retention.of += move.clients;
                if (is_customer(move.to)) report.retention.stayed += move.clients;
            }
            report.moves.push_back(std::move(move));
        });
}

std::vector<ProductPair> load_pairs(db::Connection& connection, const std::string& day) {
    auto pairs = product_pairs(connection.list<std::pair<std::int64_t, std::string>>(
        db::queries::members_on, {"product", day, day}, [](const db::Row& row) {
            return std::pair{row.integer(0), row.get<std::string>(1)};
        }));
    if (pairs.size() > pairs_listed) pairs.resize(pairs_listed);
    return pairs;
}

std::vector<SourceFigures> load_sources(db::Connection& connection, const BankReport& report) {
    std::vector<SourceFigures> sources;
    const auto& to = report.to;
    connection.select(db::queries::bank_sources, {to, to, to, to, to, to, report.from},
                      [&](const db::Row& row) {
                          const auto source = row.text(0);
                          if (sources.empty() || sources.back().source != source)
                              sources.push_back({std::string{source}, 0, 0, 0, 0});
                          auto& figures = sources.back();
                          ++figures.prospects;
                          if (row.is_null(3)) return;
                          ++figures.won;
                          figures.products += static_cast<double>(row.integer(4));
                          const auto days = std::chrono::sys_days{date_of(row.text(3))} -
                                            std::chrono::sys_days{date_of(row.text(2))};
                          figures.days_to_win += static_cast<double>(days.count());
                      });
    for (auto& figures : sources) {
        figures.products = ratio(figures.products, static_cast<double>(figures.won));
        figures.days_to_win = ratio(figures.days_to_win, static_cast<double>(figures.won));
    }
    std::ranges::stable_sort(sources, std::greater{}, [](const SourceFigures& figures) {
        return ratio(static_cast<double>(figures.won), static_cast<double>(figures.prospects));
    });
    return sources;
}

}  // namespace

std::optional<Period> period_from(std::string_view name) {
    const auto* found = std::ranges::find(period_names, name);
    if (found == period_names.end()) return std::nullopt;
    return static_cast<Period>(found - period_names.begin());
}

std::string period_of(std::string_view day, Period period) {
    const auto date = date_of(day);
    switch (period) {
        case Period::day: return std::string{day};
        case Period::week: return week_of(date);
        case Period::month: return std::string{day.substr(0, 7)};
        case Period::quarter:
            return fmt::format("{}-Q{}", static_cast<int>(date.year()),
                               (static_cast<unsigned>(date.month()) + 2) / 3);
        case Period::year: return std::string{day.substr(0, 4)};
    }
    return {};
}

ValueConcentration concentration(std::vector<std::pair<std::int64_t, double>> worths,
                                 std::size_t listed) {
    std::erase_if(worths, [](const auto& one) { return one.second <= 0; });
    std::ranges::stable_sort(worths, std::greater{}, &std::pair<std::int64_t, double>::second);
    ValueConcentration result;
    result.clients = static_cast<std::int64_t>(worths.size());
    for (const auto& [client, worth] : worths) result.total_minor += worth;
    // A fifth of eleven clients is three: who counts for a part counts whole.
    const auto in_fifth = (result.clients + fifth - 1) / fifth;
    double sum = 0;
    for (std::int64_t i = 0; i < result.clients; ++i) {
        const auto& [client, worth] = worths[static_cast<std::size_t>(i)];
        if (sum < most * result.total_minor) result.who_bring_80 = i + 1;
        sum += worth;
        if (i + 1 == in_fifth) result.share_of_fifth = ratio(sum, result.total_minor);
        if (result.first.size() >= listed) continue;
        ValuableClient one;
        one.client = client;
        one.worth_minor = worth;
        one.share = ratio(worth, result.total_minor);
        one.cumulative = ratio(sum, result.total_minor);
        result.first.push_back(one);
    }
    return result;
}

double ProductPair::support() const {
    return ratio(static_cast<double>(together), static_cast<double>(clients));
}
double ProductPair::confidence() const {
    return ratio(static_cast<double>(together), static_cast<double>(with_first));
}
double ProductPair::backward_confidence() const {
    return ratio(static_cast<double>(together), static_cast<double>(with_second));
}
double ProductPair::lift() const {
    return ratio(confidence(),
                 ratio(static_cast<double>(with_second), static_cast<double>(clients)));
}

std::vector<ProductPair> product_pairs(
    const std::vector<std::pair<std::int64_t, std::string>>& held) {
    std::map<std::string, std::int64_t> alone;
    std::map<std::pair<std::string, std::string>, std::int64_t> together;
    std::int64_t clients = 0;
    for (std::size_t from = 0; from < held.size(); ++clients) {
        auto to = from;
        while (to < held.size() && held[to].first == held[from].first) ++to;
        for (auto a = from; a < to; ++a) {
            ++alone[held[a].second];
            for (auto b = a + 1; b < to; ++b)
                ++together[std::minmax(held[a].second, held[b].second)];
        }
        from = to;
    }
    std::vector<ProductPair> pairs;
    for (const auto& [names, count] : together)
        pairs.push_back(
            {names.first, names.second, count, alone[names.first], alone[names.second], clients});
    std::ranges::stable_sort(pairs, std::greater{}, &ProductPair::together);
    return pairs;
}

BankReport load_bank_report(db::Database& database, const BankQuestion& question) {
    BankReport report;
    report.asked_from = base::to_text(question.from);
    report.asked_to = base::to_text(question.to);
    report.by = question.by;
    report.currency = question.currency;
    const auto lease = database.read();
    const auto days =
        lease->list<std::string>(db::queries::snapshot_days, {report.asked_from, report.asked_to},
                                 [](const db::Row& row) { return row.get<std::string>(0); });
    report.snapshots = days.size();
    if (days.empty()) return report;
    report.from = days.front();
    report.to = days.back();
    report.segments = load_segments(*lease, report);
    report.value = load_value(*lease, report);
    load_moves(*lease, report);
    report.pairs = load_pairs(*lease, report.to);
    report.sources = load_sources(*lease, report);
    return report;
}

}  // namespace carillon::reports
