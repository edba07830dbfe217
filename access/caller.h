// Whoever asks for something: the one argument that every use case takes first. Made by Sessions or
// Tokens from a credential, or by the command line for the operating system's user.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "access/rights.h"
#include "base/result.h"

namespace carillon::access {

// A request that may be repeated: the caller's own key and what was asked under it.
struct Once {
    std::string key{};
    std::string fingerprint{};  // SHA-256 of method, path and body, hex
};

struct Caller {
    std::string user{};  // the actor of the audit log, also when a token speaks for the user
    std::string full_name{};
    RoleSet roles{};
    RightSet rights{};                                   // of the roles, cut to a token's scopes
    std::optional<std::vector<std::string>> branches{};  // nothing: clients of all branches
    std::string token{};                                 // name of the API token; "": a person
    bool must_change_password{};
    std::optional<Once> once{};
    std::function<bool()> is_gone{};  // waits for the answer no more; empty: always waits

    bool may(Right right) const { return has(rights, right) && !must_change_password; }
};

// Thrown by the first line of a use case: nobody can go on from here, and nobody can forget to
// look at it. Caught once per request and once per command.
class Denied : public std::runtime_error {
public:
    explicit Denied(base::Failure failure)
        : std::runtime_error(failure.text()), failure_(std::move(failure)) {}
    const base::Failure& failure() const { return failure_; }

private:
    base::Failure failure_;
};

// Codes: access.password_expired (the first password has to be changed), access.forbidden.
void require(const Caller& caller, Right right);
// What a person does to himself is not for programs (access.forbidden).
void require_person(const Caller& caller);
// A person whose first password has been changed: whoever gave it out knows it, too.
void require_settled_person(const Caller& caller);

}  // namespace carillon::access
