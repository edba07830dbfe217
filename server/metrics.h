// What Prometheus scrapes: requests by route, and what the caller of text() adds at that moment.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/router.h"

namespace carillon::server {

struct Gauge {
    std::string name{};
    std::string help{};
    std::vector<std::pair<std::string, std::string>> labels{};
    double value{};
};

// Safe from several threads.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    void count(const Access& access);
    // The exposition format, version 0.0.4.
    std::string text(const std::vector<Gauge>& gauges);

private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace carillon::server
