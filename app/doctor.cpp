// doctor: configuration, database, channels, time zones, disk.
#include <sys/statvfs.h>

#include <algorithm>

#include "app/errands.h"
#include "base/local_date.h"
#include "campaigns/bundle.h"

namespace carillon::app {

namespace {

struct Check {
    std::string what{};
    bool good{};
    std::string found{};
};

Check check_disk(const std::string& folder) {
    struct statvfs disk {};
    if (statvfs(folder.c_str(), &disk) != 0)
        return {"free disk space", false, "cannot look at " + folder};
    const auto free = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize) / 1e9;
    const auto whole =
        static_cast<double>(disk.f_blocks) * static_cast<double>(disk.f_frsize) / 1e9;
    const auto shown = std::to_string(static_cast<std::int64_t>(free)) + " of " +
                       std::to_string(static_cast<std::int64_t>(whole)) + " GB";
    return {"at least 2 GB free in " + folder, free >= 2, shown};
}

// A group is as good as its accounts, which are checked as the channels they are.
Check check_group(const db::Document& document, const channels::ProviderGroup& group,
                  const std::vector<db::Document>& documents) {
    std::string found;
    bool good = true;
    for (const auto& provider : group.providers) {
        const bool known =
            std::ranges::find(documents, provider.account, &db::Document::name) != documents.end();
        good = good && known;
        found += (found.empty() ? "" : ", ") + provider.account + " " +
                 std::to_string(provider.weight) + (known ? "" : " (not applied)");
    }
    return {"channel " + document.name + ", a group of providers", good, found};
}

void check_channels(Program& program, const ProbeChannel& probe, std::vector<Check>& checks) {
    std::vector<db::Document> documents;
    {
        auto lease = program.database().read();
        documents = db::newest_documents(*lease, campaigns::channel_kind);
    }
    for (const auto& document : documents) {
        if (const auto group = provider_group(document)) {
            checks.push_back(check_group(document, *group, documents));
            continue;
        }
        const auto probed = probe(document);
        checks.push_back({"channel " + document.name, probed.has_value(),
                          probed ? *probed : probed.error().text()});
    }
}

void check_calendars(Program& program, std::vector<Check>& checks) {
    auto lease = program.database().read();
    campaigns::WorkCalendar calendar;
    for (const auto& document : db::newest_documents(*lease, campaigns::calendar_kind))
        if (const auto json = base::Json::parse(document.content))
            if (auto year = campaigns::parse_calendar_year(*json)) calendar.add(std::move(*year));
    const auto today = base::TimeZone::utc().date_at(program.clock().now());
    const auto missing = calendar.missing_years(today, base::add_days(today, 60));
    std::string years;
    for (const auto year : missing) years += (years.empty() ? "" : ", ") + std::to_string(year);
    checks.push_back(
        {"production calendar of the next 60 days", missing.empty(),
         missing.empty() ? "known" : "missing " + years + ": every day counts as non-working"});
}

Check check_migrated(Program& program) {
    const bool good = program.database().is_migrated();
    return {"the database is up to date", good, good ? "yes" : "run `carillon migrate`"};
}

}  // namespace

base::Json doctor_findings(Program& program, const ProbeChannel& probe) {
    std::vector<Check> checks;
    checks.push_back(
        {"configuration", true,
         program.config().file().empty() ? "defaults and environment" : program.config().file()});
    for (const auto& check : program.database().check())
        checks.push_back({check.what, check.good, check.found});
    checks.push_back(check_migrated(program));
    const auto zone = base::TimeZone::find("Asia/Kamchatka");
    checks.push_back({"time-zone data", zone.has_value(),
                      zone ? base::time_zone_data_version() : zone.error().text()});
    checks.push_back(check_disk(program.data_folder()));
    if (checks[checks.size() - 3].good) {
        check_calendars(program, checks);
        check_channels(program, probe, checks);
    }
    bool all_good = true;
    base::Json::Array list;
    for (const auto& check : checks) {
        all_good = all_good && check.good;
        list.push_back(
            base::Json::Object{{"check", check.what}, {"ok", check.good}, {"found", check.found}});
    }
    return base::Json::Object{{"ok", all_good}, {"checks", std::move(list)}};
}

}  // namespace carillon::app
