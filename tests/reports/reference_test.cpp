// The measures against figures that others published. Those in this file stand here with their
// source; the whole reference tables are read when CARILLON_DATA names the folder they lie in.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <tuple>

#include "reports/distributions.h"
#include "reports/experiment.h"

using namespace carillon::reports;

namespace {

constexpr double four_digits = 0.5e-4 + 1e-9;

void check_near(double value, double expected, double within) {
    CAPTURE(value, expected);
    CHECK(std::abs(value - expected) <= within);
}

std::vector<std::vector<std::string>> read_table(const std::string& path) {
    std::ifstream file{path};
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(file, line);) {
        rows.emplace_back();
        std::istringstream cells{line};
        for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
    }
    return rows;
}

// "56/70-48/80": the counts behind two columns of Newcombe's table.
std::pair<Count, Count> counts_of(const std::string& title) {
    Count a;
    Count b;
    char mark{};
    std::istringstream text{title};
    text >> a.hits >> mark >> a.of >> mark >> b.hits >> mark >> b.of;
    return {a, b};
}

}  // namespace

TEST_CASE("Wilson's interval as Newcombe tabulates it", "[statistics]") {
    // Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
    struct Row {
        Count count;
        double low, high;
    };
    for (const auto& row : {Row{{81, 263}, 0.2553, 0.3662}, Row{{15, 148}, 0.0624, 0.1605},
                            Row{{0, 20}, 0.0, 0.1611}, Row{{1, 29}, 0.0061, 0.1718}}) {
        const auto interval = wilson(row.count).value().within;
        check_near(interval.low, row.low, four_digits);
        check_near(interval.high, row.high, four_digits);
    }
}

TEST_CASE("Newcombe's table II, method 10", "[statistics]") {
    // Newcombe, Statistics in Medicine 17 (1998) 873-890, table II.
    struct Row {
        Count a, b;
        double low, high;
    };
    for (const auto& row :
         {Row{{56, 70}, {48, 80}, 0.0524, 0.3339}, Row{{9, 10}, {3, 10}, 0.1705, 0.8090},
          Row{{6, 7}, {2, 7}, 0.0582, 0.8062}, Row{{5, 56}, {0, 29}, -0.0381, 0.1926},
          Row{{0, 10}, {0, 20}, -0.1611, 0.2775}, Row{{0, 10}, {0, 10}, -0.2775, 0.2775},
          Row{{10, 10}, {0, 20}, 0.6791, 1.0}, Row{{10, 10}, {0, 10}, 0.6075, 1.0}}) {
        const auto interval = difference(row.a, row.b).value().within;
        check_near(interval.low, row.low, four_digits);
        check_near(interval.high, row.high, four_digits);
    }
}

TEST_CASE("all eight columns of the reference table, and its single examples", "[statistics]") {
    const char* data = std::getenv("CARILLON_DATA");
    if (data == nullptr) {
        std::cout << "skipped: no CARILLON_DATA\n";
        return;
    }
    const std::string folder = std::string{data} + "/statistics/dbci/";
    const auto table = read_table(folder + "newcombee.csv");
    REQUIRE(table.size() > 10);
    int checked = 0;
    for (const auto& row : table) {
        if (row[0] != "wilson") continue;
        for (std::size_t column = 1; column + 1 < row.size(); column += 2, ++checked) {
            const auto [a, b] = counts_of(table[0][column]);
            const auto interval = difference(a, b).value().within;
            check_near(interval.low, std::stod(row[column]), four_digits);
            check_near(interval.high, std::stod(row[column + 1]), four_digits);
        }
    }
    CHECK(checked == 8);
    const std::vector<std::pair<std::string, std::pair<Count, Count>>> examples{
        {"10-10-vs-0-20", {{10, 10}, {0, 20}}},
        {"56-70-vs-48-80", {{56, 70}, {48, 80}}},
        {"84-101-vs-89-105", {{84, 101}, {89, 105}}},
        {"9-10-vs-3-10", {{9, 10}, {3, 10}}}};
    for (const auto& [name, counts] : examples)
        for (const auto& row : read_table(folder + "example-" + name + ".csv")) {
            if (row[0] != "wilson") continue;
            const auto interval = difference(counts.first, counts.second).value().within;
            check_near(interval.low, std::stod(row[1]), four_digits);
            check_near(interval.high, std::stod(row[2]), four_digits);
            ++checked;
        }
    CHECK(checked == 12);
    for (const auto& row : read_table(folder + "example-84-101.csv")) {
        if (row[0] != "wilson") continue;
        const auto one = wilson({84, 101}).value();
        check_near(one.value, std::stod(row[1]), 1e-12);
        check_near(one.within.low, std::stod(row[2]), 1e-12);
        check_near(one.within.high, std::stod(row[3]), 1e-12);
    }
}

TEST_CASE("Hillstrom's mail to men, from the counts and moments of the published file",
          "[statistics][hillstrom]") {
    // MineThatData e-mail challenge, Kevin Hillstrom 2008; lifts as in Radcliffe 2008.
    const Count mens{3'894, 21'307};
    const Count womens{3'238, 21'387};
    const Count control{2'262, 21'306};
    check_near(mens.share(), 0.18276, 0.5e-5);
    check_near(womens.share(), 0.15140, 0.5e-5);
    check_near(control.share(), 0.10617, 0.5e-5);
    check_near(compare(mens, control).value().z, 22.4860, 0.5e-4);
    const auto lift = difference(mens, control).value();
    check_near(100 * lift.value, 7.66, 0.005);
    check_near(lift.within.low, 0.069953, 0.5e-6);
    check_near(lift.within.high, 0.083227, 0.5e-6);
    check_near(100 * difference(womens, control).value().value, 4.52, 0.005);
    CHECK(compare(mens, control).value().p_value < 1e-100);
    const auto spend =
        welch({21'307, 3'031'169, 67590244973.0}, {21'306, 1'390'833, 28700503621.0}).value();
    check_near(spend.t, 5.3001, 0.5e-4);
    check_near(spend.difference.value / 100, 0.77, 0.005);
    const auto split = sample_ratio({{21'307, 1}, {21'387, 1}, {21'306, 1}}).value();
    CHECK_FALSE(split.broken());
}

TEST_CASE("Student's sleep data by Welch", "[statistics]") {
    // Student, Biometrika 6 (1908); figures as R 4 prints for t.test(extra ~ group, data = sleep).
    Moments first;
    Moments second;
    for (const double value : {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0})
        first.add(value);
    for (const double value : {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4})
        second.add(value);
    const auto result = welch(first, second).value();
    check_near(result.t, -1.8608, 0.5e-4);
    check_near(result.degrees, 17.776, 0.5e-3);
    check_near(result.p_value, 0.07939, 0.5e-5);
    check_near(result.difference.within.low, -3.3654832, 0.5e-7);
    check_near(result.difference.within.high, 0.2054832, 0.5e-7);
}

TEST_CASE("Fisher's exact test on his own examples", "[statistics]") {
    // The lady tasting tea (Fisher 1935), and convictions of twins (Fisher 1962) as in R's manual.
    check_near(fisher_two_sided(3, 4, 1, 4), 0.4857, four_digits);
    check_near(fisher_two_sided(2, 12, 15, 18), 0.0005367, 0.5e-7);
    CHECK(compare({3, 4}, {1, 4}).value().name == TestName::fisher);
}

TEST_CASE("relative risk in the Physicians' Health Study", "[statistics]") {
    // Heart attacks with placebo and aspirin: Agresti, Introduction to Categorical Data Analysis,
    // 2.3.2: 1.82, interval 1.43 to 2.30.
    const auto lift = relative_lift({189, 11'034}, {104, 11'037}).value();
    check_near(lift.value + 1, 1.82, 0.005);
    check_near(lift.within.low + 1, 1.43, 0.005);
    check_near(lift.within.high + 1, 2.30, 0.007);
}

TEST_CASE("sample size as R's power.prop.test gives it", "[statistics]") {
    // The manual's example: p1 = .50, p2 = .75, power = .90 => n = 76.7.
    check_near(sample_needed(0.5, 0.75, 1, 0.9).value(), 76.7, 0.05);
}

TEST_CASE("a split that is known to be broken", "[statistics]") {
    // Kohavi, Tang, Xu, Trustworthy Online Controlled Experiments (2020), chapter 3: 821,588 users
    // against 815,482 in a test planned 1 : 1; p = 1.8e-6.
    const auto ratio = sample_ratio({{821'588, 1}, {815'482, 1}}).value();
    CHECK(ratio.broken());
    check_near(ratio.p_value, 1.8e-6, 0.05e-6);
}

// Where nobody publishes tables: the edges, as SciPy 1.17 and statsmodels compute them. All
// measures of this module agreed with them to 1e-10 over 7,000 cases.
TEST_CASE("the edges of the measures as others compute them", "[statistics]") {
    constexpr double ten_digits = 0.5e-10;
    struct One {
        Count count;
        double confidence, low, high;
    };
    for (const auto& row :
         {One{{0, 1}, 0.95, 0.0, 0.7934506856227626}, One{{1, 1}, 0.95, 0.20654931437723745, 1.0},
          One{{1, 2}, 0.95, 0.09453120573423074, 0.9054687942657693},
          One{{0, 10}, 0.99, 0.0, 0.3988540933049081}, One{{7, 7}, 0.9, 0.7212373045474578, 1.0},
          One{{333'333, 1'000'000}, 0.999, 0.33178364313713987, 0.3348859660197236}}) {
        const auto interval = wilson(row.count, row.confidence).value().within;
        check_near(interval.low, row.low, ten_digits);
        check_near(interval.high, row.high, ten_digits);
    }
    struct Two {
        Count a, b;
        double low, high;
    };
    for (const auto& row :
         {Two{{0, 1}, {1, 1}, -1.0, 0.12210872068194178},
          Two{{0, 1}, {0, 21'306}, -0.00018026688880428288, 0.7934506856227627},
          Two{{2, 2}, {0, 7}, 0.2529967721697921, 1.0},
          Two{{3, 10}, {14, 29}, -0.44131109728547463, 0.16432916560582633},
          Two{{21'306, 21'306}, {1'000, 1'000}, -0.0001802668888041259, 0.0038267584855550263},
          Two{{5, 1'000}, {70, 21'306}, -0.0012752045346083964, 0.008400573167400982}}) {
        const auto interval = difference(row.a, row.b).value().within;
        check_near(interval.low, row.low, ten_digits);
        check_near(interval.high, row.high, ten_digits);
    }
    for (const auto& [a, b, p_value] :
         {std::tuple{Count{0, 1}, Count{1, 1}, 1.0},
          std::tuple{Count{1, 7}, Count{2, 2}, 0.08333333333333334},
          std::tuple{Count{3, 10}, Count{14, 29}, 0.4643551740325934},
          std::tuple{Count{0, 29}, Count{5, 56}, 0.16062144320947108},
          std::tuple{Count{9, 10}, Count{3, 10}, 0.019766611097880443},
          std::tuple{Count{1, 70}, Count{3, 1'000}, 0.23740486067506425}})
        check_near(fisher_two_sided(a.hits, a.of, b.hits, b.of), p_value, ten_digits);
    for (const auto& [arms, chi_squared, p_value] :
         {std::tuple{std::vector<Arm>{{9'000, 90}, {1'000, 10}}, 0.0, 1.0},
          std::tuple{std::vector<Arm>{{9'100, 90}, {900, 10}}, 11.11111111111111,
                     0.0008581206663936758},
          std::tuple{std::vector<Arm>{{0, 50}, {10, 50}}, 10.0, 0.001565402258002549},
          std::tuple{std::vector<Arm>{{100, 45}, {120, 45}, {30, 10}}, 2.888888888888889,
                     0.23587708298570023}}) {
        check_near(sample_ratio(arms)->chi_squared, chi_squared, ten_digits);
        check_near(sample_ratio(arms)->p_value, p_value, ten_digits);
    }
}

TEST_CASE("Welch's test with few clients and one flat group, as SciPy computes it",
          "[statistics]") {
    struct Row {
        std::vector<double> a, b;
        double t, degrees, p_value, low, high;
    };
    const std::vector<Row> rows{{{1, 1, 1},
                                 {2, 3, 4},
                                 -3.464101615137755,
                                 2,
                                 0.07417990022744854,
                                 -4.48413771175033,
                                 0.4841377117503298},
                                {{1, 2, 3, 4},
                                 {2, 3, 5, 9, 11},
                                 -1.893506232801608,
                                 5.058174523570712,
                                 0.11616599980094056,
                                 -8.235132119813576,
                                 1.235132119813576},
                                {{0, 0, 0, 0, 0, 100},
                                 {0, 0, 0, 0, 0, 0, 0, 50},
                                 0.585205735980653,
                                 6.414520067407229,
                                 0.5784026054347146,
                                 -32.4651244960161,
                                 53.29845782934943},
                                {{1'000'000'001, 1'000'000'002, 1'000'000'003},
                                 {1'000'000'002, 1'000'000'004, 1'000'000'009},
                                 -1.3887301496588274,
                                 2.3058823529411763,
                                 0.2838344049617087,
                                 -11.20770157910286,
                                 5.20770157910286}};
    for (const auto& row : rows) {
        Moments a;
        Moments b;
        for (const double value : row.a) a.add(value);
        for (const double value : row.b) b.add(value);
        const auto got = welch(a, b).value();
        check_near(got.t, row.t, 1e-9);
        check_near(got.degrees, row.degrees, 1e-9);
        check_near(got.p_value, row.p_value, 1e-9);
        check_near(got.difference.within.low, row.low, 1e-8);
        check_near(got.difference.within.high, row.high, 1e-8);
    }
}
