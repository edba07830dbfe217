// Five typical segments over a million clients and three million contracts against the same
// question in hand-written SQL. The ratio is that of the worst of the five.
//   bench_segment [CLIENTS] [FOLDER]
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "audience/store.h"
#include "base/digest.h"

using namespace carillon;

namespace {

// Rows made inside the engine: this is about reading, not about importing.
void fill(db::Database& database, std::int64_t clients) {
    db::in_transaction(database, [&](db::Connection& connection) {
        // h is spread evenly, so that no two columns follow one another.
        const std::string numbers =
            "WITH RECURSIVE n(i, h) AS (SELECT 1, 7919 UNION ALL SELECT i + 1, (h * 48271) % "
            "2147483647 FROM n"
            " WHERE i < ?) ";
        connection.execute(
            db::DynamicQuery{"clients", numbers + "INSERT INTO clients (id, external_id, kind, "
                                                  "last_name, gender, birth_date, birth_md, locale,"
                                                  " time_zone, branch, status, income_minor, "
                                                  "search_name, mix, created_at, updated_at)"
                                                  " SELECT i, printf('C%08d', i), 'person', 'Name' "
                                                  "|| (h % 997), CASE h % 2 WHEN 0 THEN 'f' ELSE"
                                                  " 'm' END, printf('%04d-%02d-%02d', 1940 + h / 7 "
                                                  "% 66, 1 + h / 462 % 12, 1 + h / 5544 % 28),"
                                                  " (1 + h / 462 % 12) * 100 + 1 + h / 5544 % 28, "
                                                  "'ru', 'Europe/Moscow', 'B-' || (h / 11 % 120),"
                                                  " CASE h / 13 % 10 WHEN 0 THEN 'inactive' ELSE "
                                                  "'active' END, (h % 300000) * 100,"
                                                  " 'name' || (h % 997), h, 0, 0 FROM n"},
            {clients});
        connection.execute(
            db::DynamicQuery{"contracts",
                             numbers + "INSERT INTO contracts (external_id, client_id, kind, "
                                       "product, status, currency, balance_minor,"
                                       " overdue_minor, overdue_since, updated_at) SELECT 'K' || "
                                       "i, 1 + h % ?, CASE h / 17 % 3 WHEN 0"
                                       " THEN 'loan' WHEN 1 THEN 'card' ELSE 'account' END, CASE h "
                                       "/ 51 % 10 WHEN 1 THEN 'gold' ELSE"
                                       " 'plain' END, 'active', 'RUB', (h % 100000) * 100, CASE h "
                                       "/ 23 % 50 WHEN 0 THEN 100000 ELSE 0 END,"
                                       " CASE h / 23 % 50 WHEN 0 THEN printf('2026-%02d-%02d', 1 + "
                                       "h / 29 % 11, 1 + h / 31 % 28) END, 0"
                                       " FROM n"},
            {clients * 3, clients});
        connection.run_script("analyze", "ANALYZE;");
    });
}

struct Question {
    std::string_view rule{};
    std::string_view by_hand{};
};

constexpr std::array questions{
    Question{
        R"({"all":[{"field":"status","op":"is","value":"active"},{"field":"age","op":">=","value":30},
                 {"field":"income","op":">=","value":150000}]})",
        "SELECT COUNT(*) FROM clients WHERE status = 'active' AND birth_date <= '1996-11-21'"
        " AND income_minor >= 15000000"},
    Question{
        R"({"contract":{"kind":"loan","where":[{"field":"overdue_days","op":">=","value":30}]}})",
        "SELECT COUNT(*) FROM clients WHERE id IN (SELECT client_id FROM contracts WHERE kind = "
        "'loan'"
        " AND overdue_since <= '2026-10-22')"},
    Question{R"({"anniversary":{"in_days":0}})",
             "SELECT COUNT(*) FROM clients WHERE birth_md = 1121"},
    Question{
        R"({"all":[{"contract":{"kind":"card","where":[{"field":"product","op":"is","value":"gold"}]}},
                 {"field":"branch","op":"in","value":["B-1","B-11","B-31","B-61"]}]})",
        "SELECT COUNT(*) FROM clients c WHERE branch IN ('B-1', 'B-11', 'B-31', 'B-61') AND EXISTS "
        "(SELECT 1 FROM"
        " contracts k WHERE k.client_id = c.id AND k.kind = 'card' AND k.product = 'gold')"},
    Question{
        R"({"all":[{"not":{"contract":{"kind":"loan"}}},{"random":{"percent":10,"salt":"spring"}}]})",
        "SELECT COUNT(*) FROM clients c WHERE ((? * c.mix + ?) % 2147483647) % 10000 < 1000 AND "
        "NOT EXISTS (SELECT 1"
        " FROM contracts k WHERE k.client_id = c.id AND k.kind = 'loan')"}};

audience::CompiledSegment compiled(const Question& question) {
    const auto json =
        base::Json::parse(R"({"name":"s","rule":)" + std::string{question.rule} + "}");
    const auto segment = audience::parse_segment(json.value(), {});
    return audience::compile(
               segment.value(),
               {base::parse_date("2026-11-21").value(), base::LeapDayRule::february_28, {}, {}})
        .value();
}

struct Timed {
    std::int64_t answer{};
    double seconds{};
};

// The best of three: the first warms the cache.
Timed timed(const auto& ask) {
    Timed best{0, 1e9};
    for (int i = 0; i < 3; ++i) {
        const auto start = base::steady_now();
        best.answer = ask();
        best.seconds = std::min(best.seconds,
                                std::chrono::duration<double>(base::steady_now() - start).count());
    }
    return best;
}

int run(std::int64_t clients, const std::filesystem::path& folder) {
    db::DatabaseSettings settings;
    settings.path = (folder / "carillon.db").string();
    db::Database database{settings};
    database.migrate();
    fill(database, clients);
    auto lease = database.write();  // the larger page cache
    double worst = 1e9;
    double ours_sum = 0;
    double by_hand_sum = 0;
    for (const auto& question : questions) {
        const auto segment = compiled(question);
        const auto ours = timed([&] { return audience::count(*lease, segment); });
        const bool draws = question.by_hand.find('?') != std::string_view::npos;
        const auto draw = base::draw_of("spring");
        const auto params = draws ? db::Params{draw.a, draw.b} : db::Params{};
        const auto by_hand = timed([&] {
            return lease
                ->value<std::int64_t>(db::DynamicQuery{"by_hand", std::string{question.by_hand}},
                                      params)
                .value();
        });
        fmt::print("{} clients, {:.3f} s, by hand {:.3f} s\n", ours.answer, ours.seconds,
                   by_hand.seconds);
        if (ours.answer != by_hand.answer) {
            fmt::print("by hand it is {} clients: {}\n", by_hand.answer, question.rule);
            return 1;
        }
        worst = std::min(worst, by_hand.seconds / ours.seconds);
        ours_sum += ours.seconds;
        by_hand_sum += by_hand.seconds;
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto count = static_cast<double>(clients) * static_cast<double>(questions.size());
    fmt::print(
        R"({{"bench":"segment","engine":"sqlite","messages":{},"rate":{:.0f},"yardstick_rate":{:.0f},)"
        R"("ratio":{:.3f},"cpu_us_per_message":{:.3f},"peak_rss_mb":{}}})"
        "\n",
        clients, count / ours_sum, count / by_hand_sum, worst, ours_sum * 1e6 / count,
        usage.ru_maxrss / 1024);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const auto clients = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
    const std::filesystem::path root =
        argc > 2 ? argv[2] : std::filesystem::temp_directory_path().string();
    const auto folder =
        root / fmt::format("carillon-bench-{}", base::to_millis(base::SystemClock{}.now()));
    std::filesystem::create_directories(folder);
    const int status = run(clients, folder);
    std::filesystem::remove_all(folder);
    return status;
}
