// Which opens and clicks were made by people: rules over plain facts, so that they can be judged
// again when a rule changes. Pure.
//
// In this order: `head` (a HEAD request), `agent` (calls itself a robot, a scanner, a library, or
// nothing), `mismatch` (a link of another template than the message's), `soon` (before a person
// could have read it), `burst` (several links of one message almost at once: a scanner), `network`
// (clicks on the links of many messages from one network almost at once: a gateway); else `person`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"

namespace carillon::responses {

struct TrackingFact {
    std::int64_t id{};
    base::MessageId message{};
    base::DocumentId link_template{};  // 0: the pixel
    int link{};                        // 0: the pixel
    base::Instant at{};
    std::string method{};
    std::string network{};
    std::string agent{};
    std::optional<base::Instant> submitted_at{};
    std::optional<base::DocumentId> message_template{};
};

struct RobotRules {
    std::chrono::seconds too_soon{3};  // after the message was handed over
    std::chrono::seconds burst_time{2};
    int burst_links{3};  // different links of one message
    std::chrono::seconds network_time{60};
    int network_messages{20};  // different messages clicked
};

bool is_robot_agent(std::string_view agent);

// A verdict for each fact; `facts` in the order of their time. A fact is judged beside its
// neighbours, so give some before and after those that count.
std::vector<std::string_view> judge(const std::vector<TrackingFact>& facts,
                                    const RobotRules& rules);

}  // namespace carillon::responses
