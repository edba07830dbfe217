#include "app/side_front.h"

namespace carillon::app {

base::Result<std::unique_ptr<SideFront>> SideFront::start(server::HttpServerSettings settings,
                                                          server::RouterSettings routing,
                                                          std::vector<server::Route> routes,
                                                          const base::Clock& clock,
                                                          server::OnAccess on_access) {
    std::unique_ptr<SideFront> front{
        new SideFront{std::move(routes), std::move(routing), std::move(on_access)}};
    auto started = server::HttpServer::start(
        std::move(settings), clock,
        [&router = front->router_](server::Request request, server::Responder responder) {
            router.dispatch(std::move(request), std::move(responder));
        },
        [](int status) { return server::problem(status); });
    if (!started) return base::fail(started.error());
    front->server_ = std::move(*started);
    return front;
}

}  // namespace carillon::app
