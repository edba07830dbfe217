#include "app/cli.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "app/commands.h"
#include "app/webhook_commands.h"
#include "reports/breakdown.h"

namespace carillon::app {

namespace {

struct Global {
    std::string config{};
    std::string actor{};
    bool json{};
};

std::string default_actor() {
    for (const char* variable : {"CARILLON_USER", "USER", "LOGNAME"})
        if (const char* name = std::getenv(variable); name != nullptr && *name != '\0') return name;
    return "uid" + std::to_string(getuid());
}

// A command is a function of program and output; the one chosen on the command line is kept here.
using Chosen = std::function<ExitCode(Program&, const Output&)>;

class CommandLine {
public:
    CommandLine()
        : root_("Carillon: multichannel campaigns and notifications of a bank", "carillon") {
        root_.require_subcommand(1);
        root_.fallthrough();
        root_.set_version_flag("--version", "carillon " CARILLON_VERSION);
        root_.add_option("--config", global_.config, "configuration file (TOML)");
        root_.add_option("--as", global_.actor, "who acts, for approvals and the audit log")
            ->default_str("the operating system's user");
        root_.add_flag("--json", global_.json, "answer in JSON, for machines");
        root_.footer(
            "Exit codes: 0 done, 1 failed, 2 bad input. Every command explains itself with "
            "--help.");
        add_setup();
        add_import();
        add_segments();
        add_templates();
        add_settings_documents();
        add_campaigns();
        add_operation();
        add_calls();
        add_inbound();
        add_tracking();
        add_reports();
        add_plans();
        add_bank();
        add_report_mails();
        add_access();
    }

    int run(int argc, const char* const* argv) {
        try {
            root_.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            const int code = root_.exit(error);
            return code == 0 ? 0 : static_cast<int>(ExitCode::bad_input);
        }
        const Output output{global_.json};
        auto config = Config::load(global_.config);
        if (!config) return static_cast<int>(output.refuse(config.error()));
        try {
            Program program{std::move(*config),
                            global_.actor.empty() ? default_actor() : global_.actor};
            return static_cast<int>(chosen_(program, output));
        } catch (const std::exception& error) {
            return static_cast<int>(output.fail(error.what()));
        }
    }

private:
    CLI::App* add(CLI::App& parent, const std::string& name, const std::string& meaning,
                  Chosen command) {
        auto* app = parent.add_subcommand(name, meaning);
        app->callback([this, command = std::move(command)] { chosen_ = command; });
        return app;
    }
    CLI::App& group(const std::string& name, const std::string& meaning) {
        auto* app = root_.add_subcommand(name, meaning);
        app->require_subcommand(1);
        return *app;
    }

    void add_setup() {
        add(root_, "migrate", "create or update the database", migrate);
        add(root_, "doctor", "check configuration, database, channels, time zones and disk",
            doctor);
        auto* config =
            add(root_, "config", "show the settings in force",
                [this](Program& p, const Output& o) { return show_config(p, o, config_); });
        config->add_flag("--reference", config_.reference,
                         "print the reference of all settings (Markdown)");
        auto& audit = group("audit", "the log of human actions");
        add(audit, "verify", "recompute the chain", verify_audit);
        auto* list = add(audit, "list", "the last entries",
                         [this](Program& p, const Output& o) { return show_audit(p, o, name_); });
        list->add_option("OBJECT", name_.name, "only of this object, e.g. 'campaign birthday'");
    }

    void add_access() {
        auto& user = group("user", "people who sign in to the browser app and the HTTP API");
        const auto named = [this](CLI::App* app) {
            app->add_option("NAME", user_.name, "the user's name")->required();
            return app;
        };
        const auto with_roles = [this](CLI::App* app, bool required) {
            app->add_option("--roles", user_.roles,
                            "author, approver, operator, data_steward, manager, auditor, admin")
                ->delimiter(',')
                ->required(required);
            app->add_option("--branches", user_.branches, "whose clients a manager sees")
                ->delimiter(',');
        };
        const auto with_password = [this](CLI::App* app) {
            app->add_option("--password-file", user_.password_file,
                            "take the first line of this file; else a password is made and shown");
        };
        const auto does = [this](ExitCode (*work)(Program&, const Output&, const UserArgs&)) {
            return [this, work](Program& p, const Output& o) { return work(p, o, user_); };
        };
        auto* make = named(add(user, "add", "a new user", does(add_user)));
        with_roles(make, true);
        with_password(make);
        make->add_option("--full-name", user_.full_name, "as shown to people");
        add(user, "list", "all users", list_users);
        with_password(named(add(user, "passwd", "another password; ends the user's sessions",
                                does(set_user_password))));
        with_roles(named(add(user, "roles", "other roles; ends the user's sessions",
                             does(set_user_roles))),
                   true);
        named(add(user, "disable", "lets the user in no more", [this](Program& p, const Output& o) {
            return set_user_status(p, o, user_, false);
        }));
        named(add(user, "enable", "lets the user in again", [this](Program& p, const Output& o) {
            return set_user_status(p, o, user_, true);
        }));
        named(add(user, "reset-totp", "takes a lost second factor away", does(reset_user_totp)));
        add_tokens();
        add_webhooks();
    }

    void add_tokens() {
        auto& token = group("token", "API tokens of programs");
        auto* create =
            add(token, "create", "a new token, shown once",
                [this](Program& p, const Output& o) { return create_token(p, o, token_); });
        create->add_option("NAME", token_.name, "what it is for")->required();
        create->add_option("--owner", token_.owner, "the user whose rights it uses")->required();
        create->add_option("--scopes", token_.scopes, "rights, such as messages.send")
            ->delimiter(',')
            ->required();
        create->add_option("--days", token_.days, "until it expires")->check(CLI::Range(1, 365));
        auto* list = add(token, "list", "tokens and when they were used",
                         [this](Program& p, const Output& o) { return list_tokens(p, o, token_); });
        list->add_option("--owner", token_.owner, "only of this user");
        add(token, "revoke", "ends a token",
            [this](Program& p, const Output& o) { return revoke_token(p, o, token_); })
            ->add_option("ID", token_.id)
            ->required();
    }

    void add_webhooks() {
        auto& webhook = group("webhook", "who outside is told what happens");
        for (const auto& [word, meaning] : webhook_words()) {
            auto* one = add(webhook, word, meaning, webhook_command(word, webhook_));
            if (word != "list") one->add_option("NAME", webhook_.name)->required();
            if (word == "add") one->add_option("URL", webhook_.url, "https address")->required();
            if (word == "add") one->add_option("--kinds", webhook_.kinds, "all")->delimiter(',');
        }
    }

    void add_import() {
        auto& import = group("import", "bring in the bank's files (CSV)");
        for (const char* kind : {"clients", "contracts", "consents", "suppressions", "conversions",
                                 "history", "plans", "facts"}) {
            auto* app = add(import, kind, std::string{"import "} + kind,
                            [this, kind](Program& p, const Output& o) {
                                import_.kind = kind;
                                return import_file(p, o, import_);
                            });
            app->add_option("FILE", import_.file, "CSV file")->required();
            app->add_option("--map", import_.mapping, "which column is which field (JSON)");
            app->add_option("--rejects", import_.rejects, "where rejected rows go (CSV)");
            if (std::string_view{kind} == "history")
                app->add_option("--campaign", import_.campaign,
                                "whose history it is: a draft that another system has run")
                    ->required();
        }
    }

    void add_document_commands(CLI::App& parent, const std::string& kind) {
        auto* apply = add(
            parent, "apply", "store a file; the same content again changes nothing",
            [this, kind](Program& p, const Output& o) { return apply_file(p, o, kind, file_); });
        apply->add_option("FILE", file_.file, "JSON file")->required();
        if (kind == "campaign") return;
        add(parent, "list", "the newest versions",
            [kind](Program& p, const Output& o) { return list_documents(p, o, kind); });
        auto* show = add(
            parent, "show", "the newest version",
            [this, kind](Program& p, const Output& o) { return show_document(p, o, kind, name_); });
        show->add_option("NAME", name_.name)->required();
    }

    void add_segments() {
        auto& segment = group("segment", "whom a campaign is for");
        add_document_commands(segment, "segment");
        auto* count = add(
            segment, "count", "how many match, and how many are left out and why",
            [this](Program& p, const Output& o) { return count_segment(p, o, segment_count_); });
        count->add_option("SEGMENT", segment_count_.file_or_name, "file or name")->required();
        count->add_option("--channel", segment_count_.channel, "email, sms, fax, letter or call");
        count->add_option("--purpose", segment_count_.purpose,
                          "transactional, service, debt or marketing");
        count->add_option("--as-of", segment_count_.as_of,
                          "day that relative rules are judged by (YYYY-MM-DD)");
        auto* explain = add(segment, "explain", "why a client is or is not in it",
                            [this](Program& p, const Output& o) {
                                return explain_segment(p, o, segment_explain_);
                            });
        explain->add_option("SEGMENT", segment_explain_.file_or_name, "file or name")->required();
        explain->add_option("CLIENT", segment_explain_.client, "external id")->required();
        explain->add_option("--as-of", segment_explain_.as_of,
                            "day that relative rules are judged by");
    }

    void add_templates() {
        auto& parent = group("template", "what a message says");
        add_document_commands(parent, "template");
        add(parent, "fields", "the merge fields a template may use", list_fields);
        auto* check =
            add(parent, "check", "find every mistake",
                [this](Program& p, const Output& o) { return check_template(p, o, file_); });
        check->add_option("TEMPLATE", file_.file, "file or name")->required();
        auto* preview =
            add(parent, "preview", "as one client would get it",
                [this](Program& p, const Output& o) { return preview_template(p, o, preview_); });
        preview->add_option("TEMPLATE", preview_.file_or_name, "file or name")->required();
        preview->add_option("--client", preview_.client,
                            "external id; sample values when not given");
        preview->add_option("--locale", preview_.locale, "instead of the client's");
        preview->add_option("--part", preview_.part, "subject, html, text or all");
    }

    void add_settings_documents() {
        auto& channel = group("channel", "how messages leave the house");
        add_document_commands(channel, "channel");
        auto* check =
            add(channel, "check", "connect and see whether it would take mail; sends nothing",
                [this](Program& p, const Output& o) { return check_channel(p, o, name_); });
        check->add_option("NAME", name_.name)->required();
        auto& channels = group("channels", "the providers behind all channels");
        add(channels, "list", "how well each answers, which are left out, and their shares",
            list_providers);
        add_document_commands(group("policies", "hours, caps and control groups"), "policies");
        add_document_commands(
            group("calendar", "production calendars: days off and working weekends"), "calendar");
    }

    void add_campaigns() {
        auto& campaign = group("campaign", "what is sent to whom, when");
        add_document_commands(campaign, "campaign");
        add(campaign, "list", "all campaigns", list_campaigns);
        auto* show =
            add(campaign, "show", "definition, versions, approval",
                [this](Program& p, const Output& o) { return show_campaign(p, o, name_); });
        show->add_option("NAME", name_.name)->required();
        const std::pair<const char*, const char*> actions[] = {
            {"submit", "check everything and ask for approval"},
            {"approve", "approve exactly what is written now; not for its last editor"},
            {"start", "begin sending by its schedule"},
            {"pause", "submit nothing more until resumed"},
            {"resume", "go on where it was paused"},
            {"cancel", "end it; what was not submitted is closed"}};
        for (const auto& [action, meaning] : actions) {
            auto* app = add(campaign, action, meaning,
                            [this, action = std::string{action}](Program& p, const Output& o) {
                                return act_on_campaign(p, o, action, name_);
                            });
            app->add_option("NAME", name_.name)->required();
            if (std::string_view{action} == "pause" || std::string_view{action} == "cancel")
                app->add_option("--reason", name_.reason, "for the log and for people");
            if (std::string_view{action} == "approve")
                app->add_option("--hash", name_.hash,
                                "the content hash that was looked at (campaign show)");
        }
    }

    void add_operation() {
        auto* simulated =
            add(root_, "simulate", "forecast before launch: who, who not and why, cost, days",
                [this](Program& p, const Output& o) { return simulate(p, o, simulate_); });
        simulated->add_option("NAME", simulate_.name, "campaign")->required();
        simulated->add_option("--from", simulate_.from,
                              "first day (YYYY-MM-DD); today when not given");
        simulated->add_option("--days", simulate_.days, "how many days of the schedule")
            ->check(CLI::Range(1, 400));
        simulated
            ->add_option("--sample", simulate_.sample,
                         "messages composed for trial on each channel: parts, pages, what cannot "
                         "be made")
            ->check(CLI::Range(0, 10'000'000));
        auto* running = add(root_, "run", "plan and send, in the foreground",
                            [this](Program& p, const Output& o) { return app::run(p, o, run_); });
        running->add_flag("--until-idle", run_.until_idle, "end when nothing is left to do now");
        running->add_flag("--plan-only", run_.plan_only, "freeze audiences, send nothing");
        running->add_option("--now", run_.now,
                            "pretend that it is this time (2026-11-21T09:00:00Z)");
        running->add_option("--until", run_.until,
                            "with --now: let time pass to here, from one due moment to the next");
        auto* serving =
            add(root_, "serve", "answer over HTTP: callbacks, public pages, tracking; and send",
                [this](Program& p, const Output& o) { return app::serve(p, o, serve_); });
        serving->add_option("--roles", serve_.roles, "web, send, or both")
            ->check(CLI::IsMember({"web", "web,send", "send,web"}));
        serving->add_option("--now", serve_.now, "pretend that it is this time, all the time");
        auto* event =
            add(root_, "event", "something happened to a client: credit_decision, card_issued, ...",
                [this](Program& p, const Output& o) { return receive_event(p, o, event_); });
        event->add_option("NAME", event_.name, "of the event")->required();
        event->add_option("CLIENT", event_.client, "external id")->required();
        event->add_option("--payload", event_.payload, "JSON object of event.* fields");
        event->add_option("--key", event_.key, "unique key: the same event again changes nothing")
            ->required();
        event->add_option("--at", event_.at, "when it happened; now when not given");
    }

    void add_calls() {
        auto& calls = group("calls", "call tasks: the desk of managers and diallers");
        const auto at = [this](CLI::App* app) {
            app->add_option("--now", calls_.now, "pretend that it is this time");
            return app;
        };
        const auto of_manager = [this](CLI::App* app) {
            app->add_option("--manager", calls_.manager, "only clients of this manager");
            return app;
        };
        auto* list = of_manager(
            add(calls, "list", "tasks in the order they are due",
                [this](Program& p, const Output& o) { return list_calls(p, o, calls_); }));
        list->add_option("--state", calls_.state, "open, claimed or closed")
            ->check(CLI::IsMember({"open", "claimed", "closed"}));
        list->add_option("--limit", calls_.limit)->check(CLI::Range(1, 100'000));
        of_manager(at(add(
            calls, "claim", "take the next task that may be called now; it is yours for a while",
            [this](Program& p, const Output& o) { return claim_call(p, o, calls_); })));
        auto* finish =
            at(add(calls, "finish", "how the call ended",
                   [this](Program& p, const Output& o) { return finish_call(p, o, calls_); }));
        finish->add_option("ID", calls_.id, "of the task")->required();
        finish
            ->add_option("DISPOSITION", calls_.disposition,
                         "interested, refused, informed, call_back, no_answer, wrong_number or "
                         "do_not_call")
            ->required();
        finish->add_option("--note", calls_.note);
        finish->add_option("--call-back-at", calls_.call_back_at, "2026-11-21T09:00:00Z");
        auto* exported = of_manager(
            at(add(calls, "export", "tasks that may be called now, as a dialler's CSV file",
                   [this](Program& p, const Output& o) { return export_calls(p, o, calls_); })));
        exported->add_option("FILE", calls_.file, "CSV file")->required();
        exported->add_option("--dialler", calls_.dialler, "in whose name the tasks are claimed");
        exported->add_option("--limit", calls_.limit)->check(CLI::Range(1, 100'000));
        auto* imported =
            at(add(calls, "import", "a dialler's results: task,disposition,note,call_back_at",
                   [this](Program& p, const Output& o) { return import_calls(p, o, calls_); }));
        imported->add_option("FILE", calls_.file, "CSV file")->required();
        imported->add_option("--rejects", calls_.rejects, "where rejected rows go (CSV)");
        imported->add_option("--dialler", calls_.dialler, "in whose name the tasks were claimed");
    }

    void add_inbound() {
        auto& inbound = group("inbound", "mail that came back or was answered");
        auto* mail =
            add(inbound, "mail", "take in a mail, from a file, a pipe or a Maildir",
                [this](Program& p, const Output& o) { return inbound_mail(p, o, inbound_); });
        mail->add_option("FILE", inbound_.file, "one mail; '-' or nothing: standard input");
        mail->add_option("--maildir", inbound_.maildir, "all mails of a Maildir, then removed");
        mail->add_option("--account", inbound_.account, "where it was received")->required();
        mail->add_option("--recipient", inbound_.recipients,
                         "envelope recipient as the mail server knows it");
        auto* poll =
            add(inbound, "poll", "fetch the mailboxes of the e-mail channels once",
                [this](Program& p, const Output& o) { return inbound_poll(p, o, inbound_); });
        poll->add_option("--account", inbound_.account, "only of this channel");
        auto* list =
            add(inbound, "list", "the newest mails and what they were taken for",
                [this](Program& p, const Output& o) { return inbound_list(p, o, inbound_); });
        list->add_flag("--unmatched", inbound_.unmatched, "only those that match no message");
        list->add_option("--limit", inbound_.limit)->check(CLI::Range(1, 100'000));
        auto* show =
            add(inbound, "show", "a mail as it was received",
                [this](Program& p, const Output& o) { return inbound_show(p, o, inbound_); });
        show->add_option("ID", inbound_.id, "see inbound list")->required();
        auto* faxes =
            add(inbound, "faxes", "the newest received faxes",
                [this](Program& p, const Output& o) { return inbound_faxes(p, o, inbound_); });
        faxes->add_option("--limit", inbound_.limit)->check(CLI::Range(1, 100'000));
        auto* document =
            add(inbound, "document", "the pages of a received fax: TIFF or PDF",
                [this](Program& p, const Output& o) { return inbound_document(p, o, inbound_); });
        document->add_option("ID", inbound_.id, "see inbound faxes")->required();
    }

    void add_tracking() {
        auto& tracking = group("tracking", "opens and clicks: people and robots apart");
        add(tracking, "show", "counts by verdict", show_tracking);
        auto* judge =
            add(tracking, "judge", "find the robots among what has come",
                [this](Program& p, const Output& o) { return judge_tracking(p, o, tracking_); });
        judge->add_flag("--again", tracking_.again, "judge everything anew by the rules of today");
    }

    void add_reports() {
        auto* reporting = add(root_, "report", "what a campaign did and what it was worth",
                              [this](Program& p, const Output& o) { return any_report(p, o); });
        reporting
            ->add_option("NAME", report_.name,
                         "campaign; 'bank': its clients as daily snapshots show them; "
                         "'profitability': clients' plans against facts")
            ->required();
        reporting->add_option("--format", report_.format, "text, json, csv, xlsx, html or pdf")
            ->check(CLI::IsMember({"text", "json", "csv", "xlsx", "html", "pdf"}));
        reporting->add_option("--out", report_.out, "file to write; xlsx and pdf need one");
        reporting->add_option("--language", report_.language, "en or ru")
            ->check(CLI::IsMember({"en", "ru"}));
        reporting->add_option("--by", report_.by,
                              "also by branch, manager, value_class, status, industry, household, "
                              "product, segment or attributes.NAME; may be repeated. bank: day, "
                              "week, month, quarter or year. profitability: client, segment, "
                              "value_class, industry, branch or manager");
        reporting->add_option("--from", report_.from,
                              "bank: first day (YYYY-MM-DD); profitability: month (YYYY-MM)");
        reporting->add_option("--to", report_.to, "last day or month; today when not given");
        reporting
            ->add_option("--attribution", report_.attribution,
                         "last, first or linear instead of the campaign's own")
            ->check(CLI::IsMember({"last", "first", "linear"}));
        std::vector<std::string> steps;
        for (const auto step : reports::funnel_steps()) steps.emplace_back(step);
        reporting
            ->add_option("--clients", report_.clients,
                         "list the clients behind one number instead (CSV)")
            ->check(CLI::IsMember(steps));
        reporting
            ->add_option("--activity", report_.activity,
                         "opens and clicks instead, robots apart: by hour, day, weekday_hour or "
                         "link")
            ->check(CLI::IsMember({"hour", "day", "weekday_hour", "link"}));
        auto* comparing =
            add(root_, "compare", "campaigns side by side, the most effective first",
                [this](Program& p, const Output& o) { return compare(p, o, compare_); });
        comparing->add_option("NAME", compare_.names, "campaigns")->required();
        comparing->add_option("--language", compare_.language, "en or ru")
            ->check(CLI::IsMember({"en", "ru"}));
        auto* explaining =
            add(root_, "explain", "every decision about one client, in order, in words",
                [this](Program& p, const Output& o) { return app::explain(p, o, explain_); });
        explaining->add_option("CLIENT", explain_.client, "external id")->required();
        explaining->add_option("--campaign", explain_.campaign, "only of this campaign");
        auto* reconciling =
            add(root_, "reconcile", "recount from the rows and prove the invariants",
                [this](Program& p, const Output& o) { return reconcile(p, o, name_); });
        reconciling->add_option("NAME", name_.name, "only this campaign");
        auto* message =
            add(root_, "show-message", "the bytes a client was sent, made again from what was kept",
                [this](Program& p, const Output& o) { return show_message(p, o, message_); });
        message->add_option("ID", message_.id, "message id (see explain)")->required();
        auto* cancelling =
            add(root_, "cancel-message", "take one message back: a letter also before its cut-off",
                [this](Program& p, const Output& o) { return cancel_message(p, o, cancel_); });
        cancelling->add_option("ID", cancel_.id, "message id (see explain)")->required();
        cancelling->add_option("--reason", cancel_.reason, "for the log and for people");
    }

    ExitCode any_report(Program& program, const Output& output) {
        const bool is_bank = report_.name == "bank";
        if (!is_bank && report_.name != "profitability")
            return report_.activity.empty() ? report(program, output, report_)
                                            : report_activity(program, output, report_);
        const BankReportArgs args{
            report_.from,   report_.to,       report_.by.empty() ? "" : report_.by[0],
            report_.format, report_.language, report_.out};
        return is_bank ? report_bank(program, output, args)
                       : report_profitability(program, output, args);
    }

    void add_plans() {
        auto& tasks = group("tasks", "what managers are asked to do");
        auto* list = add(tasks, "list", "open tasks, the oldest first",
                         [this](Program& p, const Output& o) { return list_tasks(p, o, task_); });
        list->add_option("--manager", task_.manager, "only of this manager");
        list->add_flag("--all", task_.all, "those that are done too");
        list->add_option("--limit", task_.limit)->check(CLI::Range(1, 100'000));
        auto* done = add(tasks, "done", "this task is done",
                         [this](Program& p, const Output& o) { return finish_task(p, o, task_); });
        done->add_option("ID", task_.id, "see tasks list")->required();
        auto& plan = group("plan", "plans against facts");
        auto* check =
            add(plan, "check", "compare now; what departs from its plan becomes a task, once",
                [this](Program& p, const Output& o) { return check_plans(p, o, plan_); });
        check->add_option("NAME", plan_.name, "only this campaign");
        check->add_option("--now", plan_.now, "pretend that it is this time");
    }

    void add_report_mails() {
        auto& mail = group("report-mail", "reports that go to managers by e-mail at set times");
        auto* apply =
            add(mail, "apply", "store a file; the same content again changes nothing",
                [this](Program& p, const Output& o) { return apply_file(p, o, "report", file_); });
        apply->add_option("FILE", file_.file, "JSON file")->required();
        add(mail, "list", "the newest versions",
            [](Program& p, const Output& o) { return list_documents(p, o, "report"); });
        auto* log =
            add(mail, "log", "what went to whom, the newest first",
                [this](Program& p, const Output& o) { return list_report_mails(p, o, task_); });
        log->add_option("--limit", task_.limit)->check(CLI::Range(1, 100'000));
    }

    void add_bank() {
        auto* snapshot =
            add(root_, "snapshot", "keep a picture of the bank's clients as they are now",
                [this](Program& p, const Output& o) { return take_snapshot(p, o, snapshot_); });
        snapshot->add_option("--date", snapshot_.date,
                             "the day it is kept for; today when not given");
        snapshot->add_option("--now", snapshot_.now, "pretend that it is this time");
        auto& client = group("client", "one client");
        auto* give =
            add(client, "export", "everything that is stored about a client (JSON)",
                [this](Program& p, const Output& o) { return export_client(p, o, privacy_); });
        give->add_option("ID", privacy_.id, "external id")->required();
        give->add_option("--out", privacy_.out, "file to write");
        auto* erase =
            add(client, "erase", "remove all that tells who a client is, for good",
                [this](Program& p, const Output& o) { return erase_client(p, o, privacy_); });
        erase->add_option("ID", privacy_.id, "external id")->required();
        erase->add_option("--confirm", privacy_.confirmed, "the same id again");
        add(root_, "retain", "remove what the settings of [retention] keep no longer",
            [](Program& p, const Output& o) { return retain(p, o); });
        auto* show =
            add(client, "show", "profile, loyalty, profit, activity, outlook, products, promotions",
                [this](Program& p, const Output& o) { return show_client(p, o, page_); });
        show->add_option("ID", page_.id, "external id")->required();
        show->add_option("--format", page_.format, "text, json, html or pdf")
            ->check(CLI::IsMember({"text", "json", "html", "pdf"}));
        show->add_option("--out", page_.out, "file to write; pdf needs one");
        show->add_option("--language", page_.language, "en or ru")
            ->check(CLI::IsMember({"en", "ru"}));
    }

    CallsArgs calls_;
    TaskArgs task_;
    PlanArgs plan_;
    SnapshotArgs snapshot_;
    ClientPageArgs page_;
    PrivacyArgs privacy_;
    InboundArgs inbound_;
    TrackingArgs tracking_;
    UserArgs user_;
    TokenArgs token_;
    WebhookArgs webhook_;
    CLI::App root_;
    Global global_;
    Chosen chosen_;
    ConfigArgs config_;
    NameArgs name_;
    FileArgs file_;
    ImportArgs import_;
    SegmentCountArgs segment_count_;
    SegmentExplainArgs segment_explain_;
    PreviewArgs preview_;
    SimulateArgs simulate_;
    RunArgs run_;
    ServeArgs serve_;
    EventArgs event_;
    ExplainArgs explain_;
    CancelMessageArgs cancel_;
    ShowMessageArgs message_;
    ReportArgs report_;
    CompareArgs compare_;
};

}  // namespace

int run_command_line(int argc, const char* const* argv) {
    return CommandLine{}.run(argc, argv);
}

}  // namespace carillon::app
