// simulate: what a campaign would do, to whom, when and at what cost.
#include <fmt/format.h>

#include <optional>

#include "app/commands.h"
#include "app/rehearsal.h"
#include "base/local_date.h"
#include "base/money.h"

namespace carillon::app {

namespace {

void print_days(const Output& output, const std::vector<desk::DayForecast>& days,
                const desk::DayForecast& total) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& day : days)
        rows.push_back({day.slot.key, grouped(day.matched),
                        grouped(day.matched - day.sent - day.control), grouped(day.control),
                        grouped(day.sent)});
    output.table({"slot (local time)", "matched", "left out", "control", "messages"}, rows);
    output.line("");
    output.line(fmt::format("in all: {} matched, {} messages, {} in the control group",
                            grouped(total.matched), grouped(total.sent), grouped(total.control)));
    for (const auto& [reason, count] : total.left_out)
        output.line(fmt::format("  left out, {}: {} ({})", reason, grouped(count),
                                percent(count, total.matched)));
}

void print_channels(const Output& output, const desk::Forecast& made, const std::string& currency) {
    for (const auto& one : made.channels)
        output.line(fmt::format("  by {}: {} messages{}, {} {}", one.channel, grouped(one.messages),
                                one.units == one.messages
                                    ? std::string{}
                                    : " of " + grouped(one.units) + " parts or pages",
                                base::plain_text({one.cost_minor, currency}), currency));
}

void print_forecast(const Output& output, const desk::Forecast& made, const std::string& currency) {
    print_days(output, made.days, made.total);
    print_channels(output, made, currency);
    output.line("cost of the first step: " + base::plain_text({made.cost_minor, currency}) + " " +
                currency + " (parts and pages as in the messages tried below)");
    output.line(made.seconds > 0
                    ? fmt::format("time at the channels' own rates: {:.0f} s", made.seconds)
                    : "time: as fast as the server takes them (no channel sets a rate)");
    print_rehearsal(output, made.tried);
    output.result(desk::to_json(made, currency));
}

}  // namespace

ExitCode simulate(Program& program, const Output& output, const SimulateArgs& args) {
    desk::ForecastQuestion question{.days = args.days, .sample = args.sample};
    if (!args.from.empty()) {
        const auto given = base::parse_date(args.from);
        if (!given) return output.refuse({given.error().code, given.error().detail, "--from"});
        question.from = *given;
    }
    std::optional<Progress> progress;
    question.on_progress = [&](std::size_t done, std::size_t all) {
        if (!progress) progress.emplace("simulating", static_cast<std::int64_t>(all));
        progress->show(static_cast<std::int64_t>(done));
    };
    auto lease = program.migrated_database().read();
    const scheduler::Composer composer{program.instance_secret(),
                                       program.config().text("public.url")};
    const auto made = desk::forecast(program.workshop(composer), *lease, args.name, question,
                                     program.clock().now());
    progress.reset();
    if (!made) return output.refuse(made.error());
    if (!*made) {
        output.line("this campaign answers events; how many will come cannot be told");
        output.result(base::Json{base::Json::Object{}});
        return ExitCode::done;
    }
    print_forecast(output, **made, program.config().text("bank.currency"));
    return ExitCode::done;
}

}  // namespace carillon::app
