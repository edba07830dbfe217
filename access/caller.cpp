#include "access/caller.h"

namespace carillon::access {

void require(const Caller& caller, Right right) {
    if (caller.must_change_password)
        throw Denied{
            {"access.password_expired", "change your first password before anything else"}};
    if (!has(caller.rights, right))
        throw Denied{{"access.forbidden",
                      "this needs the right " + std::string{name_of(right)} +
                          (caller.token.empty() ? "" : ", which the token does not carry")}};
}

}  // namespace carillon::access
