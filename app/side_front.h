// A listener beside the main one, with routes of its own: an origin that shares no address with
// the API (previews, public pages).
#pragma once

#include <memory>
#include <vector>

#include "server/http_server.h"
#include "server/router.h"

namespace carillon::app {

class SideFront {
public:
    // Listens when this returns. What the routes borrow outlives it. Errors: those of
    // HttpServer::start.
    static base::Result<std::unique_ptr<SideFront>> start(server::HttpServerSettings settings,
                                                          server::RouterSettings routing,
                                                          std::vector<server::Route> routes,
                                                          const base::Clock& clock,
                                                          server::OnAccess on_access);

    int port() const { return server_->port(); }
    void stop(std::chrono::milliseconds patience) { server_->stop(patience); }

private:
    SideFront(std::vector<server::Route> routes, server::RouterSettings routing,
              server::OnAccess on_access)
        : router_(std::move(routes), std::move(routing), std::move(on_access)) {}

    server::Router router_;
    std::unique_ptr<server::HttpServer> server_;
};

}  // namespace carillon::app
