// /clients, /messages and /events.
#include <charconv>

#include "desk/client_desk.h"
#include "desk/message_desk.h"
#include "desk/privacy_desk.h"
#include "server/api.h"

namespace carillon::server {

namespace {

using access::Right;

desk::Answer search(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    if (call.ask("q").size() > 200) return desk::refuse("client.search", "at most 200 bytes", "q");
    return desk::search_clients(call.office(), call.caller(), *page, call.ask("q"));
}

desk::Answer messages_of_client(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    return desk::list_messages(call.office(), call.caller(), Right::clients_see, *page,
                               {.client = call.path("client")});
}

desk::Answer list(ApiCall& call) {
    const auto page = page_query(call);
    if (!page) return desk::refuse(page.error());
    desk::MessageFilter filter{.campaign = call.ask("campaign"),
                               .states = call.ask_list("state"),
                               .channel = call.ask("channel"),
                               .reason = call.ask("reason")};
    if (const auto event = call.ask("event"); !event.empty()) {
        const auto* last = event.data() + event.size();
        const auto [end, error] = std::from_chars(event.data(), last, filter.event);
        if (error != std::errc{} || end != last || filter.event < 1)
            return desk::refuse("event.number", "must be a whole number", "event");
    }
    return desk::list_messages(call.office(), call.caller(), Right::messages_see, *page, filter);
}

using Ask = desk::Answer (*)(desk::Office&, const access::Caller&, std::int64_t);
std::function<desk::Answer(ApiCall&)> by_id(Ask ask) {
    return [ask](ApiCall& call) -> desk::Answer {
        const auto id = path_number(call, "id");
        if (!id) return desk::refuse("message.unknown", id.error().detail);
        return ask(call.office(), call.caller(), *id);
    };
}

desk::Answer page(ApiCall& call) {
    const auto id = path_number(call, "id");
    if (!id) return desk::refuse("message.unknown", id.error().detail);
    const auto choice = page_choice(call, call.path("page"));
    if (!choice) return desk::refuse(choice.error());
    return filed(call, desk::message_page(call.office(), call.caller(), *id, *choice));
}

desk::Answer cancel(ApiCall& call) {
    const auto id = path_number(call, "id");
    if (!id) return desk::refuse("message.unknown", id.error().detail);
    if (call.body.is_null()) call.body = base::Json::Object{};
    return desk::cancel_message(call.office(), call.caller(), *id, call.body);
}

std::vector<ApiRoute> card_routes() {
    using enum ApiRoute::Body;
    return {{"GET", "/clients", Right::clients_see, search, 200, json, true},
            {"GET", "/clients/{client}", Right::clients_see,
             [](ApiCall& call) {
                 return desk::client_card(call.office(), call.caller(), call.path("client"));
             }},
            {"GET", "/clients/{client}/export", Right::clients_privacy,
             [](ApiCall& call) {
                 return desk::export_client(call.office(), call.caller(), call.path("client"));
             },
             200, json, true},
            {"POST", "/clients/{client}/erase", Right::clients_privacy,
             [](ApiCall& call) {
                 return desk::erase_client(call.office(), call.caller(), call.path("client"),
                                           call.body);
             },
             204},
            {"GET",
             "/clients/{client}/messages",
             Right::clients_see,
             messages_of_client,
             200,
             json,
             false,
             {"in_words"}},
            {"GET",
             "/clients/{client}/explain",
             Right::clients_see,
             [](ApiCall& call) {
                 return desk::client_story(call.office(), call.caller(), call.path("client"),
                                           call.ask("campaign"));
             },
             200,
             json,
             false,
             {"text"}}};
}

std::vector<ApiRoute> message_routes() {
    using enum ApiRoute::Body;
    return {
        {"GET", "/messages", Right::messages_see, list, 200, json, true, {"in_words"}},
        {"POST", "/messages", Right::messages_send,
         [](ApiCall& call) { return desk::send_message(call.office(), call.caller(), call.body); },
         202},
        {"GET",
         "/messages/{id}",
         Right::messages_see,
         by_id(desk::get_message),
         200,
         json,
         false,
         {"in_words", "text"}},
        {"GET", "/messages/{id}/content", Right::messages_content,
         [](ApiCall& call) { return framed(call, by_id(desk::message_content)(call)); }},
        {"GET", "/messages/{id}/pages/{page}", Right::messages_content, page, 200, json, true},
        {"POST",
         "/messages/{id}/retry",
         Right::messages_retry,
         by_id(desk::retry_message),
         200,
         json,
         false,
         {"in_words", "text"}},
        {"POST",
         "/messages/{id}/cancel",
         Right::campaigns_launch,
         cancel,
         200,
         json,
         false,
         {"in_words", "text"}},
        {"POST", "/events", Right::events_send,
         [](ApiCall& call) { return desk::receive_event(call.office(), call.caller(), call.body); },
         202}};
}

}  // namespace

std::vector<ApiRoute> client_routes() {
    auto routes = card_routes();
    for (auto& route : message_routes()) routes.push_back(std::move(route));
    return routes;
}

}  // namespace carillon::server
