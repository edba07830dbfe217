// /reports and the reports of campaigns and clients.
#include "desk/report_files.h"
#include "server/api.h"

namespace carillon::server {

namespace {

using access::Right;

desk::Look look_of(const ApiCall& call) {
    const auto or_else = [&](const char* name, const char* fallback) {
        auto given = call.ask(name);
        return given.empty() ? fallback : given;
    };
    return {or_else("format", "json"), or_else("language", "en")};
}

desk::PeriodQuestion period_of(const ApiCall& call) {
    return {call.ask("from"), call.ask("to"), call.ask("by")};
}

desk::Answer report(ApiCall& call) {
    return desk::campaign_report(call.office(), call.caller(), call.path("name"),
                                 {call.ask_list("by"), call.ask("attribution")});
}

desk::Answer report_clients(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    return desk::report_clients(call.office(), call.caller(), call.path("name"), call.ask("step"),
                                *page);
}

desk::Answer activity(ApiCall& call) {
    return desk::report_activity(call.office(), call.caller(), call.path("name"), call.ask("by"));
}

desk::Answer exported(ApiCall& call) {
    return filed(call,
                 desk::report_file(call.office(), call.caller(), call.path("name"),
                                   {call.ask_list("by"), call.ask("attribution")}, look_of(call)));
}

desk::Answer comparison(ApiCall& call) {
    return filed(call, desk::comparison(call.office(), call.caller(), call.ask_list("names"),
                                        look_of(call)));
}

desk::Answer bank(ApiCall& call) {
    return filed(call,
                 desk::bank_report(call.office(), call.caller(), period_of(call), look_of(call)));
}

desk::Answer profit(ApiCall& call) {
    return filed(call,
                 desk::profitability(call.office(), call.caller(), period_of(call), look_of(call)));
}

desk::Answer client(ApiCall& call) {
    return filed(
        call, desk::client_page(call.office(), call.caller(), call.path("client"), look_of(call)));
}

}  // namespace

std::vector<ApiRoute> report_routes() {
    using enum ApiRoute::Body;
    return {
        {"GET", "/campaigns/{name}/report", Right::reports_see, report, 200, json, true},
        {"GET", "/campaigns/{name}/report/clients", Right::reports_see, report_clients, 200, json,
         true},
        {"GET", "/campaigns/{name}/report/activity", Right::reports_see, activity, 200, json, true},
        {"GET", "/campaigns/{name}/report/export", Right::reports_see, exported, 200, json, true},
        {"GET", "/reports/comparison", Right::reports_see, comparison, 200, json, true},
        {"GET", "/reports/bank", Right::reports_see, bank, 200, json, true},
        {"GET", "/reports/profitability", Right::reports_see, profit, 200, json, true},
        {"GET", "/clients/{client}/page", Right::clients_contacts, client, 200, json, true}};
}

}  // namespace carillon::server
