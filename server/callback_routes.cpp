#include <algorithm>

#include "base/text.h"
#include "responses/inbound.h"
#include "scheduler/call_desk.h"
#include "server/callback_accounts.h"
#include "server/endpoints.h"

namespace carillon::server {

namespace {

channels::HttpRequest to_channel(const Request& request) {
    return {request.method, request.url(), request.headers, request.body};
}

Response done() {
    return Response{204};
}

Response later() {
    auto response = problem(503, "server.database", "It could not be stored now; give it again.");
    response.set("Retry-After", "10");
    return response;
}

int status_of(const base::Failure& failure) {
    const bool is_callers =
        failure.code.starts_with("callback.signature") || failure.code == "callback.too_old";
    if (is_callers) return 403;
    if (failure.code == "call.unknown") return 404;
    if (failure.code == "call.closed" || failure.code == "call.claimed_by_other") return 409;
    return 400;
}

Response refused(const base::Failure& failure) {
    return problem(status_of(failure), failure);
}

// One call result as JSON.
struct CallBody {
    std::string external_id{};
    scheduler::CallResult result{};
};

base::Result<CallBody> parse_call(const std::string& body, const std::string& account,
                                  const campaigns::MessageKeys& keys) {
    const auto json = base::Json::parse(body);
    if (!json) return base::fail("callback.malformed", json.error().detail);
    base::Problems problems;
    base::ObjectReader reader{*json, "$", problems};
    CallBody call;
    call.external_id = reader.required_text("id");
    base::MessageId message;
    if (reader.has("key")) {
        const auto known = keys.message_of_key(reader.text("key"));
        if (!known) return base::fail("call.unknown", "this key was not made here", "$.key");
        message = *known;
    } else {
        message.value = reader.required_integer("task", 1, INT64_MAX);
    }
    const auto disposition = reader.required_text("disposition");
    const auto note = reader.text("note");
    const auto at = reader.text("call_back_at");
    const auto agent = reader.text("agent", account);
    reader.finish();
    constexpr std::size_t id_max = 120;
    if (call.external_id.empty() || call.external_id.size() > id_max)
        reader.problem("id", "callback.malformed", "expected 1 to 120 bytes");
    if (!problems.empty()) return base::fail(problems.front());
    auto result =
        scheduler::read_call_result(message, base::cut_utf8(agent, 100), disposition, note, at);
    if (!result) return base::fail(result.error());
    call.result = std::move(*result);
    return call;
}

class Callbacks {
public:
    explicit Callbacks(const CallbackServices& services)
        : services_(services), accounts_(services.database, services.folder) {}

    Response receipts(const Request& request) {
        return heard(request, [&](const CallbackAccount& account) {
            const auto parsed = channels::parse_receipts(account.callbacks, to_channel(request),
                                                         services_.clock.now());
            if (!parsed) return refused(parsed.error());
            return services_.receipts.take(account.facts.name, *parsed) ? done() : later();
        });
    }

    Response inbound(const Request& request) {
        return heard(request, [&](const CallbackAccount& account) {
            const auto parsed = channels::parse_inbound(account.callbacks, to_channel(request),
                                                        services_.clock.now());
            if (!parsed) return refused(parsed.error());
            const bool stored =
                responses::take_inbound(services_.database, services_.clock, account.facts.name,
                                        account.facts.kind, *parsed);
            return stored ? done() : later();
        });
    }

    Response calls(const Request& request) {
        return heard(request, [&](const CallbackAccount& account) {
            if (account.facts.kind != base::ChannelKind::call)
                return problem(404, "callback.account", "This account makes no calls.");
            const auto known = channels::check_caller(account.callbacks.guard, to_channel(request),
                                                      services_.clock.now());
            if (!known) return refused(known.error());
            const auto call =
                parse_call(request.body, account.facts.name, services_.composer.keys());
            if (!call) return refused(call.error());
            return finish(account, *call, request.body);
        });
    }

private:
    // What goes wrong with the database is the provider's to repeat.
    template <class Serve>
    Response heard(const Request& request, const Serve& serve) {
        try {
            const auto account = accounts_.find(request.parameters.at("account"));
            if (!account)
                return problem(404, "callback.account", "No channel of this name takes callbacks.");
            return serve(*account);
        } catch (const db::DbError&) {
            return later();
        }
    }

    Response finish(const CallbackAccount& account, const CallBody& call, const std::string& raw) {
        // The script, for which a desk asks for the run, is of no interest any more.
        scheduler::CallDesk desk{services_.database, services_.clock, services_.composer,
                                 [](db::Connection&, base::RunId) { return nullptr; }};
        const auto finished = desk.finish(
            call.result, scheduler::CallReport{account.facts.name, call.external_id, raw});
        return finished ? done() : refused(finished.error());
    }

    CallbackServices services_;
    CallbackAccounts accounts_;
};

}  // namespace

std::vector<Route> callback_routes(const CallbackServices& services) {
    const auto callbacks = std::make_shared<Callbacks>(services);
    const auto take = [&](Response (Callbacks::*method)(const Request&)) {
        return Handler{[callbacks, method](const Request& request) {
            return ((*callbacks).*method)(request);
        }};
    };
    std::vector<Route> routes;
    // Gateways that know only GET are many; what they say still changes what we know.
    for (const char* method : {"POST", "GET"}) {
        routes.push_back({method, "/callbacks/{account}/receipts", Policy::provider,
                          take(&Callbacks::receipts)});
        routes.push_back(
            {method, "/callbacks/{account}/inbound", Policy::provider, take(&Callbacks::inbound)});
    }
    routes.push_back(
        {"POST", "/callbacks/{account}/calls", Policy::provider, take(&Callbacks::calls)});
    return routes;
}

}  // namespace carillon::server
