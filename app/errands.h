// What the program does on somebody's word, for a command and for the API alike: answers are JSON,
// the command makes tables of it.
#pragma once

#include "app/program.h"

namespace carillon::app {

using ProbeChannel = std::function<base::Result<std::string>(const db::Document& channel)>;

// {"ok", "checks": [{"check", "ok", "found"}]}.
base::Json doctor_findings(Program& program, const ProbeChannel& probe);
// {"day", "new", "clients", "segments", "left_out"}. Errors: those of audience::take_snapshot.
desk::Answer snapshot_taken(Program& program, const std::optional<base::LocalDate>& day);
// {"campaigns": [...], "client_tasks"}; `name`: "" is all. Errors: campaign.unknown, plan.missing.
desk::Answer plans_checked(Program& program, const std::string& name);
// {"taken", "unmatched", "repeated"}; `account`: "" is all. Errors: inbound.no_account, those of
// the mailbox.
desk::Answer mail_polled(Program& program, const std::string& account);
// Opens the channel beside the one that sends, and closes it again.
base::Result<std::string> probe_apart(Program& program, const db::Document& channel);

// All of them, for the office. `program` outlives it.
desk::Errands errands_of(Program& program);

}  // namespace carillon::app
