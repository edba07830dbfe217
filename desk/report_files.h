// Reports as files, campaigns side by side, the bank's own view: what the command line prints.
#pragma once

#include "desk/report_desk.h"

namespace carillon::desk {

// How a report is to look. Errors: report.format, report.language.
struct Look {
    std::string format{"json"};  // json, csv, xlsx, html, pdf
    std::string language{"en"};  // en, ru
};

// Errors also: report.format (json: that is campaign_report).
FileAnswer report_file(Office& office, const Caller& caller, const std::string& name,
                       const ReportQuestion& question, const Look& look);
// Two to ten campaigns, the most effective first. Errors: report.names, campaign.unknown.
FileAnswer comparison(Office& office, const Caller& caller, const std::vector<std::string>& names,
                      const Look& look);

struct PeriodQuestion {
    std::string from{};
    std::string to{};
    std::string by{};
};
// Days, by day, week, month, quarter or year. A caller of some branches is named clients of these
// only. Errors: report.period, report.days, date.*.
FileAnswer bank_report(Office& office, const Caller& caller, const PeriodQuestion& question,
                       const Look& look);
// Months; by client, segment, value_class, industry, branch or manager. Errors: report.breakdown,
// report.month.
FileAnswer profitability(Office& office, const Caller& caller, const PeriodQuestion& question,
                         const Look& look);
// One page about a client, with his addresses. Errors: client.unknown.
FileAnswer client_page(Office& office, const Caller& caller, const std::string& client,
                       const Look& look);

}  // namespace carillon::desk
