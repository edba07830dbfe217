// The table of routes: which request goes to which handler, under which policy. The one outermost
// handler is here: whatever happens in a handler, the client gets a whole answer.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "server/http_message.h"
#include "server/http_server.h"

namespace carillon::server {

// Who may call. A route without one does not compile.
enum class Policy {
    undeclared,  // nobody said: the router takes no such route
    everybody,   // says nothing that is not public
    link,        // the path carries a token that only the recipient of a message has
    provider,    // the handler checks the signature against the account's settings
    desk,        // signed in; the right is checked by the use case (docs/access.md)
    local        // from this machine, and not through a proxy
};
std::string_view name_of(Policy policy);

// Runs on a worker; may block. What it throws becomes 500.
using Handler = std::function<Response(const Request&)>;
// Runs on the server's thread; must not block, and hands the responder on.
using LiveHandler = std::function<void(Request, Responder)>;

struct Route {
    std::string method{};  // GET also serves HEAD
    // "/callbacks/{account}/receipts"; a parameter is one whole segment. "/{*}": every path that no
    // other route has.
    std::string pattern{};
    Policy policy{};
    std::variant<Handler, LiveHandler> handler{};
    bool is_logged{true};  // false: only what went wrong
    bool is_heavy{false};  // may take seconds: has workers of its own, so that the others go on
};

// One finished request, without anything personal: the route's pattern, not the path.
struct Access {
    std::string_view method{};
    std::string_view pattern{};  // outlives the log; "-" when no route fitted
    int status{};
    std::size_t bytes{};
    std::chrono::microseconds took{};
    bool is_logged{true};
    std::string problem{};  // what an exception said; for the log, never for the client
};
using OnAccess = std::function<void(const Access&)>;  // from any thread

// An answer of RFC 9457, application/problem+json.
Response problem(int status, std::string_view code = {}, std::string_view detail = {});
Response problem(int status, const base::Failure& failure);

struct RouterSettings {
    int workers{4};
    std::vector<std::string> trusted_proxies{};  // whose X-Forwarded-For is believed
    int heavy_workers{2};  // when all are at work and four times as many wait, 503
};

// Immutable once made, safe from several threads.
class Router {
public:
    Router(std::vector<Route> routes, RouterSettings settings, OnAccess on_access);
    ~Router();  // finishes what workers have begun

    // For HttpServer.
    void dispatch(Request request, Responder responder);
    const std::vector<Route>& routes() const { return routes_; }

private:
    class Workers;
    struct Match {
        const Route* route{};
        std::string allowed{};  // methods of routes with this path
        bool known_path{};
    };
    Match match(Request& request) const;
    void note_proxy(Request& request) const;
    Response refuse(const Request& request, const Match& match) const;
    Response run(const Handler& handler, const Request& request, std::string& trouble) const;

    std::vector<Route> routes_;
    std::vector<std::vector<std::string>> segments_;  // of the patterns
    RouterSettings settings_;
    OnAccess on_access_;
    std::unique_ptr<Workers> workers_;
    std::unique_ptr<Workers> heavy_workers_;
};

}  // namespace carillon::server
