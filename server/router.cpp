#include "server/router.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include "base/json.h"
#include "base/text.h"

namespace carillon::server {

namespace {

constexpr std::array<std::string_view, 7> known_methods{"GET",   "HEAD",   "POST",   "PUT",
                                                        "PATCH", "DELETE", "OPTIONS"};

constexpr std::string_view any_path = "/{*}";

bool is_parameter(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}

bool fits_method(const Route& route, std::string_view method) {
    return route.method == method || (method == "HEAD" && route.method == "GET");
}

std::vector<std::string> segments_of(std::string_view path) {
    std::vector<std::string> out;
    for (const auto part : base::split(path.substr(path.empty() ? 0 : 1), '/'))
        out.emplace_back(part);
    return out;
}

bool is_loopback(std::string_view peer) {
    return peer.starts_with("127.") || peer == "::1";
}

std::chrono::microseconds since(base::Steady start) {
    return std::chrono::duration_cast<std::chrono::microseconds>(base::steady_now() - start);
}

using Segments = std::vector<std::string>;
using Parameters = std::map<std::string, std::string, std::less<>>;

// The parameters of a path that fits the pattern.
std::optional<Parameters> fit(const Segments& pattern, const Segments& asked) {
    if (pattern.size() != asked.size()) return std::nullopt;
    Parameters parameters;
    for (std::size_t at = 0; at < asked.size(); ++at) {
        if (!is_parameter(pattern[at])) {
            if (pattern[at] != asked[at]) return std::nullopt;
            continue;
        }
        std::string value;
        if (!percent_decode(asked[at], false, value) || value.empty()) return std::nullopt;
        parameters[pattern[at].substr(1, pattern[at].size() - 2)] = std::move(value);
    }
    return parameters;
}

}  // namespace

std::string_view name_of(Policy policy) {
    switch (policy) {
        case Policy::undeclared: return "undeclared";
        case Policy::everybody: return "everybody";
        case Policy::link: return "link";
        case Policy::provider: return "provider";
        case Policy::desk: return "desk";
        case Policy::local: return "local";
    }
    std::abort();
}

Response problem(int status, std::string_view code, std::string_view detail) {
    base::Json json{base::Json::Object{}};
    json.set("type", "about:blank");
    json.set("title", reason_of(status));
    json.set("status", status);
    if (!detail.empty()) json.set("detail", detail);
    if (!code.empty()) json.set("code", code);
    auto response = Response::of(status, "application/problem+json", json.dump() + "\n");
    response.set("Cache-Control", "no-store").set("X-Content-Type-Options", "nosniff");
    return response;
}

Response problem(int status, const base::Failure& failure) {
    return problem(status, failure.code, failure.text());
}

// A few threads and what they still have to do; never more than there are connections.
class Router::Workers {
public:
    explicit Workers(int count) {
        for (int i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
    }
    ~Workers() {
        {
            const std::scoped_lock lock{mutex_};
            stopping_ = true;
        }
        changed_.notify_all();
        threads_.clear();
    }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    struct Task {
        const Route* route{};
        Request request{};
        Responder responder;
        base::Steady started{};
    };
    std::function<void(Task)> serve;
    // False when `waiting_max` wait already; the task is the caller's again.
    bool push(Task& task, std::size_t waiting_max) {
        {
            const std::scoped_lock lock{mutex_};
            if (tasks_.size() >= waiting_max) return false;
            tasks_.push_back(std::move(task));
        }
        changed_.notify_one();
        return true;
    }

private:
    void work() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
        while (true) {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [&] { return stopping_ || !tasks_.empty(); });
            if (tasks_.empty()) return;
            auto task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            serve(std::move(task));
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> tasks_;
    bool stopping_{false};
    std::vector<std::jthread> threads_;
};

Router::Router(std::vector<Route> routes, RouterSettings settings, OnAccess on_access)
    : routes_(std::move(routes)),
      settings_(std::move(settings)),
      on_access_(std::move(on_access)),
      workers_(std::make_unique<Workers>(settings_.workers)),
      heavy_workers_(std::make_unique<Workers>(settings_.heavy_workers)) {
    for (const auto& route : routes_) {
        if (route.policy == Policy::undeclared)
            throw std::logic_error{"no policy was declared for " + route.pattern};
        segments_.push_back(segments_of(route.pattern));
    }
    const auto serve = [this](Workers::Task task) {
        std::string trouble;
        auto response = run(std::get<Handler>(task.route->handler), task.request, trouble);
        const Access access{task.request.method,    task.route->pattern, response.status(),
                            response.body().size(), since(task.started), task.route->is_logged,
                            std::move(trouble)};
        task.responder.answer(std::move(response));
        on_access_(access);
    };
    workers_->serve = serve;
    heavy_workers_->serve = serve;
}

Router::~Router() = default;

// The one place where an exception of a handler ends.
Response Router::run(const Handler& handler, const Request& request, std::string& trouble) const {
    try {
        return handler(request);
    } catch (const std::exception& error) {
        trouble = error.what();
    } catch (...) {
        trouble = "an exception of unknown kind";
    }
    return problem(500, "server.error", "Something went wrong here; it has been logged.");
}

void Router::note_proxy(Request& request) const {
    const auto forwarded = request.header("X-Forwarded-For");
    request.through_proxy = !forwarded.empty() || !request.header("Forwarded").empty() ||
                            !request.header("Via").empty();
    if (forwarded.empty() || std::ranges::find(settings_.trusted_proxies, request.peer) ==
                                 settings_.trusted_proxies.end())
        return;
    // Only the last entry was written by the proxy we trust; the rest is what the client claims.
    const auto last = base::trim(forwarded.substr(forwarded.rfind(',') + 1));
    constexpr std::size_t address_max = 45;
    const bool plausible =
        !last.empty() && last.size() <= address_max &&
        last.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    if (plausible) request.peer = last;
}

// Where a fixed path and one with a parameter fit both, the fixed one is meant, whatever the
// method: nothing is called "fields" in /segments/{name}.
Router::Match Router::match(Request& request) const {
    Match found;
    const auto asked = segments_of(request.path);
    std::size_t fewest = asked.size() + 1;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        if (routes_[i].pattern == any_path) continue;
        auto parameters = fit(segments_[i], asked);
        if (!parameters || parameters->size() > fewest) continue;
        if (parameters->size() < fewest) found = Match{};
        fewest = parameters->size();
        found.known_path = true;
        if (found.allowed.find(routes_[i].method) == std::string::npos) {
            found.allowed += (found.allowed.empty() ? "" : ", ") + routes_[i].method;
            if (routes_[i].method == "GET") found.allowed += ", HEAD";
        }
        if (found.route == nullptr && fits_method(routes_[i], request.method)) {
            found.route = &routes_[i];
            request.parameters = std::move(*parameters);
        }
    }
    if (found.known_path) return found;
    const auto rest = std::ranges::find_if(routes_, [&](const Route& route) {
        return route.pattern == any_path && fits_method(route, request.method);
    });
    if (rest != routes_.end()) found.route = &*rest;
    return found;
}

Response Router::refuse(const Request& request, const Match& match) const {
    if (request.method == "OPTIONS" && (match.known_path || request.path == "*")) {
        Response response{204};
        response.set("Allow", match.allowed.empty() ? "GET, HEAD, POST" : match.allowed);
        return response;
    }
    if (!match.known_path) return problem(404, "http.path", "There is nothing at this path.");
    auto response = problem(405, "http.method", "This path does not take this method.");
    response.set("Allow", match.allowed);
    return response;
}

void Router::dispatch(Request request, Responder responder) {
    const auto started = base::steady_now();
    note_proxy(request);
    const auto found = match(request);
    const bool closed_to_caller = found.route != nullptr && found.route->policy == Policy::local &&
                                  (request.through_proxy || !is_loopback(request.peer));
    if (found.route == nullptr || closed_to_caller) {
        auto response = closed_to_caller
                            ? problem(403, "http.local", "Only from the machine itself.")
                            : refuse(request, found);
        const bool is_odd = std::ranges::find(known_methods, request.method) == known_methods.end();
        on_access_({is_odd ? "-" : std::string_view{request.method},
                    found.route == nullptr ? "-" : found.route->pattern,
                    response.status(),
                    response.body().size(),
                    since(started),
                    true,
                    {}});
        responder.answer(std::move(response));
        return;
    }
    if (const auto* live = std::get_if<LiveHandler>(&found.route->handler)) {
        // Who throws has let go of the responder, which has said 500.
        try {
            (*live)(std::move(request), std::move(responder));
        } catch (const std::exception& error) {
            on_access_({found.route->method, found.route->pattern, 500, 0, since(started), true,
                        error.what()});
        }
        return;
    }
    Workers::Task task{found.route, std::move(request), std::move(responder), started};
    const bool heavy = found.route->is_heavy;
    // There are never more requests than connections, so the others need no bound.
    const auto waiting_max = heavy ? static_cast<std::size_t>(settings_.heavy_workers) * 4
                                   : std::numeric_limits<std::size_t>::max();
    if ((heavy ? heavy_workers_ : workers_)->push(task, waiting_max)) return;
    auto response = problem(503, "server.busy", "Too many long questions at this moment.");
    response.set("Retry-After", "5");
    on_access_({found.route->method, found.route->pattern, 503, 0, since(started), true, {}});
    task.responder.answer(std::move(response));
}

}  // namespace carillon::server
