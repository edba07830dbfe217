// Reports on their way to managers: slots that came up become rows, rows become e-mails with the
// report as a file. A slot goes to each recipient once, also when the process is killed: what was
// in its hands then is sent once more under the same Message-ID.
#pragma once

#include <map>
#include <memory>

#include "app/program.h"
#include "reports/mailed_report.h"

namespace carillon::app {

// Not thread-safe; opens channels of its own.
class ReportMails {
public:
    explicit ReportMails(Program& program);
    ~ReportMails();
    ReportMails(const ReportMails&) = delete;
    ReportMails& operator=(const ReportMails&) = delete;

    // Everything that is due now. Throws db::DbError.
    void turn();
    // When the next slot comes up; nothing when nothing is scheduled.
    std::optional<base::Instant> next_moment();

private:
    struct Due;
    struct Sender;
    void plan();
    void send(const Due& due);
    channels::Outcome deliver(const Due& due, const reports::MailedReport& report);
    base::Result<Sender*> sender(const std::string& channel);
    base::Result<std::string> make(const reports::MailedReport& report);
    void settle(const Due& due, std::string_view state, const std::string& detail,
                base::Instant not_before);

    Program& program_;
    std::map<std::string, std::unique_ptr<Sender>> senders_;  // by channel
};

}  // namespace carillon::app
