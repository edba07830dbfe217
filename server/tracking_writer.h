// Opens and clicks on their way into the database: one thread writes whatever has come since its
// last commit, and answers after the commit. While it commits, the next batch gathers.
#pragma once

#include <memory>

#include "base/clock.h"
#include "campaigns/message_keys.h"
#include "db/database.h"
#include "server/metrics.h"
#include "server/router.h"

namespace carillon::server {

struct TrackingServices {
    db::Database& database;
    const base::Clock& clock;
    const campaigns::MessageKeys& keys;
    Metrics& metrics;
};

// Safe from several threads.
class TrackingWriter {
public:
    struct Hit {
        base::MessageId message{};
        base::DocumentId link_template{};  // 0: the pixel
        int link{};
        bool head{};
        std::string peer{};
        std::string agent{};
        Responder responder;
        base::Steady started{};
    };

    explicit TrackingWriter(const TrackingServices& services);
    ~TrackingWriter();  // writes what has come
    TrackingWriter(const TrackingWriter&) = delete;
    TrackingWriter& operator=(const TrackingWriter&) = delete;

    // Answered 200 or 302 after commit, 404 for a link that the template does not have, 503 when
    // the database does not take it or too many wait.
    void push(Hit hit);

private:
    class Thread;
    std::unique_ptr<Thread> thread_;
};

}  // namespace carillon::server
