// /dashboard, /channels, /calls, /tasks and /imports.
#include "desk/import_desk.h"
#include "desk/operation_desk.h"
#include "server/api.h"

namespace carillon::server {

namespace {

using access::Right;

desk::Answer calls(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    return desk::list_calls(call.office(), call.caller(),
                            {call.ask("state"), call.ask("manager"), page->limit});
}

desk::Answer claim(ApiCall& call) {
    if (call.body.is_null()) call.body = base::Json::Object{};
    return desk::claim_call(call.office(), call.caller(), call.body);
}

desk::Answer close(ApiCall& call) {
    const auto id = path_number(call, "id");
    if (!id) return desk::refuse("call.unknown", id.error().detail);
    return desk::close_call(call.office(), call.caller(), *id, call.body);
}

desk::Answer tasks(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    return desk::list_tasks(call.office(), call.caller(), *page,
                            {call.ask("done") == "true", call.ask("manager")});
}

desk::Answer finish(ApiCall& call) {
    const auto id = path_number(call, "id");
    if (!id) return desk::refuse("task.unknown", id.error().detail);
    return desk::finish_task(call.office(), call.caller(), *id);
}

desk::Answer imports(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    return desk::list_imports(call.office(), call.caller(), *page);
}

desk::Answer upload(ApiCall& call) {
    const auto file = call.ask("file");
    if (file.size() > 200) return desk::refuse("import.file", "at most 200 bytes", "file");
    return desk::upload_import(call.office(), call.caller(),
                               {call.ask("kind"), file, call.request.body});
}

desk::Answer import_it(ApiCall& call) {
    if (call.body.is_null()) call.body = base::Json::Object{};
    return desk::run_import(call.office(), call.caller(), call.path("id"), call.body);
}

desk::Answer try_it(ApiCall& call) {
    if (call.body.is_null()) call.body = base::Json::Object{};
    return desk::try_import(call.office(), call.caller(), call.path("id"), call.body);
}

desk::Answer rejected(ApiCall& call) {
    auto rows = desk::rejected_rows(call.office(), call.caller(), call.path("id"));
    if (!rows) return rows;
    call.raw = {"text/csv; charset=utf-8", *rows->find("csv")->text()};
    call.headers.emplace_back("Content-Disposition", "attachment; filename=\"rejected.csv\"");
    return rows;
}

}  // namespace

std::vector<ApiRoute> operation_routes() {
    using enum ApiRoute::Body;
    return {
        {"GET",
         "/dashboard",
         Right::dashboard_see,
         [](ApiCall& call) { return desk::dashboard(call.office(), call.caller()); },
         200,
         json,
         true,
         {"text"}},
        {"GET", "/channels", Right::channels_see,
         [](ApiCall& call) { return desk::list_channels(call.office(), call.caller()); }},
        {"GET", "/calls", Right::calls_work, calls},
        {"POST", "/calls:claim", Right::calls_work, claim},
        {"POST", "/calls/{id}/close", Right::calls_work, close, 204},
        {"GET", "/tasks", Right::tasks_work, tasks},
        {"POST", "/tasks/{id}/done", Right::tasks_work, finish, 204},
        {"GET", "/imports", Right::imports_run, imports},
        {"POST", "/imports", Right::imports_run, upload, 201, csv},
        {"POST", "/imports/{id}/try", Right::imports_run, try_it, 200, json, true, {"reason"}},
        {"POST", "/imports/{id}/run", Right::imports_run, import_it, 200, json, true, {"reason"}},
        {"GET", "/imports/{id}/rejected", Right::imports_run, rejected}};
}

}  // namespace carillon::server
