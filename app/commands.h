// What each command takes and the function that carries it out. The command line (cli.cpp) fills
// the structures; nothing here knows how options are spelt.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "app/output.h"
#include "app/program.h"

namespace carillon::app {

class StopSignal;

struct FileArgs {
    std::string file{};
};
struct NameArgs {
    std::string name{};
    std::string reason{};  // pause, cancel
    std::string hash{};    // approve: what the approver saw
};
struct ImportArgs {
    std::string kind{};
    std::string file{};
    std::string mapping{};
    std::string rejects{};
    std::string campaign{};  // history
};
struct SegmentCountArgs {
    std::string file_or_name{};
    std::string channel{"email"};
    std::string purpose{"marketing"};
    std::string as_of{};
};
struct SegmentExplainArgs {
    std::string file_or_name{};
    std::string client{};
    std::string as_of{};
};
struct PreviewArgs {
    std::string file_or_name{};
    std::string client{};
    std::string locale{};
    std::string part{"all"};  // subject, html, text, all
};
struct RunArgs {
    bool until_idle{};
    bool plan_only{};
    std::string now{};    // simulated time starts here
    std::string until{};  // and runs to here, from one due moment to the next
};
struct ServeArgs {
    std::string roles{"web,send"};
    std::string now{};
};
struct EventArgs {
    std::string name{};
    std::string client{};
    std::string payload{"{}"};
    std::string key{};
    std::string at{};
};
struct ExplainArgs {
    std::string client{};
    std::string campaign{};
};
inline constexpr std::array<std::string_view, 3> attribution_words{"last", "first", "linear"};
struct ReportArgs {
    std::string name{};
    std::string format{"text"};  // text, json, csv, xlsx, html, pdf
    std::string language{"en"};
    std::string out{};          // "": standard output
    std::string clients{};      // a step of the funnel whose clients are listed instead
    std::string activity{};     // hour, day, weekday_hour or link: opens and clicks instead
    std::string attribution{};  // instead of the campaign's own
    std::string from{};         // of the bank's reports
    std::string to{};
    std::vector<std::string> by{};
};
struct BankReportArgs {
    std::string from{};  // days; months for profitability
    std::string to{};
    std::string by{};
    std::string format{"text"};
    std::string language{"en"};
    std::string out{};
};
struct TaskArgs {
    std::int64_t id{};
    std::string manager{};
    bool all{};
    int limit{1'000};
};
struct PlanArgs {
    std::string name{};  // "": all campaigns
    std::string now{};
};
struct SnapshotArgs {
    std::string date{};
    std::string now{};
};
struct ClientPageArgs {
    std::string id{};
    std::string format{"text"};
    std::string language{"en"};
    std::string out{};
};
struct CompareArgs {
    std::vector<std::string> names{};
    std::string language{"en"};
};
struct SimulateArgs {
    std::string name{};
    std::string from{};
    int days{30};
    std::int64_t sample{1000};
};
struct ShowMessageArgs {
    std::int64_t id{};
};
struct CancelMessageArgs {
    std::int64_t id{};
    std::string reason{};
};
struct CallsArgs {
    std::int64_t id{};
    std::string state{};
    std::string manager{};
    std::string disposition{};
    std::string note{};
    std::string call_back_at{};
    std::string file{};
    std::string rejects{};
    std::string dialler{"dialler"};
    std::string now{};
    int limit{100};
};
struct InboundArgs {
    std::int64_t id{};
    std::string file{};
    std::string maildir{};
    std::string account{};
    std::vector<std::string> recipients{};
    bool unmatched{};
    int limit{100};
};
struct TrackingArgs {
    bool again{};
};
struct UserArgs {
    std::string name{};
    std::string full_name{};
    std::vector<std::string> roles{};
    std::vector<std::string> branches{};
    std::string password_file{};  // "": one is made and shown, to be changed at the first sign-in
};
struct TokenArgs {
    std::int64_t id{};
    std::string owner{};
    std::string name{};
    std::vector<std::string> scopes{};
    int days{90};
};
struct ConfigArgs {
    bool reference{};
};

ExitCode migrate(Program& program, const Output& output);
ExitCode doctor(Program& program, const Output& output);
ExitCode show_config(Program& program, const Output& output, const ConfigArgs& args);
ExitCode verify_audit(Program& program, const Output& output);
ExitCode show_audit(Program& program, const Output& output, const NameArgs& args);

ExitCode import_file(Program& program, const Output& output, const ImportArgs& args);
ExitCode receive_event(Program& program, const Output& output, const EventArgs& args);

// `kind`: segment, template, channel, policies, calendar or campaign.
ExitCode apply_file(Program& program, const Output& output, std::string_view kind,
                    const FileArgs& args);
ExitCode list_documents(Program& program, const Output& output, std::string_view kind);
ExitCode show_document(Program& program, const Output& output, std::string_view kind,
                       const NameArgs& args);
ExitCode count_segment(Program& program, const Output& output, const SegmentCountArgs& args);
ExitCode explain_segment(Program& program, const Output& output, const SegmentExplainArgs& args);
ExitCode list_fields(Program& program, const Output& output);
ExitCode check_template(Program& program, const Output& output, const FileArgs& args);
ExitCode preview_template(Program& program, const Output& output, const PreviewArgs& args);
ExitCode list_providers(Program& program, const Output& output);
ExitCode check_channel(Program& program, const Output& output, const NameArgs& args);

ExitCode list_campaigns(Program& program, const Output& output);
ExitCode show_campaign(Program& program, const Output& output, const NameArgs& args);
// `action`: submit, approve, start, pause, resume, cancel.
ExitCode act_on_campaign(Program& program, const Output& output, std::string_view action,
                         const NameArgs& args);
ExitCode simulate(Program& program, const Output& output, const SimulateArgs& args);

ExitCode run(Program& program, const Output& output, const RunArgs& args);
// The same, ended by a signal that the caller listens for.
ExitCode run_until(const StopSignal& stop, Program& program, const Output& output,
                   const RunArgs& args);
// The HTTP server, and beside it in the same process what `run` does.
ExitCode serve(Program& program, const Output& output, const ServeArgs& args);

ExitCode list_calls(Program& program, const Output& output, const CallsArgs& args);
ExitCode claim_call(Program& program, const Output& output, const CallsArgs& args);
ExitCode finish_call(Program& program, const Output& output, const CallsArgs& args);
// Open tasks to a dialler's CSV file, claimed in its name; and its results back.
ExitCode export_calls(Program& program, const Output& output, const CallsArgs& args);
ExitCode import_calls(Program& program, const Output& output, const CallsArgs& args);

// What is known of opens and clicks; `again`: verdicts are found anew by the rules of today.
ExitCode judge_tracking(Program& program, const Output& output, const TrackingArgs& args);
ExitCode show_tracking(Program& program, const Output& output);

ExitCode inbound_faxes(Program& program, const Output& output, const InboundArgs& args);
ExitCode inbound_document(Program& program, const Output& output, const InboundArgs& args);
ExitCode inbound_mail(Program& program, const Output& output, const InboundArgs& args);
ExitCode inbound_poll(Program& program, const Output& output, const InboundArgs& args);
ExitCode inbound_list(Program& program, const Output& output, const InboundArgs& args);
ExitCode inbound_show(Program& program, const Output& output, const InboundArgs& args);

ExitCode report(Program& program, const Output& output, const ReportArgs& args);
ExitCode report_activity(Program& program, const Output& output, const ReportArgs& args);
ExitCode compare(Program& program, const Output& output, const CompareArgs& args);
// The bank's view out of its daily snapshots; clients' plans against the core bank's facts.
ExitCode report_bank(Program& program, const Output& output, const BankReportArgs& args);
ExitCode report_profitability(Program& program, const Output& output, const BankReportArgs& args);
ExitCode take_snapshot(Program& program, const Output& output, const SnapshotArgs& args);
ExitCode show_client(Program& program, const Output& output, const ClientPageArgs& args);
struct PrivacyArgs {
    std::string id{};
    std::string out{};
    std::string confirmed{};
};
ExitCode export_client(Program& program, const Output& output, const PrivacyArgs& args);
ExitCode erase_client(Program& program, const Output& output, const PrivacyArgs& args);
ExitCode retain(Program& program, const Output& output);
// Plans held against facts now; what departs becomes a task, once.
ExitCode check_plans(Program& program, const Output& output, const PlanArgs& args);
ExitCode list_tasks(Program& program, const Output& output, const TaskArgs& args);
ExitCode list_report_mails(Program& program, const Output& output, const TaskArgs& args);
ExitCode finish_task(Program& program, const Output& output, const TaskArgs& args);
ExitCode explain(Program& program, const Output& output, const ExplainArgs& args);
ExitCode reconcile(Program& program, const Output& output, const NameArgs& args);
ExitCode cancel_message(Program& program, const Output& output, const CancelMessageArgs& args);
ExitCode show_message(Program& program, const Output& output, const ShowMessageArgs& args);

// Users of the HTTP API and the browser app, and the tokens of programs.
ExitCode add_user(Program& program, const Output& output, const UserArgs& args);
ExitCode list_users(Program& program, const Output& output);
ExitCode set_user_password(Program& program, const Output& output, const UserArgs& args);
ExitCode set_user_roles(Program& program, const Output& output, const UserArgs& args);
ExitCode set_user_status(Program& program, const Output& output, const UserArgs& args, bool active);
ExitCode reset_user_totp(Program& program, const Output& output, const UserArgs& args);
ExitCode create_token(Program& program, const Output& output, const TokenArgs& args);
ExitCode list_tokens(Program& program, const Output& output, const TokenArgs& args);
ExitCode revoke_token(Program& program, const Output& output, const TokenArgs& args);

// The whole of a file. Errors: file.unreadable.
base::Result<std::string> read_file(const std::string& path);

}  // namespace carillon::app
