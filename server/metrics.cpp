#include "server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <tuple>

namespace carillon::server {

struct Metrics::Families {
    prometheus::Registry registry{};
    prometheus::Family<prometheus::Counter>& requests =
        prometheus::BuildCounter()
            .Name("carillon_http_requests_total")
            .Help("Requests answered, by route, method and status")
            .Register(registry);
    prometheus::Family<prometheus::Histogram>& seconds =
        prometheus::BuildHistogram()
            .Name("carillon_http_request_seconds")
            .Help("From the whole request to its answer, by route")
            .Register(registry);

    // Looking a series up by its labels costs more than a request, so each is looked up once.
    struct Series {
        prometheus::Counter* requests{};
        prometheus::Histogram* seconds{};
    };
    std::mutex mutex{};
    std::map<std::tuple<std::string_view, int, std::string>, Series> known{};
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::count(const Access& access) {
    static const prometheus::Histogram::BucketBoundaries limits{
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};
    Families::Series series;
    {
        const std::scoped_lock lock{families_->mutex};
        auto& known = families_->known[{access.pattern, access.status, std::string{access.method}}];
        if (known.requests == nullptr) {
            const std::string route{access.pattern};
            known.requests = &families_->requests.Add({{"route", route},
                                                       {"method", std::string{access.method}},
                                                       {"status", std::to_string(access.status)}});
            known.seconds = &families_->seconds.Add({{"route", route}}, limits);
        }
        series = known;
    }
    series.requests->Increment();
    series.seconds->Observe(std::chrono::duration<double>(access.took).count());
}

std::string Metrics::text(const std::vector<Gauge>& gauges) {
    prometheus::Registry now;
    for (const auto& gauge : gauges) {
        prometheus::Labels labels;
        for (const auto& [name, value] : gauge.labels) labels.emplace(name, value);
        prometheus::BuildGauge()
            .Name(gauge.name)
            .Help(gauge.help)
            .Register(now)
            .Add(labels)
            .Set(gauge.value);
    }
    auto families = families_->registry.Collect();
    for (auto& family : now.Collect()) families.push_back(std::move(family));
    return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace carillon::server
