// The routes of this server, by what they are for. Each function is one .cpp; what a handler
// borrows must outlive the router.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "db/database.h"
#include "responses/receipts.h"
#include "scheduler/composer.h"
#include "scheduler/run_contexts.h"
#include "server/metrics.h"
#include "server/router.h"

namespace carillon::server {

// /healthz: the process answers. /readyz: so does the database. /metrics.
struct HealthServices {
    db::Database& database;
    const base::Clock& clock;
    Metrics& metrics;
    std::function<ServerCounts()> counts{};
};
std::vector<Route> health_routes(const HealthServices& services);

// What providers and diallers report: /callbacks/{account}/receipts, /inbound and /calls, where the
// account is the name of a channel. Answered 2xx only after commit. 400: malformed, 403: not signed
// as configured, 404: no such account, 409: the task is closed, 503: to be given again.
struct CallbackServices {
    db::Database& database;
    const base::Clock& clock;
    responses::Receipts& receipts;
    const scheduler::Composer& composer;  // for the keys of messages
    std::string folder{};                 // what relative paths of channels are relative to
};
std::vector<Route> callback_routes(const CallbackServices& services);

// What clients see: /u/{token} unsubscribe, /p/{token} preferences, /w/{token} an e-mail in a
// browser, /r and /r/{code} the code of a letter. GET shows and never changes what a client gets;
// POST does.
struct PublicServices {
    db::Database& database;
    const base::Clock& clock;
    const campaigns::MessageKeys& keys;
    scheduler::BankIdentity bank{};
};
std::vector<Route> public_routes(const PublicServices& services);

// The library of pictures: /i/{id}.{png|jpg|gif}, for everybody who has a mail that names one. On
// every origin that shows mails or lists pictures; asking for one leaves no trace.
struct PictureServices {
    db::Database& database;
    scheduler::BankIdentity bank{};
};
std::vector<Route> picture_routes(const PictureServices& services);

// Opens and clicks of campaigns with "tracking": /o/{token} the pixel, /c/{token}/{link} a link.
// Answered after commit; see tracking_writer.h.
struct TrackingServices;
std::vector<Route> tracking_routes(const TrackingServices& services);

}  // namespace carillon::server
