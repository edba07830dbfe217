// The bank as its stored snapshots show it: segments over time, the clients who bring most, who
// stays, which products go together, which sources bring clients. Reads only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/local_date.h"
#include "db/database.h"
#include "reports/document.h"
#include "reports/words.h"

namespace carillon::reports {

enum class Period { day, week, month, quarter, year };
std::optional<Period> period_from(std::string_view name);
// "2026-11-22", "2026-W47", "2026-11", "2026-Q4", "2026": in the order of time. `day` is ISO.
std::string period_of(std::string_view day, Period period);

struct SegmentPeriod {
    std::string period{};
    std::int64_t clients{};  // at its end, like all that follows but joined and left
    std::int64_t joined{};
    std::int64_t left{};
    std::int64_t funds_minor{};
    std::int64_t loans_minor{};
    std::int64_t products{};
    std::int64_t refusals{};
};
struct SegmentStory {
    std::string segment{};  // "*": all clients
    std::vector<SegmentPeriod> periods{};
};

// Clients by what they bring, the largest first.
struct ValuableClient {
    std::int64_t client{};
    std::string external_id{};
    std::string name{};
    std::string value_class{};
    std::string branch{};
    std::string manager{};
    double worth_minor{};
    double share{};       // of all
    double cumulative{};  // with those before
};
struct ValueConcentration {
    bool is_income{};        // the core bank's monthly totals; else balances
    std::int64_t clients{};  // with a worth above zero
    double total_minor{};
    double share_of_fifth{};      // what the 20 % who bring most bring
    std::int64_t who_bring_80{};  // the fewest who bring 80 %
    std::vector<ValuableClient> first{};
};
// Pure: from (client, worth). `listed`: how many stand in `first`, without names.
ValueConcentration concentration(std::vector<std::pair<std::int64_t, double>> worths,
                                 std::size_t listed);

struct Move {
    std::string from{};
    std::string to{};
    std::int64_t clients{};
};
struct Retention {
    std::int64_t of{};      // new or active at the beginning
    std::int64_t stayed{};  // of them, new or active at the end
};

// Two products held by one client at the end of the period.
struct ProductPair {
    std::string first{};
    std::string second{};
    std::int64_t together{};
    std::int64_t with_first{};
    std::int64_t with_second{};
    std::int64_t clients{};  // with any product

    double support() const;     // both / all
    double confidence() const;  // of those with the first, who has the second
    double backward_confidence() const;
    double lift() const;  // 1: no more together than by chance
};
// Pure: from (client, product), by client. The most frequent first.
std::vector<ProductPair> product_pairs(
    const std::vector<std::pair<std::int64_t, std::string>>& held);

struct SourceFigures {
    std::string source{};
    std::int64_t prospects{};
    std::int64_t won{};    // became new or active
    double products{};     // held per client won
    double days_to_win{};  // on the average; 0 when nobody was won
};

struct BankReport {
    std::string asked_from{}, asked_to{};
    std::string from{}, to{};  // the snapshots used; "" when there are none
    std::size_t snapshots{};
    Period by{Period::month};
    std::string currency{};
    std::vector<SegmentStory> segments{};  // all clients first
    ValueConcentration value{};
    std::vector<Move> moves{};
    Retention retention{};
    std::vector<ProductPair> pairs{};
    std::vector<SourceFigures> sources{};
};

struct BankQuestion {
    base::LocalDate from{};
    base::LocalDate to{};
    Period by{Period::month};
    std::string currency{};
};

BankReport load_bank_report(db::Database& database, const BankQuestion& question);
Document lay_out(const BankReport& report, const Words& words);
base::Json to_json(const BankReport& report);

}  // namespace carillon::reports
