// /users, /tokens and /audit.
#include "desk/people.h"
#include "server/api.h"

namespace carillon::server {

namespace {

using access::Right;

template <class List>
std::function<desk::Answer(ApiCall&)> paged(List ask) {
    return [ask](ApiCall& call) -> desk::Answer {
        const auto page = page_query(call);
        if (!page) return desk::refuse(page.error());
        return ask(call, *page);
    };
}

desk::Answer revoke(ApiCall& call) {
    const auto id = path_number(call, "id");
    if (!id) return desk::refuse(id.error());
    return desk::revoke_token(call.office(), call.caller(), *id);
}

desk::Answer verify(ApiCall& call) {
    return desk::verify_audit(call.office(), call.caller(), call.services.checkpoint());
}

}  // namespace

std::vector<ApiRoute> people_routes() {
    using enum ApiRoute::Body;
    return {
        {"GET", "/users", Right::users_see, paged([](ApiCall& call, const desk::PageQuery& page) {
             return desk::list_users(call.office(), call.caller(), page);
         })},
        {"POST", "/users", Right::users_manage,
         [](ApiCall& call) {
             return desk::add_user(call.office(), call.caller(), call.services.passwords,
                                   call.body);
         },
         201},
        {"GET", "/users/{user}", Right::users_see,
         [](ApiCall& call) {
             return tagged(call, desk::get_user(call.office(), call.caller(), call.path("user")));
         }},
        {"PUT", "/users/{user}", Right::users_manage,
         [](ApiCall& call) {
             return tagged(call, desk::change_user(call.office(), call.caller(), call.path("user"),
                                                   call.body, call.edit()));
         }},
        {"POST", "/users/{user}/password", Right::users_manage,
         [](ApiCall& call) {
             return desk::reset_password(call.office(), call.caller(), call.services.passwords,
                                         call.path("user"));
         }},
        {"DELETE", "/users/{user}/totp", Right::users_manage,
         [](ApiCall& call) {
             return desk::reset_totp(call.office(), call.caller(), call.path("user"));
         },
         204},
        {"GET", "/tokens", Right::tokens_manage,
         paged([](ApiCall& call, const desk::PageQuery& page) {
             return desk::list_tokens(call.office(), call.caller(), page);
         })},
        {"POST", "/tokens", Right::tokens_manage,
         [](ApiCall& call) { return desk::add_token(call.office(), call.caller(), call.body); },
         201},
        {"DELETE", "/tokens/{id}", Right::tokens_manage, revoke, 204},
        {"GET", "/audit", Right::audit_see, paged([](ApiCall& call, const desk::PageQuery& page) {
             return desk::list_audit(call.office(), call.caller(), page, call.ask("object"),
                                     call.ask("actor"));
         })},
        {"POST", "/audit:verify", Right::audit_see, verify, 200, json, true}};
}

}  // namespace carillon::server
