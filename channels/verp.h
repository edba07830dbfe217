// Variable envelope return paths: a bounce comes back to bounces+<token>@domain and names its
// message. The token carries a keyed hash, so that nobody can suppress a client by a forged bounce.
#pragma once

#include <string>
#include <string_view>

#include "base/id.h"
#include "base/result.h"

namespace carillon::channels {

// Immutable and safe from several threads.
class Verp {
public:
    // `key`: at least 16 secret bytes, the same on every node. `domain`: where bounces are
    // received.
    Verp(std::string key, const std::string& domain, const std::string& mailbox = "bounces");

    std::string address_of(base::MessageId id) const;

    // Reads what address_of() wrote, in any letter case. Errors: verp.foreign (not ours at all),
    // verp.forged (our form, wrong hash).
    base::Result<base::MessageId> parse(std::string_view address) const;

private:
    std::string token_of(base::MessageId id) const;

    std::string key_;
    std::string domain_;
    std::string prefix_;  // "bounces+"
};

}  // namespace carillon::channels
