// Which clients a caller sees, and how much of them.
#pragma once

#include <string>

#include "base/local_date.h"
#include "desk/office.h"

namespace carillon::desk {

// For the queries of db/queries/desk.sql: "" is all branches, else the names between line ends.
std::string branches_in_sql(const Caller& caller);
bool sees_branch(const Caller& caller, const std::string& branch);

// The client's id. Errors: client.unknown, also for a client the caller does not see: whether there
// is one is nobody's business either.
base::Result<base::ClientId> visible_client(db::Connection& connection, const Caller& caller,
                                            const std::string& external_id);

// "Petrova Anna Ivanovna" or the company's name.
std::string full_name(std::string_view kind, std::string_view company, std::string_view last,
                      std::string_view first, std::string_view middle);

// The address, or as much of it as a caller without clients.contacts is shown.
std::string shown_address(const Caller& caller, std::string_view address,
                          base::ChannelKind channel);

// A sentence that may quote an address: as it is, or without it for a caller without
// clients.contacts.
std::string shown_text(const Caller& caller, std::string_view text);

// Where the bank's days begin, by the newest policies.
base::TimeZone bank_zone(db::Connection& connection);

// Lines of a list, each with its contacts; in the order of the ids.
base::Json::Array client_lines(db::Connection& connection, const Caller& caller,
                               const db::IdList& ids);

}  // namespace carillon::desk
