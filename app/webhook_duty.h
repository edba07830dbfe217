// The thread that delivers webhooks beside sending.
#pragma once

#include <memory>
#include <thread>

#include "app/program.h"

namespace carillon::app {

// Runs from its making until its end; what is under way then is told again by the next process.
class WebhookDuty {
public:
    explicit WebhookDuty(Program& program);
    ~WebhookDuty();
    WebhookDuty(const WebhookDuty&) = delete;
    WebhookDuty& operator=(const WebhookDuty&) = delete;

private:
    class Work;
    std::unique_ptr<Work> work_;
    std::jthread thread_;  // last: joined before what it uses goes
};

}  // namespace carillon::app
