#include "app/report_mails.h"

#include <algorithm>
#include <future>
#include <iostream>
#include <mutex>

#include "app/duties.h"
#include "app/report_design.h"
#include "base/digest.h"
#include "base/text.h"
#include "campaigns/calendar.h"
#include "channels/mime.h"
#include "db/queries.h"
#include "reports/document_bytes.h"
#include "reports/layout.h"

namespace carillon::app {

namespace {

using namespace std::chrono_literals;

constexpr auto grace = 24h;         // how late a slot may still be sent
constexpr auto patience = 2min;     // for one outcome
constexpr auto lease_time = 10min;  // after which a silent sender is taken for dead
constexpr auto retry_after = 10min;
constexpr int attempts_max = 6;

struct Scheduled {
    reports::MailedReport report{};
    base::Instant since{};
};

std::vector<Scheduled> schedules(db::Connection& connection) {
    std::vector<Scheduled> found;
    connection.select(db::queries::report_schedules, {}, [&](const db::Row& row) {
        const auto json = base::Json::parse(row.text(1), row.text(0));
        auto report = json ? reports::parse_mailed_report(*json)
                           : tl::unexpected{base::Problems{json.error()}};
        if (report) found.push_back({std::move(*report), row.get<base::Instant>(2)});
    });
    return found;
}

std::string file_name_of(const reports::MailedReport& report, const std::string& slot) {
    return report.name + "-" + slot.substr(0, 10) + "." + report.format;
}

}  // namespace

struct ReportMails::Due {
    std::string schedule{};
    std::string slot{};
    std::string recipient{};
    std::string key{};
    int attempts{};
    base::Instant made_at{};
};

// A channel of our own: the dispatcher's belongs to another thread.
struct ReportMails::Sender {
    std::mutex mutex{};
    std::promise<channels::Outcome>* waiting{};  // guarded by mutex
    channels::OpenedChannel opened{};

    void take(std::vector<channels::Report>& reports) {
        const std::scoped_lock lock{mutex};
        if (waiting == nullptr || reports.empty()) return;
        waiting->set_value(std::move(reports.front().outcome));
        waiting = nullptr;
    }
};

ReportMails::ReportMails(Program& program) : program_(program) {}

ReportMails::~ReportMails() {
    for (const auto& [name, sender] : senders_)
        if (sender->opened.channel) sender->opened.channel->stop(1s);
}

void ReportMails::turn() {
    plan();
    auto& database = program_.migrated_database();
    const auto now = program_.clock().now();
    db::in_transaction(database, [&](db::Connection& connection) {
        connection.execute(db::queries::rescue_report_mails, {now});
    });
    const auto due =
        database.read()->list<Due>(db::queries::report_mails_due, {now}, [](const db::Row& row) {
            return Due{row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2),
                       row.get<std::string>(3), row.get<int>(4),         row.get<base::Instant>(5)};
        });
    for (const auto& one : due) send(one);
}

void ReportMails::plan() {
    auto& database = program_.migrated_database();
    const auto found = schedules(*database.read());
    if (found.empty()) return;
    const auto zone = bank_day(program_).zone;
    const auto now = program_.clock().now();
    db::in_transaction(database, [&](db::Connection& connection) {
        for (const auto& [report, since] : found) {
            const auto from = std::max<base::Instant>(since, now - grace);
            const auto slots = campaigns::slots_between(report.schedule, zone, from, now + 1ms);
            if (slots.empty()) continue;
            const auto& slot = slots.back().key;  // the newest report says what the others would
            for (const auto& recipient : report.to) {
                const auto key =
                    "report-" +
                    base::sha256_hex(report.name + "\n" + slot + "\n" + recipient).substr(0, 32);
                connection.execute(db::queries::insert_report_mail,
                                   {report.name, slot, recipient, key, now, now});
            }
        }
    });
}

std::optional<base::Instant> ReportMails::next_moment() {
    const auto found = schedules(*program_.migrated_database().read());
    if (found.empty()) return std::nullopt;
    const auto zone = bank_day(program_).zone;
    const auto now = program_.clock().now();
    std::optional<base::Instant> next;
    for (const auto& [report, since] : found) {
        const auto slots =
            campaigns::slots_between(report.schedule, zone, now + 1ms, now + std::chrono::days{32});
        if (!slots.empty() && (!next || slots.front().at < *next)) next = slots.front().at;
    }
    return next;
}

void ReportMails::settle(const Due& due, std::string_view state, const std::string& detail,
                         base::Instant not_before) {
    db::in_transaction(program_.migrated_database(), [&](db::Connection& connection) {
        connection.execute(db::queries::settle_report_mail,
                           {state, base::cut_utf8(detail, 300), not_before, due.schedule, due.slot,
                            due.recipient, due.attempts + 1});
    });
}

void ReportMails::send(const Due& due) {
    auto& database = program_.migrated_database();
    const auto now = program_.clock().now();
    const auto claimed = db::in_transaction(database, [&](db::Connection& connection) {
        return connection.execute(
            db::queries::claim_report_mail,
            {now + lease_time, due.schedule, due.slot, due.recipient, due.attempts});
    });
    if (claimed == 0) return;  // another process has it
    const auto found = schedules(*database.read());
    const auto known = std::ranges::find(found, due.schedule,
                                         [](const Scheduled& one) { return one.report.name; });
    if (known == found.end()) return settle(due, "refused", "the schedule is gone", now);
    const auto outcome = deliver(due, known->report);
    if (const auto* accepted = std::get_if<channels::Accepted>(&outcome))
        return settle(due, "sent", accepted->provider_ref, now);
    if (const auto* rejected = std::get_if<channels::Rejected>(&outcome))
        return settle(due, "refused", rejected->reason, now);
    if (const auto* uncertain = std::get_if<channels::Uncertain>(&outcome))
        return settle(due, "unknown", uncertain->reason, now);
    const auto& reason = std::get<channels::Deferred>(outcome).reason;
    settle(due, due.attempts + 1 < attempts_max ? "due" : "refused", reason, now + retry_after);
}

base::Result<std::string> ReportMails::make(const reports::MailedReport& report) {
    const reports::Words words{report.language};
    if (report.is_bank) {
        const auto today = bank_day(program_).today;
        const auto bank = reports::load_bank_report(
            program_.migrated_database(), {base::add_days(today, -report.days), today, report.by,
                                           program_.config().text("bank.currency")});
        return reports::document_bytes(reports::lay_out(bank, words), report.format);
    }
    const db::LongRead lease{program_.migrated_database()};
    const auto campaign = campaigns::find_campaign(*lease, report.campaign);
    if (!campaign)
        return base::fail("campaign.unknown", "there is no campaign '" + report.campaign + "'");
    const auto document = campaign_document(program_, *lease, *campaign, report.breakdowns, words);
    return reports::document_bytes(document, report.format);
}

base::Result<ReportMails::Sender*> ReportMails::sender(const std::string& channel) {
    if (const auto known = senders_.find(channel); known != senders_.end())
        return known->second.get();
    const auto document =
        db::find_document(*program_.migrated_database().read(), campaigns::channel_kind, channel);
    if (!document) return base::fail("channel.unknown", "there is no channel '" + channel + "'");
    const auto json = base::Json::parse(document->content, document->name);
    if (!json) return base::fail(json.error());
    const auto config = channels::parse_channel(*json, program_.data_folder());
    if (!config) return base::fail(config.error().front());
    if (config->facts.kind != base::ChannelKind::email)
        return base::fail("channel.kind", "'" + channel + "' sends no e-mail");
    auto made = std::make_unique<Sender>();
    channels::ChannelSinks sinks;
    sinks.outcomes = [sender = made.get()](std::vector<channels::Report> reports) {
        sender->take(reports);
    };
    auto opened = channels::open_channel(*config, program_.real_clock(), std::move(sinks),
                                         {program_.instance_secret(), true});
    if (!opened) return base::fail(opened.error());
    made->opened = std::move(*opened);
    return senders_.emplace(channel, std::move(made)).first->second.get();
}

channels::Outcome ReportMails::deliver(const Due& due, const reports::MailedReport& report) {
    const auto file = make(report);
    if (!file) return channels::Rejected{file.error().text()};
    const auto through = sender(report.channel);
    if (!through) return channels::Deferred{through.error().text()};
    const reports::Words words{report.language};
    const bool is_pdf = report.format == "pdf";
    const std::vector<channels::Attachment> attachments{
        {file_name_of(report, due.slot),
         is_pdf ? "application/pdf"
                : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
         *file,
         {}}};
    base::Pieces text;
    text.add_value(report.title + ", " + due.slot.substr(0, 10) + "\r\n\r\n" +
                   std::string{words({"The report is attached.", "Отчёт во вложении."})} + "\r\n");
    channels::ContentParts parts;
    parts.key = due.key;
    parts.address = due.recipient;
    parts.purpose = base::Purpose::transactional;
    parts.subject = report.title;
    parts.text = &text;
    parts.date = due.made_at;
    parts.attachments = &attachments;
    auto payload = (*through)->opened.compose(parts);
    if (!payload) return channels::Rejected{payload.error().text()};
    std::promise<channels::Outcome> promise;
    auto answer = promise.get_future();
    {
        const std::scoped_lock lock{(*through)->mutex};
        (*through)->waiting = &promise;
    }
    channels::Message message;
    message.key = due.key;
    message.to = due.recipient;
    message.purpose = base::Purpose::transactional;
    message.payload = std::move(*payload);
    message.deadline = base::steady_now() + patience;
    (*through)->opened.channel->send({std::move(message)});
    if (answer.wait_for(patience + 30s) == std::future_status::ready) return answer.get();
    const std::scoped_lock lock{(*through)->mutex};
    if ((*through)->waiting == nullptr) return answer.get();
    (*through)->waiting = nullptr;
    return channels::Uncertain{"no answer"};
}

}  // namespace carillon::app
