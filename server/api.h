// The frame of the HTTP API: who is it, may the request be read, what does the answer look like.
// Whether the caller has the right is not decided here but below, in `desk`; what a route declares
// is held against the answers by a test.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "access/sessions.h"
#include "channels/webhook_post.h"
#include "desk/language.h"
#include "desk/office.h"
#include "desk/page_desk.h"
#include "server/router.h"

namespace carillon::server {

struct ApiServices {
    desk::Office& office;
    access::Sessions& sessions;
    const access::Passwords& passwords;
    bool secure_cookies{};  // the cookie is named __Host-... and travels over TLS only
    std::string issuer{};   // of second factors: the bank's name
    std::function<std::optional<db::AuditHead>()> checkpoint{};  // kept outside the database
    // Puts HTML of a message where it may be looked at and says where that is; "": nowhere.
    std::function<std::string(const Request&, const std::string& html)> frame{};
    channels::WebhookLimits webhooks{};
};

// One request, read and with its caller known.
struct ApiCall {
    const Request& request;
    ApiServices& services;
    desk::Language language{};
    access::Admitted admitted{};
    base::Json body{};  // null when there was none
    std::vector<std::pair<std::string, std::string>> query{};
    Headers headers{};                                         // of the answer
    std::optional<std::pair<std::string, std::string>> raw{};  // type and body instead of JSON

    desk::Office& office() const { return services.office; }
    const access::Caller& caller() const { return admitted.caller; }
    const std::string& path(std::string_view name) const {
        return request.parameters.find(name)->second;
    }
    std::string ask(std::string_view name) const { return field_of(query, name); }
    std::vector<std::string> ask_list(std::string_view name) const;  // separated by commas
    desk::Edit edit() const;
};

// What a route needs. Without one it does not compile, not even with `{}`.
struct Undeclared {
    Undeclared() = delete;
};
struct Anybody {};
struct SignedIn {};
using Need = std::variant<Undeclared, Anybody, SignedIn, access::Right>;
static_assert(!std::is_default_constructible_v<Need>);
std::string name_of(const Need& need);  // "anybody", "signed_in", "campaigns.see"

struct ApiRoute {
    std::string method{};
    std::string pattern{};  // behind /api/v1
    Need need;
    std::function<desk::Answer(ApiCall&)> work{};
    int success{200};
    // What the body may be: JSON unless said.
    enum class Body { json, csv, picture } body{Body::json};
    bool is_heavy{};  // may take seconds: has workers of its own
    // Members of the answer that are sentences for people: in the language they ask for.
    std::vector<std::string_view> sentences{};
};

// Parts of the API, each one .cpp.
std::vector<ApiRoute> session_routes();
std::vector<ApiRoute> people_routes();
std::vector<ApiRoute> campaign_routes();
std::vector<ApiRoute> report_routes();
std::vector<ApiRoute> document_routes();
std::vector<ApiRoute> client_routes();
std::vector<ApiRoute> operation_routes();
std::vector<ApiRoute> house_routes();
std::vector<ApiRoute> webhook_routes();
std::vector<ApiRoute> picture_api_routes();
// All of them: what docs/openapi.yaml describes.
std::vector<ApiRoute> api_table();

// docs/openapi.yaml as JSON.
const std::string& specification_json();
// /api/v1/openapi.json and /docs, made from docs/openapi.yaml when the program was built.
std::vector<Route> specification_routes();
// As the router takes them, with the specification's. `services` outlives them.
std::vector<Route> api_routes(ApiServices& services);

// Errors: page.limit, page.cursor.
base::Result<desk::PageQuery> page_query(const ApiCall& call);
// The text member `name` of the body; "" when absent. Errors: body.type.
base::Result<std::string> body_text(const ApiCall& call, std::string_view name);
base::Result<std::int64_t> path_number(const ApiCall& call, std::string_view name);

// The cookie of a session; `token` empty: it is taken away.
std::string session_cookie(const ApiServices& services, std::string_view token,
                           std::chrono::seconds lifetime);
std::string_view session_cookie_name(const ApiServices& services);
std::string cookie_in(std::string_view header, std::string_view name);

// Adds `frame`: where the message in `html` may be looked at, null when there is no HTML or no
// origin for it.
desk::Answer framed(const ApiCall& call, desk::Answer answer);
// Its `etag` in the header, too.
desk::Answer tagged(ApiCall& call, desk::Answer answer);
// A picture or a file instead of JSON, with its name and number of pages in headers.
desk::Answer filed(ApiCall& call, desk::FileAnswer file);
// `page` from the path or the query (1), `width` from the query (800). Errors: page.number.
base::Result<desk::PageChoice> page_choice(const ApiCall& call, const std::string& page);

// application/problem+json of RFC 9457, the status by the code of the first mistake.
Response problem_of(const base::Problems& problems,
                    desk::Language language = desk::Language::english);
int status_of(std::string_view code);

}  // namespace carillon::server
