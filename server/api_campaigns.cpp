// /campaigns and /calendar.
#include "desk/campaign_desk.h"
#include "desk/forecast.h"
#include "server/api.h"

namespace carillon::server {

namespace {

using access::Right;

// The ETag that a use case answers with becomes a header.
desk::Answer list(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    return desk::list_campaigns(call.office(), call.caller(), *page,
                                {call.ask_list("state"), call.ask("q")});
}

// A move that takes the text member `key` of the body.
template <class Move>
std::function<desk::Answer(ApiCall&)> with_text(std::string key, Move move) {
    return [key = std::move(key), move](ApiCall& call) -> desk::Answer {
        const auto text = body_text(call, key);
        if (!text) return desk::refuse(text.error());
        if (text->size() > 300) return desk::refuse("body.length", "at most 300 bytes", "$." + key);
        return move(call.office(), call.caller(), call.path("name"), *text);
    };
}

template <class Ask>
std::function<desk::Answer(ApiCall&)> by_name(Ask ask) {
    return [ask](ApiCall& call) {
        return tagged(call, ask(call.office(), call.caller(), call.path("name")));
    };
}

desk::Answer put(ApiCall& call) {
    return tagged(call, desk::put_campaign(call.office(), call.caller(), call.path("name"),
                                           call.body, call.edit()));
}

desk::Answer duplicate(ApiCall& call) {
    return desk::duplicate_campaign(call.office(), call.caller(), call.path("name"), call.body);
}

desk::Answer start(ApiCall& call) {
    if (call.body.is_null()) call.body = base::Json::Object{};
    return desk::start_campaign(call.office(), call.caller(), call.path("name"), call.body);
}

desk::Answer reschedule(ApiCall& call) {
    return desk::move_campaign(call.office(), call.caller(), call.path("name"), call.body);
}

desk::Answer simulate(ApiCall& call) {
    if (call.body.is_null()) call.body = base::Json::Object{};
    return desk::simulate(call.office(), call.caller(), call.path("name"), call.body);
}

}  // namespace

std::vector<ApiRoute> campaign_routes() {
    using enum ApiRoute::Body;
    return {{"GET", "/campaigns", Right::campaigns_see, list},
            {"GET",
             "/campaigns/{name}",
             Right::campaigns_see,
             by_name(desk::get_campaign),
             200,
             json,
             false,
             {"detail"}},
            {"PUT", "/campaigns/{name}", Right::campaigns_edit, put},
            {"POST", "/campaigns/{name}/submit", Right::campaigns_edit,
             by_name(desk::submit_campaign), 200, json, true},
            {"POST", "/campaigns/{name}/approve", Right::campaigns_approve,
             with_text("hash", desk::approve_campaign), 200, json, true},
            {"POST", "/campaigns/{name}/reject", Right::campaigns_approve,
             with_text("comment", desk::reject_campaign)},
            {"POST", "/campaigns/{name}/start", Right::campaigns_launch, start},
            {"POST", "/campaigns/{name}/start/undo", Right::campaigns_launch,
             by_name(desk::undo_start)},
            {"POST", "/campaigns/{name}/move", Right::campaigns_edit, reschedule},
            {"POST", "/campaigns/{name}/pause", Right::campaigns_pause,
             with_text("reason", desk::pause_campaign)},
            {"POST", "/campaigns/{name}/resume", Right::campaigns_launch,
             by_name(desk::resume_campaign)},
            {"POST", "/campaigns/{name}/cancel", Right::campaigns_launch,
             with_text("reason", desk::cancel_campaign)},
            {"POST", "/campaigns/{name}/duplicate", Right::campaigns_edit, duplicate, 201},
            {"GET", "/campaigns/{name}/approved", Right::campaigns_see,
             by_name(desk::approved_content)},
            {"GET",
             "/campaigns/{name}/preflight",
             Right::campaigns_see,
             by_name(desk::preflight_campaign),
             200,
             json,
             true,
             {"detail"}},
            {"POST",
             "/campaigns/{name}/simulate",
             Right::campaigns_see,
             simulate,
             200,
             json,
             true,
             {"problem", "detail"}},
            {"GET", "/campaigns/{name}/progress", Right::campaigns_see,
             by_name(desk::campaign_progress)},
            {"GET",
             "/campaigns/{name}/failures",
             Right::campaigns_see,
             by_name(desk::campaign_failures),
             200,
             json,
             false,
             {"in_words"}},
            {"GET", "/calendar", Right::campaigns_see,
             [](ApiCall& call) {
                 return desk::calendar(call.office(), call.caller(), call.ask("from"),
                                       call.ask("to"));
             }},
            {"GET", "/calendar/overlaps", Right::segments_count,
             [](ApiCall& call) {
                 return desk::calendar_overlaps(call.office(), call.caller(), call.ask("from"),
                                                call.ask("to"));
             },
             200, json, true}};
}

}  // namespace carillon::server
