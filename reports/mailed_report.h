// A report that goes to managers by e-mail at set times, as its author describes it: one JSON file
// (docs/schema/report.schema.json).
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "campaigns/schedule.h"
#include "reports/bank_report.h"
#include "reports/words.h"

namespace carillon::reports {

inline constexpr std::string_view report_kind = "report";

struct MailedReport {
    std::string name{};
    std::string title{};     // the subject of the mail
    std::string campaign{};  // one of both: a campaign's report ...
    std::vector<std::string> breakdowns{};
    bool is_bank{};  // ... or the bank's, over the last `days`
    int days{90};
    Period by{Period::week};
    std::string format{"pdf"};  // or "xlsx"
    Language language{Language::english};
    campaigns::Schedule schedule{};  // recurring, in the bank's zone
    std::vector<std::string> to{};   // e-mail addresses, 1 .. 50
    std::string channel{"email"};    // the settings it is sent through
};

// All mistakes at once, each with its JSON path.
tl::expected<MailedReport, base::Problems> parse_mailed_report(const base::Json& json);

}  // namespace carillon::reports
