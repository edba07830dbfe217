// /session: in, out, who am I; one's own password and second factor.
#include <chrono>

#include "access/totp.h"
#include "desk/people.h"
#include "server/api.h"

namespace carillon::server {

namespace {

desk::Answer welcome(ApiCall& call, const access::Admitted& in) {
    const auto& settings = call.services.sessions.settings();
    call.headers.emplace_back("Set-Cookie",
                              session_cookie(call.services, in.token, settings.longest));
    return desk::session_json(in);
}

desk::Answer turned_away(ApiCall& call, const access::Refused& refused) {
    if (refused.retry_after.count() > 0)
        call.headers.emplace_back("Retry-After", std::to_string(refused.retry_after.count()));
    return desk::refuse(refused.failure);
}

desk::Answer sign_in(ApiCall& call) {
    base::Problems problems;
    base::ObjectReader reader{call.body, "$", problems};
    const access::Credentials given{.user = reader.required_text("user"),
                                    .password = reader.required_text("password"),
                                    .totp = reader.text("totp"),
                                    .peer = call.request.peer};
    reader.finish();
    if (problems.empty() && (given.user.size() > 64 || given.password.size() > 256))
        problems.push_back({"access.refused", "name, password or code is not right"});
    if (!problems.empty()) return desk::refuse(std::move(problems));
    const auto in = call.services.sessions.sign_in(given);
    if (!in) return turned_away(call, in.error());
    return welcome(call, *in);
}

desk::Answer sign_out(ApiCall& call) {
    const auto token = cookie_in(call.request.header("Cookie"), session_cookie_name(call.services));
    if (call.caller().token.empty()) call.services.sessions.sign_out(call.caller(), token);
    call.headers.emplace_back("Set-Cookie", session_cookie(call.services, "", {}));
    return base::Json{};
}

desk::Answer change_password(ApiCall& call) {
    base::Problems problems;
    base::ObjectReader reader{call.body, "$", problems};
    const auto current = reader.required_text("current");
    const auto fresh = reader.required_text("new");
    reader.finish();
    if (!problems.empty()) return desk::refuse(std::move(problems));
    const auto in =
        call.services.sessions.change_password(call.caller(), current, fresh, call.request.peer);
    if (!in) return turned_away(call, in.error());
    return welcome(call, *in);
}

base::Json shown_once(const std::vector<std::string>& codes) {
    return base::Json::Object{{"recovery_codes", base::Json::Array{codes.begin(), codes.end()}}};
}

desk::Answer begin_totp(ApiCall& call) {
    const auto secret = call.services.sessions.begin_totp(call.caller());
    if (!secret) return desk::refuse(secret.error());
    return base::Json{base::Json::Object{
        {"secret", *secret},
        {"uri", access::totp_uri(*secret, call.caller().user, call.services.issuer)}}};
}

desk::Answer confirm_totp(ApiCall& call) {
    const auto code = body_text(call, "code");
    if (!code) return desk::refuse(code.error());
    const auto codes = call.services.sessions.confirm_totp(call.caller(), *code);
    if (!codes) return desk::refuse(codes.error());
    return shown_once(*codes);
}

desk::Answer second_factor(ApiCall& call) {
    const auto factor = call.services.sessions.second_factor(call.caller());
    return base::Json::Object{{"in_force", factor.in_force},
                              {"recovery_codes_left", factor.recovery_codes_left}};
}

desk::Answer renew_recovery_codes(ApiCall& call) {
    base::Problems problems;
    base::ObjectReader reader{call.body, "$", problems};
    const auto password = reader.required_text("password");
    reader.finish();
    if (!problems.empty()) return desk::refuse(std::move(problems));
    const auto codes =
        call.services.sessions.renew_recovery_codes(call.caller(), password, call.request.peer);
    if (!codes) return turned_away(call, codes.error());
    return shown_once(*codes);
}

}  // namespace

std::vector<ApiRoute> session_routes() {
    return {{"POST", "/session", Anybody{}, sign_in},
            {"GET", "/session", SignedIn{},
             [](ApiCall& call) -> desk::Answer { return desk::session_json(call.admitted); }},
            {"DELETE", "/session", SignedIn{}, sign_out, 204},
            {"POST", "/session/password", SignedIn{}, change_password},
            {"POST", "/session/totp", SignedIn{}, begin_totp},
            {"PUT", "/session/totp", SignedIn{}, confirm_totp},
            {"GET", "/session/totp", SignedIn{}, second_factor},
            {"POST", "/session/totp/recovery-codes", SignedIn{}, renew_recovery_codes}};
}

}  // namespace carillon::server
