// Recovery codes of the second factor, for the day the telephone is lost: each signs its user in
// once. Shown when made; only keyed hashes of their 80 random bits are kept. In the caller's
// transaction; counting of tries and audit entries are Sessions'.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "db/database.h"

namespace carillon::access {

inline constexpr int recovery_codes_made = 10;

std::string new_recovery_code();  // "k7mq-x2pd-9fwn-c4ta"
// The code in what somebody typed, whatever its case, blanks and dashes; nothing: it is none.
std::optional<std::string> recovery_code_in(std::string_view typed);

// Ten new ones; those from before are worth nothing any more.
std::vector<std::string> renew_recovery_codes(db::Connection& connection, std::int64_t user,
                                              base::Instant now);
// True once for each code of the user.
bool spend_recovery_code(db::Connection& connection, std::int64_t user, std::string_view typed,
                         base::Instant now);
std::int64_t recovery_codes_left(db::Connection& connection, std::int64_t user);
void remove_recovery_codes(db::Connection& connection, std::int64_t user);

}  // namespace carillon::access
