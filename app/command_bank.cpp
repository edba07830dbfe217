// snapshot, report bank, client show: the bank's own view of its clients.
#include "app/commands.h"
#include "app/duties.h"
#include "app/errands.h"
#include "app/report_output.h"
#include "reports/bank_report.h"
#include "reports/client_page.h"

namespace carillon::app {

ExitCode take_snapshot(Program& program, const Output& output, const SnapshotArgs& args) {
    if (!args.now.empty()) {
        const auto now = base::parse_instant(args.now);
        if (!now) return output.refuse({now.error().code, now.error().detail, "--now"});
        program.simulate_time(*now);
    }
    std::optional<base::LocalDate> day;
    if (!args.date.empty()) {
        const auto given = base::parse_date(args.date);
        if (!given) return output.refuse({given.error().code, given.error().detail, "--date"});
        day = *given;
    }
    const auto taken = snapshot_taken(program, day);
    if (!taken)
        return output.refuse({taken.error().front().code, taken.error().front().detail, "--date"});
    const auto& of = *taken->find("day")->text();
    if (*taken->find("new")->boolean())
        output.line("snapshot of " + of + ": " + grouped(*taken->find("clients")->integer()) +
                    " clients, " + grouped(*taken->find("segments")->integer()) + " segments");
    else
        output.line("the snapshot of " + of + " stands already");
    for (const auto& problem : *taken->find("left_out")->array())
        output.line("left out: " + *problem.text());
    output.result(*taken);
    return ExitCode::done;
}

ExitCode report_bank(Program& program, const Output& output, const BankReportArgs& args) {
    reports::BankQuestion question;
    question.currency = program.config().text("bank.currency");
    const auto by = reports::period_from(args.by.empty() ? "month" : args.by);
    if (!by)
        return output.refuse(
            {"report.period", "expected day, week, month, quarter or year", "--by " + args.by});
    question.by = *by;
    question.to = bank_day(program).today;
    question.from = base::LocalDate{question.to.year() - std::chrono::years{1}, question.to.month(),
                                    std::chrono::day{1}};
    const auto read = [&](const std::string& given, base::LocalDate& day) -> base::Result<void> {
        if (given.empty()) return {};
        auto parsed = base::parse_date(given);
        if (!parsed) return base::fail(parsed.error());
        day = *parsed;
        return {};
    };
    if (const auto from = read(args.from, question.from); !from)
        return output.refuse({from.error().code, from.error().detail, "--from"});
    if (const auto to = read(args.to, question.to); !to)
        return output.refuse({to.error().code, to.error().detail, "--to"});
    if (question.to < question.from)
        return output.refuse({"report.days", "--to lies before --from", "--to"});
    const auto report = reports::load_bank_report(program.migrated_database(), question);
    const reports::Words words{reports::language_from(args.language).value()};
    return write_document(output, {args.format, args.out}, reports::lay_out(report, words),
                          [&] { return reports::to_json(report); });
}

ExitCode show_client(Program& program, const Output& output, const ClientPageArgs& args) {
    const auto today = bank_day(program).today;
    const reports::Words words{reports::language_from(args.language).value()};
    const auto page =
        reports::client_page(*program.migrated_database().read(),
                             {args.id, today, program.config().text("bank.currency")}, words);
    if (!page)
        return output.refuse(
            {"client.unknown", "there is no client with the external id '" + args.id + "'", "ID"});
    return write_document(output, {args.format, args.out}, *page,
                          [&] { return reports::to_json(*page); });
}

}  // namespace carillon::app
