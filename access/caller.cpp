#include "access/caller.h"

namespace carillon::access {

namespace {

void require_own_password(const Caller& caller) {
    if (caller.must_change_password)
        throw Denied{
            {"access.password_expired", "change your first password before anything else"}};
}

}  // namespace

void require_person(const Caller& caller) {
    if (!caller.token.empty())
        throw Denied{{"access.forbidden", "this takes a person, not a token"}};
}

void require_settled_person(const Caller& caller) {
    require_person(caller);
    require_own_password(caller);
}

void require(const Caller& caller, Right right) {
    require_own_password(caller);
    if (!has(caller.rights, right))
        throw Denied{{"access.forbidden",
                      "this needs the right " + std::string{name_of(right)} +
                          (caller.token.empty() ? "" : ", which the token does not carry")}};
}

}  // namespace carillon::access
