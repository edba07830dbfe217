#include "server/api.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>

#include "base/digest.h"
#include "base/text.h"

namespace carillon::server {

namespace {

constexpr std::string_view prefix = "/api/v1";
constexpr std::string_view page_policy =
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

// The next member of a path, taken off it: ".field", "[2]" or, of any other key, "[\"a.b\"]".
// Nothing: it is no path.
std::optional<std::string> next_member(std::string_view& path) {
    const bool is_named = path.starts_with('.');
    const bool is_quoted = path.starts_with("[\"");
    auto size = path.find_first_of(".[", 1);
    if (is_quoted)
        for (size = path.find("\"]", 2); size != path.npos && path[size - 1] == '\\';)
            size = path.find("\"]", size + 1);
    if (is_quoted && size != path.npos) size += 2;
    const auto piece = path.substr(0, size);
    path.remove_prefix(piece.size());
    if (is_named && piece.find(' ') == piece.npos) return std::string{piece.substr(1)};
    if (!piece.starts_with('[') || !piece.ends_with(']')) return std::nullopt;
    const auto inside = piece.substr(1, piece.size() - 2);
    if (!is_quoted) return std::string{inside};
    const auto key = base::Json::parse(inside);
    return key && key->text() != nullptr ? std::optional{*key->text()} : std::nullopt;
}

// "$.rule.all[2].field" as RFC 9457 shows places: "#/rule/all/2/field". "" when it is no path.
std::string pointer_of(std::string_view place) {
    if (!place.starts_with('$')) return {};
    std::string pointer = "#";
    for (place.remove_prefix(1); !place.empty();) {
        const auto member = next_member(place);
        if (!member) return {};
        pointer += '/';
        for (const char c : *member)
            pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return pointer;
}

bool is_safe(std::string_view method) {
    return method == "GET" || method == "HEAD";
}

base::Failure not_signed_in() {
    return {"access.unauthenticated", "sign in first"};
}

// A browser says where a request comes from; another site's is never taken.
bool comes_from_elsewhere(const Request& request) {
    const auto site = request.header("Sec-Fetch-Site");
    return !site.empty() && site != "same-origin" && site != "none";
}

base::Result<access::Admitted> authenticate(const Request& request, ApiServices& services) {
    const auto authorization = request.header("Authorization");
    if (!authorization.empty()) {
        constexpr std::string_view scheme = "Bearer ";
        auto in = authorization.starts_with(scheme)
                      ? services.sessions.by_api_token(authorization.substr(scheme.size()))
                      : std::nullopt;
        if (!in) return base::fail("access.unauthenticated", "this token is not known, or no more");
        return *in;
    }
    auto in = services.sessions.by_cookie(
        cookie_in(request.header("Cookie"), session_cookie_name(services)));
    if (!in) return base::fail(not_signed_in());
    if (is_safe(request.method)) return *in;
    if (comes_from_elsewhere(request) ||
        !base::equal_in_constant_time(request.header("X-CSRF-Token"), in->csrf))
        return base::fail("access.csrf", "the X-CSRF-Token of this session is missing or wrong");
    return *in;
}

std::vector<std::string> types_of(ApiRoute::Body kind) {
    switch (kind) {
        case ApiRoute::Body::json: return {"application/json"};
        case ApiRoute::Body::csv: return {"text/csv"};
        case ApiRoute::Body::picture: return {"image/png", "image/jpeg", "image/gif"};
    }
    return {};
}

base::Result<void> read_body(const Request& request, ApiRoute::Body kind, base::Json& body) {
    if (request.body.empty()) return {};
    const auto type = base::trim(base::split(request.header("Content-Type"), ';').front());
    const auto wanted = types_of(kind);
    if (std::ranges::none_of(wanted, [&](const auto& one) { return same_name(type, one); }))
        return base::fail("http.content_type", "expected " + base::join(wanted, ", "));
    if (kind != ApiRoute::Body::json) return {};
    auto parsed = base::Json::parse(request.body);
    if (!parsed) return base::fail(parsed.error());
    if (parsed->object() == nullptr)
        return base::fail("json.type",
                          "expected an object, found " + std::string{parsed->type_name()}, "$");
    body = std::move(*parsed);
    return {};
}

base::Result<std::optional<access::Once>> once_of(const Request& request) {
    const auto key = request.header("Idempotency-Key");
    const bool is_given = std::ranges::any_of(
        request.headers, [](const auto& one) { return same_name(one.first, "Idempotency-Key"); });
    if (!is_given || request.method != "POST") return std::optional<access::Once>{};
    const bool is_visible = std::ranges::all_of(key, [](char c) { return c >= '!' && c <= '~'; });
    if (key.size() < 8 || key.size() > 100 || !is_visible)
        return base::fail("request.key",
                          "an Idempotency-Key has 8 to 100 visible characters of ASCII");
    return std::optional{
        access::Once{std::string{key},
                     base::sha256_hex(request.method + " " + request.url() + "\n" + request.body)}};
}

Response answered(const ApiRoute& route, ApiCall& call, desk::Answer answer) {
    if (!answer) return problem_of(answer.error(), call.language);
    Response response{route.success};
    if (call.raw) {
        // A report as a page: whoever opens it here gets no script and no origin of ours.
        if (call.raw->first.starts_with("text/html"))
            response.set("Content-Security-Policy", page_policy);
        response.set_body(call.raw->first, std::move(call.raw->second));
    }
    if (!call.raw && route.success != 204) {
        desk::put_into_language(*answer, route.sentences, call.language);
        response.set_body("application/json", answer->dump() + "\n");
    }
    return response;
}

// What cannot be read is not left out: a list without its filter would be another list.
base::Result<void> check_query(const Request& request) {
    std::string plain;
    if (!percent_decode(request.query, true, plain) || !base::is_valid_utf8(plain))
        return base::fail("http.query", "the query is not percent-encoded UTF-8");
    return {};
}

Response admitted(const ApiRoute& route, ApiCall& call) {
    if (const auto good = check_query(call.request); !good)
        return problem_of({good.error()}, call.language);
    const auto once = once_of(call.request);
    if (!once) return problem_of({once.error()}, call.language);
    if (!std::holds_alternative<Anybody>(route.need)) {
        auto in = authenticate(call.request, call.services);
        if (!in) return problem_of({in.error()}, call.language);
        call.admitted = std::move(*in);
    } else if (!is_safe(call.request.method) && comes_from_elsewhere(call.request)) {
        return problem_of({{"access.csrf", "this request comes from another site"}}, call.language);
    }
    call.admitted.caller.once = *once;
    if (call.request.gone)
        call.admitted.caller.is_gone = [gone = call.request.gone] { return gone->load(); };
    if (const auto read = read_body(call.request, route.body, call.body); !read)
        return problem_of({read.error()}, call.language);
    return answered(route, call, route.work(call));
}

// Who asks is in the database, too: the door may find it silent as well as the work.
Response run(const ApiRoute& route, ApiCall& call) {
    try {
        return admitted(route, call);
    } catch (const access::Denied& denied) {
        return problem_of({denied.failure()}, call.language);
    } catch (const db::DbError& error) {
        if (error.fault() == db::DbFault::other || error.fault() == db::DbFault::duplicate) throw;
        return problem_of({{"server.database", "the database does not answer; try again"}},
                          call.language);
    }
}

Response serve(const ApiRoute& route, ApiServices& services, const Request& request) {
    ApiCall call{.request = request, .services = services};
    call.query = form_fields(request.query);
    call.language = desk::language_from(request.header("Accept-Language"));
    auto response = run(route, call);
    for (const auto& [name, value] : call.headers) response.set(name, value);
    response.set("Cache-Control", "no-store").set("X-Content-Type-Options", "nosniff");
    response.set("Vary", "Accept-Language");
    return response;
}

}  // namespace

int status_of(std::string_view code) {
    static const std::map<std::string_view, int> exact{{"access.unauthenticated", 401},
                                                       {"access.refused", 401},
                                                       {"access.totp_needed", 401},
                                                       {"access.forbidden", 403},
                                                       {"access.password_expired", 403},
                                                       {"access.csrf", 403},
                                                       {"access.throttled", 429},
                                                       {"approval.own_work", 403},
                                                       {"approval.changed", 409},
                                                       {"approval.missing", 409},
                                                       {"campaign.wrong_state", 409},
                                                       {"campaign.not_editable", 409},
                                                       {"campaign.exists", 409},
                                                       {"message.not_retryable", 409},
                                                       {"message.cancel_too_late", 409},
                                                       {"segment.in_use", 409},
                                                       {"call.closed", 409},
                                                       {"call.claimed_by_other", 409},
                                                       {"import.running", 409},
                                                       {"house.busy", 409},
                                                       {"erase.in_flight", 409},
                                                       {"launch.none", 409},
                                                       {"launch.waiting", 409},
                                                       {"test.done", 409},
                                                       {"totp.in_force", 409},
                                                       {"totp.missing", 409},
                                                       {"request.done", 409},
                                                       {"etag.missing", 428},
                                                       {"etag.mismatch", 412},
                                                       {"etag.exists", 412},
                                                       {"http.content_type", 415},
                                                       {"http.query", 400},
                                                       {"json.invalid", 400},
                                                       {"json.depth", 400},
                                                       {"json.duplicate_key", 400},
                                                       {"server.database", 503},
                                                       {"segment.too_slow", 503},
                                                       {"server.busy", 503},
                                                       {"user.exists", 409},
                                                       // A mistake in settings, no address.
                                                       {"time_zone.unknown", 422},
                                                       {"webhook.exists", 409},
                                                       {"picture.in_use", 409}};
    if (const auto found = exact.find(code); found != exact.end()) return found->second;
    return code.ends_with(".unknown") ? 404 : 422;
}

namespace {

// What is said may quote what was asked, and that may be no text at all.
std::string as_text(std::string said) {
    if (base::is_valid_utf8(said)) return said;
    for (auto& byte : said)
        if (static_cast<unsigned char>(byte) >= 0x80) byte = '?';
    return said;
}

}  // namespace

Response problem_of(const base::Problems& problems, desk::Language language) {
    const auto& first = problems.front();
    const int status = status_of(first.code);
    base::Json json{base::Json::Object{}};
    json.set("type", "about:blank");
    json.set("title", desk::in_language(reason_of(status), language));
    json.set("status", status);
    json.set("code", first.code);
    json.set("detail", as_text(desk::in_language(first.detail, language)));
    base::Json::Array errors;
    for (const auto& one : problems) {
        base::Json error{base::Json::Object{}};
        error.set("code", one.code);
        error.set("detail", as_text(desk::in_language(one.detail, language)));
        if (const auto pointer = pointer_of(one.place); !pointer.empty())
            error.set("pointer", as_text(pointer));
        else if (!one.place.empty())
            error.set("place", as_text(one.place));
        errors.push_back(std::move(error));
    }
    if (problems.size() > 1 || !first.place.empty()) json.set("errors", std::move(errors));
    auto response = Response::of(status, "application/problem+json", json.dump() + "\n");
    if (status == 401) response.set("WWW-Authenticate", "Bearer");
    if (status == 503) response.set("Retry-After", "5");
    return response;
}

std::string name_of(const Need& need) {
    if (const auto* right = std::get_if<access::Right>(&need))
        return std::string{access::name_of(*right)};
    return std::holds_alternative<Anybody>(need) ? "anybody" : "signed_in";
}

std::vector<std::string> ApiCall::ask_list(std::string_view name) const {
    std::vector<std::string> list;
    const auto given = ask(name);
    for (const auto part : base::split(given, ','))
        if (const auto one = base::trim(part); !one.empty()) list.emplace_back(one);
    return list;
}

desk::Edit ApiCall::edit() const {
    return {std::string{request.header("If-Match")}, request.header("If-None-Match") == "*"};
}

base::Result<desk::PageQuery> page_query(const ApiCall& call) {
    desk::PageQuery query;
    if (const auto limit = call.ask("limit"); !limit.empty()) {
        const auto* last = limit.data() + limit.size();
        const auto [end, error] = std::from_chars(limit.data(), last, query.limit);
        if (error != std::errc{} || end != last || query.limit < 1 || query.limit > 200)
            return base::fail("page.limit", "a whole number from 1 to 200", "limit");
    }
    query.after = call.ask("cursor");
    if (query.after.size() > 300 || !base::is_valid_utf8(query.after))
        return base::fail("page.cursor", "give back what `next` of the page before was", "cursor");
    return query;
}

base::Result<std::string> body_text(const ApiCall& call, std::string_view name) {
    const auto* found = call.body.find(name);
    if (found == nullptr) return std::string{};
    if (found->text() == nullptr)
        return base::fail("body.type", "must be a text", "$." + std::string{name});
    return *found->text();
}

base::Result<std::int64_t> path_number(const ApiCall& call, std::string_view name) {
    const auto& text = call.path(name);
    std::int64_t number = 0;
    const auto* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc{} || end != last || number < 1)
        return base::fail("path.unknown", "'" + base::cut_utf8(text, 50) + "' is no number of one");
    return number;
}

desk::Answer framed(const ApiCall& call, desk::Answer answer) {
    if (!answer) return answer;
    const auto* html = answer->find("html");
    std::string address;
    if (html != nullptr && html->text() != nullptr && !html->text()->empty() && call.services.frame)
        address = call.services.frame(call.request, *html->text());
    answer->set("frame", address.empty() ? base::Json{} : base::Json{address});
    return answer;
}

desk::Answer tagged(ApiCall& call, desk::Answer answer) {
    if (answer)
        if (const auto* etag = answer->find("etag"); etag != nullptr && etag->text() != nullptr)
            call.headers.emplace_back("ETag", *etag->text());
    return answer;
}

desk::Answer filed(ApiCall& call, desk::FileAnswer file) {
    if (!file) return desk::refuse(std::move(file.error()));
    call.raw = {std::move(file->type), std::move(file->bytes)};
    if (!file->name.empty())
        call.headers.emplace_back("Content-Disposition",
                                  "attachment; filename=\"" + file->name + "\"");
    if (file->pages > 0) call.headers.emplace_back("X-Pages", std::to_string(file->pages));
    return base::Json{};
}

namespace {

base::Result<int> number_asked(const std::string& text, int fallback, int most) {
    int number = fallback;
    const auto* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    const bool is_read = text.empty() || (error == std::errc{} && end == last);
    if (!is_read || number < 1 || number > most)
        return base::fail("page.number", "a whole number from 1 to " + std::to_string(most));
    return number;
}

}  // namespace

base::Result<desk::PageChoice> page_choice(const ApiCall& call, const std::string& page) {
    constexpr int page_most = 100'000'000;  // whether there is one is the document's to say
    constexpr int width_most = 1'600;
    const auto number = number_asked(page, 1, page_most);
    if (!number) return base::fail(number.error().code, number.error().detail, "page");
    const auto width = number_asked(call.ask("width"), 800, width_most);
    if (!width) return base::fail(width.error().code, width.error().detail, "width");
    return desk::PageChoice{*number, *width};
}

std::string_view session_cookie_name(const ApiServices& services) {
    return services.secure_cookies ? "__Host-carillon_session" : "carillon_session";
}

std::string session_cookie(const ApiServices& services, std::string_view token,
                           std::chrono::seconds lifetime) {
    return std::string{session_cookie_name(services)} + "=" + std::string{token} +
           "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" +
           std::to_string(token.empty() ? 0 : lifetime.count()) +
           (services.secure_cookies ? "; Secure" : "");
}

std::string cookie_in(std::string_view header, std::string_view name) {
    for (const auto part : base::split(header, ';')) {
        const auto one = base::trim(part);
        const auto equals = one.find('=');
        if (equals != std::string_view::npos && one.substr(0, equals) == name)
            return std::string{one.substr(equals + 1)};
    }
    return {};
}

std::vector<ApiRoute> api_table() {
    std::vector<ApiRoute> all;
    for (auto* part :
         {&session_routes, &campaign_routes, &report_routes, &document_routes, &client_routes,
          &people_routes, &operation_routes, &house_routes, &webhook_routes, &picture_api_routes})
        std::ranges::move(part(), std::back_inserter(all));
    return all;
}

std::vector<Route> api_routes(ApiServices& services) {
    std::vector<Route> routes;
    for (auto& route : api_table()) {
        Route made{route.method,  std::string{prefix} + route.pattern, Policy::desk, {}, true,
                   route.is_heavy};
        made.handler = Handler{
            [route, &services](const Request& request) { return serve(route, services, request); }};
        routes.push_back(std::move(made));
    }
    std::ranges::move(specification_routes(), std::back_inserter(routes));
    return routes;
}

}  // namespace carillon::server
