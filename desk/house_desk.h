// What operators ask the program itself for: its checks, the work of the day done now, what came
// in by mail and fax.
#pragma once

#include "desk/office.h"

namespace carillon::desk {

// The settings in force, each with where it is from.
Answer show_settings_in_force(Office& office, const Caller& caller);
// As `carillon doctor`: {"ok", "checks": [{"check", "ok", "found"}]}. Opens every channel once.
Answer doctor(Office& office, const Caller& caller);
// `campaign`: "" is all. Errors: campaign.unknown.
Answer reconcile(Office& office, const Caller& caller, const std::string& campaign);
// A channel that answers, or why not: {"ok", "found"}. Errors: channel.unknown.
Answer probe_channel(Office& office, const Caller& caller, const std::string& name);

// What follows changes what is stored and is in the audit log. One of it at a time: house.busy.
// `day`: "" is today. Errors: date.invalid, those of audience::take_snapshot.
Answer take_snapshot(Office& office, const Caller& caller, const std::string& day);
// `campaign`: "" is all that have figures, and the figures of clients. Errors: campaign.unknown,
// plan.missing.
Answer check_plans(Office& office, const Caller& caller, const std::string& campaign);
Answer retain_now(Office& office, const Caller& caller);
// Fetches the mailboxes of the e-mail channels once. `account`: "" is all. Errors:
// inbound.no_account, those of the mailbox.
Answer poll_mail(Office& office, const Caller& caller, const std::string& account);

Answer show_tracking(Office& office, const Caller& caller);
// `again`: all, by the rules of today.
Answer judge_tracking(Office& office, const Caller& caller, bool again);

// Newest first; `unmatched`: only what no message is known of.
Answer list_inbound(Office& office, const Caller& caller, const PageQuery& query, bool unmatched);
Answer list_faxes(Office& office, const Caller& caller, const PageQuery& query);
// As it was received; each look is in the audit log. Errors: inbound.unknown.
FileAnswer inbound_mail(Office& office, const Caller& caller, std::int64_t id);
FileAnswer inbound_fax(Office& office, const Caller& caller, std::int64_t id);

}  // namespace carillon::desk
