// Channels, policies, production calendars and reports by e-mail as what they are stored as: read,
// checked, written. Whoever writes them over the API names nothing on the server that a file of
// the command line did not name before.
#pragma once

#include <string_view>

#include "desk/office.h"

namespace carillon::desk {

// kind: channel, policies, calendar or report.
Answer list_settings(Office& office, const Caller& caller, std::string_view kind,
                     const PageQuery& query, const std::string& part);
// {"name", "version", "hash", "created_by", "created_at", "etag", "content"}. Errors: KIND.unknown.
Answer get_settings(Office& office, const Caller& caller, std::string_view kind,
                    const std::string& name);
// Every mistake there is, without storing anything: {"problems": [...]}.
Answer check_settings(Office& office, const Caller& caller, std::string_view kind,
                      const base::Json& content);
// A new version. Campaigns keep the one they were approved with. Errors: those of the kind,
// document.name, etag.*, channel.place (names a file, folder or variable of the server that no
// stored version names).
Answer put_settings(Office& office, const Caller& caller, std::string_view kind,
                    const std::string& name, const base::Json& content, const Edit& edit);

// A report goes to its recipients now, beside its schedule: {"queued": 2}. Errors: report.unknown.
Answer send_report_mail(Office& office, const Caller& caller, const std::string& name);
// No report any more; what is under way is closed. Errors: report.unknown, etag.*.
Answer remove_report_mail(Office& office, const Caller& caller, const std::string& name,
                          const Edit& edit);
// What went to whom, newest first.
Answer list_report_mails(Office& office, const Caller& caller, int limit);

// Puts the mails of a report in line, for the command line, too. How many there are.
std::int64_t queue_report_mails(const campaigns::Desk& desk, const std::string& name,
                                const std::vector<std::string>& recipients);

}  // namespace carillon::desk
