#include "reports/mailed_report.h"

#include <algorithm>
#include <array>

#include "base/email_address.h"
#include "reports/breakdown.h"

namespace carillon::reports {

namespace {

using base::ObjectReader;
using base::Problems;

constexpr std::size_t recipients_max = 50;
constexpr std::size_t name_max = 64;
constexpr int days_max = 3'660;

const std::vector<std::string_view> formats{"pdf", "xlsx"};
const std::vector<std::string_view> languages{"en", "ru"};
const std::vector<std::string_view> periods{"day", "week", "month", "quarter", "year"};

bool is_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !name.empty() && name.size() <= name_max && std::ranges::all_of(name, fits);
}

void read_bank(const base::Json& json, const std::string& path, MailedReport& report,
               Problems& problems) {
    ObjectReader reader{json, path, problems};
    report.is_bank = true;
    report.days = static_cast<int>(reader.integer("days", report.days, 1, days_max));
    report.by = static_cast<Period>(reader.choice("by", periods, static_cast<int>(report.by)));
    reader.finish();
}

void read_subject(ObjectReader& reader, MailedReport& report, Problems& problems) {
    const auto* subject = reader.required("report");
    if (subject == nullptr) return;
    ObjectReader part{*subject, reader.path_of("report"), problems};
    report.campaign = part.text("campaign");
    report.breakdowns = part.texts("by");
    if (const auto* bank = part.object("bank"))
        read_bank(*bank, part.path_of("bank"), report, problems);
    part.finish();
    if (report.campaign.empty() != report.is_bank)
        reader.problem("report", "report.subject", "needs one of campaign and bank");
    for (const auto& by : report.breakdowns)
        if (!is_known_breakdown(by) || report.is_bank)
            reader.problem("report.by", "report.breakdown",
                           "'" + by + "' is no property of a campaign's clients");
}

void read_recipients(ObjectReader& reader, MailedReport& report) {
    report.to = reader.texts("to");
    if (report.to.empty() || report.to.size() > recipients_max)
        reader.problem("to", "report.recipients", "needs 1 to 50 addresses");
    for (std::size_t i = 0; i < report.to.size(); ++i) {
        const auto place = "to[" + std::to_string(i) + "]";
        if (const auto address = base::EmailAddress::parse(report.to[i]); !address)
            reader.problem(place, address.error().code, address.error().detail);
        if (std::ranges::count(report.to, report.to[i]) > 1)
            reader.problem(place, "report.twice", "'" + report.to[i] + "' is given twice");
    }
}

}  // namespace

tl::expected<MailedReport, base::Problems> parse_mailed_report(const base::Json& json) {
    Problems problems;
    ObjectReader reader{json, "$", problems};
    MailedReport report;
    reader.text("$schema");
    report.name = reader.required_text("name");
    if (!report.name.empty() && !is_name(report.name))
        reader.problem("name", "report.name", "expected small letters, digits, - and _");
    report.title = reader.text("title", report.name);
    read_subject(reader, report, problems);
    report.format = formats[static_cast<std::size_t>(reader.choice("format", formats, 0))];
    report.language = static_cast<Language>(reader.choice("language", languages, 0));
    if (const auto* schedule = reader.required("schedule")) {
        const base::Json recurring{base::Json::Object{{"recurring", *schedule}}};
        report.schedule = campaigns::read_schedule(recurring, "$.schedule", problems);
        report.schedule.zone = campaigns::ScheduleZone::bank;
    }
    read_recipients(reader, report);
    report.channel = reader.text("channel", report.channel);
    reader.finish();
    if (!problems.empty()) return tl::unexpected{problems};
    return report;
}

}  // namespace carillon::reports
