// /pictures.
#include "desk/picture_desk.h"
#include "server/api.h"

namespace carillon::server {

namespace {

using access::Right;

desk::Answer list(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    return desk::list_pictures(call.office(), call.caller(), *page);
}

desk::Answer add(ApiCall& call) {
    return desk::add_picture(call.office(), call.caller(), {call.ask("file"), call.request.body});
}

desk::Answer remove(ApiCall& call) {
    return desk::remove_picture(call.office(), call.caller(), call.path("id"));
}

}  // namespace

std::vector<ApiRoute> picture_api_routes() {
    using enum ApiRoute::Body;
    return {{"GET", "/pictures", Right::templates_see, list},
            {"POST", "/pictures", Right::templates_edit, add, 201, picture},
            {"DELETE", "/pictures/{id}", Right::templates_edit, remove, 204}};
}

}  // namespace carillon::server
