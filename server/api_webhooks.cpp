// /webhooks.
#include "desk/webhook_desk.h"
#include "server/api.h"

namespace carillon::server {

namespace {

using access::Right;

using ByName = desk::Answer (*)(desk::Office&, const desk::Caller&, const std::string&);

std::function<desk::Answer(ApiCall&)> named(ByName work) {
    return [work](ApiCall& call) { return work(call.office(), call.caller(), call.path("name")); };
}

desk::Answer list(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    return desk::list_webhooks(call.office(), call.caller(), *page);
}

desk::Answer test(ApiCall& call) {
    return desk::test_webhook(call.office(), call.caller(), call.services.webhooks,
                              call.path("name"));
}

desk::Answer given_up(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    return desk::list_given_up(call.office(), call.caller(), call.path("name"), *page);
}

}  // namespace

std::vector<ApiRoute> webhook_routes() {
    using enum ApiRoute::Body;
    constexpr auto right = Right::users_manage;
    return {{"GET", "/webhooks", right, list},
            {"POST", "/webhooks", right,
             [](ApiCall& call) {
                 return desk::add_webhook(call.office(), call.caller(),
                                          call.services.webhooks.rules, call.body);
             },
             201},
            {"GET", "/webhooks/{name}", right, named(desk::get_webhook)},
            {"DELETE", "/webhooks/{name}", right, named(desk::remove_webhook), 204},
            {"POST", "/webhooks/{name}/secret", right, named(desk::renew_webhook_secret)},
            {"POST", "/webhooks/{name}/enable", right, named(desk::enable_webhook)},
            {"POST", "/webhooks/{name}/disable", right, named(desk::disable_webhook)},
            {"POST", "/webhooks/{name}/test", right, test, 200, json, true},
            {"GET", "/webhooks/{name}/given-up", right, given_up},
            {"POST", "/webhooks/{name}/resend", right, named(desk::resend_given_up)}};
}

}  // namespace carillon::server
