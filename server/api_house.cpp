// Settings of channels, policies, calendars and reports by e-mail; what operators ask the program
// itself for.
#include "campaigns/bundle.h"
#include "desk/house_desk.h"
#include "desk/settings_desk.h"
#include "reports/mailed_report.h"
#include "server/api.h"

namespace carillon::server {

namespace {

using access::Right;
using Work = std::function<desk::Answer(ApiCall&)>;

// Of policies there is one.
std::string name_in(const ApiCall& call, std::string_view kind) {
    return kind == campaigns::policies_kind ? std::string{campaigns::policies_name}
                                            : call.path("name");
}

Work list(std::string_view kind) {
    return [kind](ApiCall& call) -> desk::Answer {
        const auto page = page_query(call);
        if (!page) return desk::refuse(page.error());
        return desk::list_settings(call.office(), call.caller(), kind, *page, call.ask("q"));
    };
}

Work get(std::string_view kind) {
    return [kind](ApiCall& call) {
        return tagged(call,
                      desk::get_settings(call.office(), call.caller(), kind, name_in(call, kind)));
    };
}

Work put(std::string_view kind) {
    return [kind](ApiCall& call) {
        return tagged(call, desk::put_settings(call.office(), call.caller(), kind,
                                               name_in(call, kind), call.body, call.edit()));
    };
}

Work check(std::string_view kind) {
    return [kind](ApiCall& call) {
        return desk::check_settings(call.office(), call.caller(), kind, call.body);
    };
}

// Works on {"member": "..."}, which may be left out.
using ForText = desk::Answer (*)(desk::Office&, const access::Caller&, const std::string&);
Work with_text(std::string_view member, ForText work) {
    return [member, work](ApiCall& call) -> desk::Answer {
        const auto text = body_text(call, member);
        if (!text) return desk::refuse(text.error());
        return work(call.office(), call.caller(), *text);
    };
}

Work plain(desk::Answer (*work)(desk::Office&, const access::Caller&)) {
    return [work](ApiCall& call) { return work(call.office(), call.caller()); };
}

Work named(ForText work) {
    return [work](ApiCall& call) { return work(call.office(), call.caller(), call.path("name")); };
}

desk::Answer remove_report_mail(ApiCall& call) {
    return desk::remove_report_mail(call.office(), call.caller(), call.path("name"), call.edit());
}

desk::Answer report_mail_log(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    return desk::list_report_mails(call.office(), call.caller(), page->limit);
}

desk::Answer judge(ApiCall& call) {
    const auto* again = call.body.find("again");
    if (again != nullptr && again->boolean() == nullptr)
        return desk::refuse("body.type", "must be true or false", "$.again");
    return desk::judge_tracking(call.office(), call.caller(),
                                again != nullptr && *again->boolean());
}

desk::Answer inbound(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    return desk::list_inbound(call.office(), call.caller(), *page, call.ask("unmatched") == "true");
}

desk::Answer faxes(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    return desk::list_faxes(call.office(), call.caller(), *page);
}

Work received(desk::FileAnswer (*look)(desk::Office&, const access::Caller&, std::int64_t)) {
    return [look](ApiCall& call) -> desk::Answer {
        const auto id = path_number(call, "id");
        if (!id) return desk::refuse("inbound.unknown", id.error().detail);
        return filed(call, look(call.office(), call.caller(), *id));
    };
}

std::vector<ApiRoute> settings_routes() {
    using campaigns::calendar_kind, campaigns::channel_kind, campaigns::policies_kind,
        reports::report_kind;
    return {{"GET", "/channels/{name}", Right::settings_see, get(channel_kind)},
            {"PUT", "/channels/{name}", Right::settings_edit, put(channel_kind)},
            {"POST", "/channels:check", Right::settings_edit, check(channel_kind)},
            {"GET", "/policies", Right::settings_see, get(policies_kind)},
            {"PUT", "/policies", Right::settings_edit, put(policies_kind)},
            {"POST", "/policies:check", Right::settings_edit, check(policies_kind)},
            {"GET", "/calendars", Right::settings_see, list(calendar_kind)},
            {"GET", "/calendars/{name}", Right::settings_see, get(calendar_kind)},
            {"PUT", "/calendars/{name}", Right::settings_edit, put(calendar_kind)},
            {"POST", "/calendars:check", Right::settings_edit, check(calendar_kind)},
            {"GET", "/report-mails", Right::settings_see, list(report_kind)},
            {"GET", "/report-mails:log", Right::settings_see, report_mail_log},
            {"POST", "/report-mails:check", Right::settings_edit, check(report_kind)},
            {"GET", "/report-mails/{name}", Right::settings_see, get(report_kind)},
            {"PUT", "/report-mails/{name}", Right::settings_edit, put(report_kind)},
            {"DELETE", "/report-mails/{name}", Right::settings_edit, remove_report_mail, 204},
            {"POST", "/report-mails/{name}/send", Right::operation_run,
             named(desk::send_report_mail), 202}};
}

}  // namespace

std::vector<ApiRoute> house_routes() {
    using enum ApiRoute::Body;
    auto routes = settings_routes();
    for (auto& route : std::vector<ApiRoute>{
             {"POST", "/channels/{name}/probe", Right::operation_check, named(desk::probe_channel),
              200, json, true},
             {"GET", "/settings", Right::operation_check, plain(desk::show_settings_in_force)},
             {"POST", "/doctor", Right::operation_check, plain(desk::doctor), 200, json, true},
             {"POST", "/reconcile", Right::operation_check, with_text("campaign", desk::reconcile),
              200, json, true},
             {"POST", "/snapshots", Right::operation_run, with_text("day", desk::take_snapshot),
              200, json, true},
             {"POST", "/plans:check", Right::operation_run,
              with_text("campaign", desk::check_plans), 200, json, true},
             {"POST", "/retention:run", Right::operation_run, plain(desk::retain_now), 200, json,
              true},
             {"GET", "/tracking", Right::operation_check, plain(desk::show_tracking), 200, json,
              true},
             {"POST", "/tracking:judge", Right::operation_run, judge, 200, json, true},
             {"POST", "/inbound:poll", Right::operation_run, with_text("account", desk::poll_mail),
              200, json, true},
             {"GET", "/inbound", Right::inbound_see, inbound},
             {"GET", "/inbound/{id}/content", Right::inbound_see, received(desk::inbound_mail)},
             {"GET", "/faxes", Right::inbound_see, faxes},
             {"GET", "/faxes/{id}/content", Right::inbound_see, received(desk::inbound_fax)}})
        routes.push_back(std::move(route));
    return routes;
}

}  // namespace carillon::server
