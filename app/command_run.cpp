// run: the scheduler and the dispatcher in the foreground, in real or simulated time.
#include <sys/resource.h>

#include <iostream>
#include <thread>

#include "app/commands.h"
#include "app/duties.h"
#include "app/failure_watch.h"
#include "app/listeners.h"
#include "app/mail_intake.h"
#include "app/report_mails.h"
#include "app/stop_signal.h"
#include "app/webhook_duty.h"
#include "base/local_date.h"
#include "scheduler/dispatcher.h"
#include "scheduler/planner.h"

namespace carillon::app {

namespace {

using namespace std::chrono_literals;

// What channels begin with is kept unless only plans are made.
scheduler::DispatcherSettings dispatcher_settings(Program& program, bool sends) {
    const auto& config = program.config();
    scheduler::DispatcherSettings settings;
    if (sends) {
        if (const auto kept = program.keep_flights(); !kept)
            std::cerr << "carillon: a crash will leave more messages in doubt: "
                      << kept.error().text() << '\n';
        settings.flights = program.flights();
    }
    settings.batch = static_cast<int>(config.integer("dispatch.batch"));
    settings.compose_threads = static_cast<int>(config.integer("dispatch.compose_threads"));
    settings.in_flight_max = static_cast<int>(config.integer("dispatch.in_flight"));
    settings.submitting_max = static_cast<int>(config.integer("dispatch.submitting"));
    settings.uncertain_patience =
        std::chrono::minutes{config.integer("dispatch.uncertain_minutes")};
    settings.stop_patience = std::chrono::seconds{config.integer("dispatch.stop_seconds")};
    settings.heartbeat = std::chrono::seconds{config.integer("dispatch.heartbeat_seconds")};
    settings.retry.attempts_max = static_cast<int>(config.integer("retry.attempts"));
    settings.retry.first_delay = std::chrono::seconds{config.integer("retry.first_seconds")};
    settings.retry.delay_max = std::chrono::seconds{config.integer("retry.longest_seconds")};
    return settings;
}

// Processor seconds and the largest resident size of this process so far.
struct Usage {
    double cpu_seconds{};
    double peak_rss_mb{};
};
Usage usage() {
    struct rusage used {};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return {seconds(used.ru_utime) + seconds(used.ru_stime),
            static_cast<double>(used.ru_maxrss) / 1024};
}

// Trouble that ends by itself or by an operator's hand: the server restarts, the disk is freed.
// Nothing is lost meanwhile.
bool may_pass(db::DbFault fault) {
    switch (fault) {
        case db::DbFault::conflict:
        case db::DbFault::busy:
        case db::DbFault::connection_lost:
        case db::DbFault::full: return true;
        case db::DbFault::duplicate:
        case db::DbFault::corrupt:
        case db::DbFault::constraint:
        case db::DbFault::other: return false;
    }
    std::abort();
}

class Runner {
public:
    Runner(Program& program, const Output& output, const RunArgs& args,
           base::ManualClock* simulated, const StopSignal& stop)
        : program_(program),
          output_(output),
          args_(args),
          simulated_(simulated),
          stop_(stop),
          composer_(program.instance_secret(), program.config().text("public.url")),
          contexts_([&](const db::Document& channel) { return program.outlet(channel); },
                    program.bank()),
          planner_(
              program.migrated_database(), program.clock(),
              {program.config().integer("plan.chunk"), simulated == nullptr && !args.until_idle}),
          urgent_(program.migrated_database(), program.clock(),
                  {program.config().integer("plan.chunk"), true}),
          dispatcher_(
              program.migrated_database(), program.clock(), program.real_clock(), composer_,
              program.inbox(),
              [this](db::Connection& connection, base::RunId run) {
                  return find_run(connection, run);
              },
              dispatcher_settings(program, !args.plan_only)),
          duties_(program, args.until.empty() && !args.until_idle),
          report_mails_(program),
          listeners_(program),
          failures_(program) {
        program.audit_key();  // before there are threads
    }

    ExitCode run() {
        const auto started = base::steady_now();
        {
            std::jthread planning;
            std::jthread answering;
            std::jthread duties;
            // In real time planning has a thread of its own, so that a large audience delays no
            // urgent message.
            std::unique_ptr<MailPolling> mail;
            std::unique_ptr<WebhookDuty> webhooks;
            if (!args_.plan_only && !args_.until_idle && args_.until.empty())
                webhooks = std::make_unique<WebhookDuty>(program_);
            if (simulated_ == nullptr && !args_.until_idle) {
                planning =
                    std::jthread{[this](const std::stop_token& stop) { plan_for_ever(stop); }};
                answering =
                    std::jthread{[this](const std::stop_token& stop) { answer_for_ever(stop); }};
                duties =
                    std::jthread{[this](const std::stop_token& stop) { do_duties_for_ever(stop); }};
                mail = poll_mail();
            }
            loop();
        }
        if (!args_.plan_only) dispatcher_.stop(program_.outlets());
        report(base::steady_now() - started);
        return ExitCode::done;
    }

private:
    std::shared_ptr<const scheduler::RunContext> find_run(db::Connection& connection,
                                                          base::RunId run) {
        auto context = contexts_.find(connection, run);
        if (!context)
            complain(contexts_.problem() +
                     (program_.problem().empty() ? "" : ": " + program_.problem()));
        return context;
    }

    void complain(const std::string& problem) {
        if (problem == last_problem_) return;
        last_problem_ = problem;
        std::cerr << "carillon: " << problem << '\n';
    }

    void plan_for_ever(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            bool worked = false;
            try {
                start_due_launches(program_);
                worked = planner_.turn();
                if (worked) program_.inbox().wake();
            } catch (const db::DbError& error) {
                std::cerr << "carillon: planning: " << error.what() << '\n';
            }
            for (int i = 0; i < (worked ? 1 : 50) && !stop.stop_requested(); ++i)
                std::this_thread::sleep_for(10ms);
        }
    }

    // Beside the planner: neither a large audience nor a long look may delay what is urgent. What
    // this process takes in rings; events that others take in are found by looking.
    void answer_for_ever(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            auto patience = 20ms;
            try {
                if (urgent_.answer_events()) program_.inbox().wake();
            } catch (const db::DbError& error) {
                std::cerr << "carillon: answering events: " << error.what() << '\n';
                patience = 500ms;
            }
            program_.events().wait(patience);
        }
    }

    void do_duties_for_ever(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            do_duties();
            for (int i = 0; i < 25 && !stop.stop_requested(); ++i)
                std::this_thread::sleep_for(200ms);
        }
    }
    void do_duties() {
        try {
            duties_.turn();
            report_mails_.turn();
        } catch (const std::exception& error) {
            // Tried again at the next turn; sending goes on meanwhile.
            if (error.what() == duty_problem_) return;
            duty_problem_ = error.what();
            std::cerr << "carillon: daily duties: " << duty_problem_ << '\n';
        }
    }

    // nullptr when no channel names a mailbox. What its settings say when the process starts holds.
    std::unique_ptr<MailPolling> poll_mail() {
        auto intake = open_mail_intake(program_);
        if (!intake) {
            complain(intake.error().front().text());
            return nullptr;
        }
        if (intake->accounts.empty()) return nullptr;
        return std::make_unique<MailPolling>(std::move(*intake));
    }

    void loop() {
        const bool plans_here = simulated_ != nullptr || args_.until_idle;
        if (plans_here && !args_.plan_only)
            if (const auto problem = listeners_.finish_left_work()) complain(*problem);
        while (!stop_.requested()) {
            bool worked = false;
            try {
                if (!plans_here && !args_.plan_only) listen();
                if (plans_here && dispatcher_.is_idle()) {
                    start_due_launches(program_);
                    worked = planner_.turn();
                }
                if (!args_.plan_only) {
                    worked = dispatcher_.turn() || worked;
                    failures_.turn();
                }
                if (!worked && program_.receipts() != nullptr)
                    worked = program_.receipts()->apply_waiting();
            } catch (const db::DbError& error) {
                if (!may_pass(error.fault())) throw;
                complain(error.what());
                std::this_thread::sleep_for(300ms);
                continue;
            }
            if (worked) continue;
            if (!args_.plan_only && !dispatcher_.is_idle()) {
                dispatcher_.wait(200ms);
                continue;
            }
            if (!go_on()) return;
        }
    }

    void listen() {
        if (const auto problem = listeners_.turn()) complain(*problem);
    }

    // Nothing can be done at this moment: wait, let simulated time pass, or end.
    bool go_on() {
        if ((simulated_ != nullptr || args_.until_idle) && !args_.plan_only) do_duties();
        if (simulated_ != nullptr && !args_.until.empty()) return let_time_pass();
        if (args_.until_idle) return false;
        dispatcher_.wait(200ms);
        return true;
    }

    bool let_time_pass() {
        const auto end = base::parse_instant(args_.until).value();
        std::optional<base::Instant> next = planner_.next_moment();
        {
            auto lease = program_.database().read();
            const auto due = scheduler::next_due(*lease);
            if (due && (!next || *due < *next)) next = due;
        }
        if (!args_.plan_only) {
            const auto report = report_mails_.next_moment();
            if (report && (!next || *report < *next)) next = report;
        }
        if (!next || *next > end) {
            simulated_->set(std::max(end, simulated_->now()));
            if (!args_.plan_only) do_duties();
            return false;
        }
        // Due, but all providers are left: what brings them back is real time.
        if (*next <= simulated_->now()) dispatcher_.wait(20ms);
        simulated_->set(std::max(*next, simulated_->now() + 1ms));
        if (!args_.plan_only) dispatcher_.housekeeping();
        return true;
    }

    void report(base::Steady::duration passed) {
        const auto& sent = dispatcher_.counts();
        const auto& planned = planner_.counts();
        const auto& urgent = urgent_.counts();
        const auto messages = planned.messages + urgent.messages;
        const auto runs = planned.runs + urgent.runs;
        const double seconds = std::chrono::duration<double>(passed).count();
        const auto used = usage();
        output_.line("planned " + grouped(messages) + " messages in " + grouped(runs) +
                     " runs; submitted " + grouped(sent.submitted) + ": " + grouped(sent.accepted) +
                     " accepted, " + grouped(sent.deferred) + " deferred, " + grouped(sent.failed) +
                     " failed, " + grouped(sent.uncertain) + " uncertain");
        base::Json json{base::Json::Object{}};
        json.set("runs", runs);
        json.set("planned", messages);
        json.set("submitted", sent.submitted);
        json.set("accepted", sent.accepted);
        json.set("deferred", sent.deferred);
        json.set("failed", sent.failed);
        json.set("uncertain", sent.uncertain);
        json.set("seconds", seconds);
        json.set("rate", seconds > 0 ? static_cast<double>(sent.accepted) / seconds : 0.0);
        json.set("cpu_seconds", used.cpu_seconds);
        json.set("peak_rss_mb", used.peak_rss_mb);
        output_.result(json);
    }

    Program& program_;
    const Output& output_;
    const RunArgs& args_;
    base::ManualClock* simulated_;
    const StopSignal& stop_;
    scheduler::Composer composer_;
    scheduler::RunContexts contexts_;
    scheduler::Planner planner_;
    scheduler::Planner urgent_;  // answers events, nothing else
    scheduler::Dispatcher dispatcher_;
    DailyDuties duties_;
    ReportMails report_mails_;
    Listeners listeners_;
    FailureWatch failures_;
    std::string last_problem_;
    std::string duty_problem_;
};

}  // namespace

ExitCode run(Program& program, const Output& output, const RunArgs& args) {
    const StopSignal stop;
    return run_until(stop, program, output, args);
}

ExitCode run_until(const StopSignal& stop, Program& program, const Output& output,
                   const RunArgs& args) {
    base::ManualClock* simulated = nullptr;
    if (!args.now.empty()) {
        const auto start = base::parse_instant(args.now);
        if (!start) return output.refuse({start.error().code, start.error().detail, "--now"});
        simulated = &program.simulate_time(*start);
    }
    if (!args.until.empty()) {
        const auto end = base::parse_instant(args.until);
        if (!end) return output.refuse({end.error().code, end.error().detail, "--until"});
        if (simulated == nullptr)
            return output.refuse({"run.until", "--until needs --now", "--until"});
    }
    return Runner{program, output, args, simulated, stop}.run();
}

}  // namespace carillon::app
