// /segments and /templates.
#include <algorithm>

#include "campaigns/bundle.h"
#include "desk/documents.h"
#include "desk/segment_desk.h"
#include "desk/template_desk.h"
#include "desk/test_desk.h"
#include "server/api.h"

namespace carillon::server {

namespace {

using access::Right;

std::function<desk::Answer(ApiCall&)> list(Right right, std::string_view kind) {
    return [right, kind](ApiCall& call) -> desk::Answer {
        const auto page = page_query(call);
        if (!page) return desk::refuse(page.error());
        return desk::list_documents(call.office(), call.caller(), right, kind, *page,
                                    call.ask("q"));
    };
}

using Ask = desk::Answer (*)(desk::Office&, const access::Caller&, const base::Json&);
std::function<desk::Answer(ApiCall&)> with_body(Ask ask) {
    return [ask](ApiCall& call) { return ask(call.office(), call.caller(), call.body); };
}

desk::Answer segment(ApiCall& call) {
    return tagged(call, desk::get_segment(call.office(), call.caller(), call.path("name")));
}

desk::Answer put_segment(ApiCall& call) {
    const auto& name = call.path("name");
    const auto stored = desk::put_document(call.office(), call.caller(), Right::segments_edit,
                                           campaigns::segment_kind, name, call.body, call.edit());
    return stored ? segment(call) : stored;
}

desk::Answer delete_segment(ApiCall& call) {
    return desk::delete_segment(call.office(), call.caller(), call.path("name"), call.edit());
}

desk::Answer document(ApiCall& call, int version) {
    return tagged(call,
                  desk::get_template(call.office(), call.caller(), call.path("name"), version));
}

desk::Answer put_template(ApiCall& call) {
    const auto stored =
        desk::put_document(call.office(), call.caller(), Right::templates_edit,
                           campaigns::template_kind, call.path("name"), call.body, call.edit());
    return stored ? document(call, 0) : stored;
}

desk::Answer template_version(ApiCall& call) {
    constexpr std::int64_t version_max = 1'000'000'000;
    const auto version = path_number(call, "version").value_or(version_max);
    return document(call, static_cast<int>(std::min(version, version_max)));
}

desk::Answer page(ApiCall& call) {
    const auto choice = page_choice(call, call.ask("page"));
    if (!choice) return desk::refuse(choice.error());
    return filed(call, desk::preview_page(call.office(), call.caller(), call.body, *choice));
}

}  // namespace

std::vector<ApiRoute> document_routes() {
    using enum ApiRoute::Body;
    return {
        {"GET", "/segments", Right::segments_see,
         list(Right::segments_see, campaigns::segment_kind)},
        {"GET", "/segments/fields", Right::segments_see,
         [](ApiCall& call) { return desk::segment_catalogue(call.office(), call.caller()); }},
        {"POST", "/segments:count", Right::segments_count, with_body(desk::count_segment), 200,
         json, true},
        {"POST", "/segments:sample", Right::clients_see, with_body(desk::sample_segment), 200, json,
         true},
        {"POST", "/segments:explain", Right::clients_see, with_body(desk::explain_segment)},
        {"GET", "/segments/{name}", Right::segments_see, segment},
        {"PUT", "/segments/{name}", Right::segments_edit, put_segment},
        {"DELETE", "/segments/{name}", Right::segments_edit, delete_segment, 204},
        {"GET", "/templates", Right::templates_see,
         list(Right::templates_see, campaigns::template_kind)},
        {"GET", "/templates/fields", Right::templates_see,
         [](ApiCall& call) { return desk::template_fields(call.office(), call.caller()); }},
        {"POST",
         "/templates:check",
         Right::templates_see,
         with_body(desk::check_template),
         200,
         json,
         false,
         {"detail"}},
        {"POST",
         "/templates:preview",
         Right::templates_see,
         [](ApiCall& call) {
             return framed(call, desk::preview_template(call.office(), call.caller(), call.body));
         },
         200,
         json,
         false,
         {"problem"}},
        {"POST", "/templates:page", Right::templates_see, page, 200, json, true},
        {"POST", "/templates:test", Right::templates_test, with_body(desk::send_test), 200, json,
         true},
        {"GET", "/templates/{name}", Right::templates_see,
         [](ApiCall& call) { return document(call, 0); }},
        {"PUT", "/templates/{name}", Right::templates_edit, put_template},
        {"GET", "/templates/{name}/versions", Right::templates_see,
         [](ApiCall& call) {
             return desk::template_versions(call.office(), call.caller(), call.path("name"));
         }},
        {"GET", "/templates/{name}/versions/{version}", Right::templates_see, template_version}};
}

}  // namespace carillon::server
