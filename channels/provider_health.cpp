#include "channels/provider_health.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace carillon::channels {

namespace {

using std::chrono::milliseconds;

constexpr int bins_of_octave = 4;

std::size_t bin_of(milliseconds latency, std::size_t bins) {
    const auto millis = std::max<double>(1, static_cast<double>(latency.count()));
    return std::min(static_cast<std::size_t>(bins_of_octave * std::log2(millis)), bins - 1);
}

milliseconds upper_edge(std::size_t bin) {
    return milliseconds{
        std::llround(std::exp2(static_cast<double>(bin + 1) / double{bins_of_octave}))};
}

std::string seconds_text(milliseconds time) {
    const auto millis = time.count();
    return millis % 1000 == 0 ? std::to_string(millis / 1000) + " s"
                              : std::to_string(millis) + " ms";
}

}  // namespace

std::string_view name_of(Breaker breaker) {
    switch (breaker) {
        case Breaker::closed: return "closed";
        case Breaker::open: return "open";
        case Breaker::half_open: return "half_open";
    }
    return {};
}

bool is_ill(const Outcome& outcome) {
    if (std::holds_alternative<Uncertain>(outcome)) return true;
    const auto* deferred = std::get_if<Deferred>(&outcome);
    return deferred != nullptr && !deferred->provider_is_well;
}

Breaker ProviderHealth::state(base::Steady now) const {
    if (closed_) return Breaker::closed;
    return now - opened_at_ < rules_.open_for ? Breaker::open : Breaker::half_open;
}

int ProviderHealth::takes(base::Steady now) const {
    switch (state(now)) {
        case Breaker::closed: return std::numeric_limits<int>::max();
        case Breaker::open: return 0;
        case Breaker::half_open: return std::max(0, rules_.probes - probes_passed_ - probes_out_);
    }
    return 0;
}

bool ProviderHealth::take(base::Steady now) {
    const bool probe = state(now) != Breaker::closed;
    if (probe) ++probes_out_;
    return probe;
}

void ProviderHealth::give_back(bool probe) {
    if (probe) --probes_out_;
}

void ProviderHealth::answered(bool ill, milliseconds latency, bool probe, base::Steady now) {
    const auto before = state(now);
    remember(ill, latency, now);
    if (probe) --probes_out_;
    if (before == Breaker::closed) {
        judge(now);
    } else if (before == Breaker::half_open && probe) {
        if (ill) return open("the probe failed", now);
        if (++probes_passed_ < rules_.probes) return;
        closed_ = true;
        reason_.clear();
        slices_ = {};  // what was wrong before must not open it again
    }
}

void ProviderHealth::overdue(std::int64_t messages, base::Steady now) {
    if (!rules_.latency_max || !closed_ || messages < std::max(rules_.answers_min, 1)) return;
    open(std::to_string(messages) + " messages wait longer than " +
             seconds_text(*rules_.latency_max) + " for an answer",
         now);
}

std::int64_t ProviderHealth::slice_number(base::Steady now) const {
    return now.time_since_epoch() / std::max<milliseconds>(rules_.window / slices, milliseconds{1});
}

void ProviderHealth::remember(bool ill, milliseconds latency, base::Steady now) {
    const auto number = slice_number(now);
    auto& slice = slices_[static_cast<std::size_t>(number % slices)];
    if (slice.number != number) slice = {.number = number};
    slice.errors += ill ? 1 : 0;
    ++slice.latencies[bin_of(latency, bins)];
}

void ProviderHealth::judge(base::Steady now) {
    const auto seen = figures(now);
    if (seen.answers < rules_.answers_min || seen.answers == 0) return;
    const auto share = static_cast<double>(seen.errors) / static_cast<double>(seen.answers);
    if (share > rules_.error_share_max)
        return open(std::to_string(seen.errors) + " of " + std::to_string(seen.answers) +
                        " answers in " + seconds_text(rules_.window) + " were errors",
                    now);
    if (rules_.latency_max && *seen.p95 > *rules_.latency_max)
        open("95 % of the answers took up to " + seconds_text(*seen.p95), now);
}

void ProviderHealth::open(std::string reason, base::Steady now) {
    closed_ = false;
    opened_at_ = now;
    probes_passed_ = 0;
    reason_ = std::move(reason);
}

HealthFigures ProviderHealth::figures(base::Steady now) const {
    const auto newest = slice_number(now);
    HealthFigures seen;
    std::array<std::int64_t, bins> latencies{};
    for (const auto& slice : slices_) {
        if (slice.number <= newest - slices || slice.number > newest) continue;
        seen.errors += slice.errors;
        for (std::size_t i = 0; i < bins; ++i) latencies[i] += slice.latencies[i];
    }
    for (const auto count : latencies) seen.answers += count;
    if (seen.answers == 0) return seen;
    const auto quantile = [&](std::int64_t percent) {
        const auto wanted = (seen.answers * percent + 99) / 100;
        std::int64_t passed = 0;
        std::size_t bin = 0;
        while ((passed += latencies[bin]) < wanted) ++bin;
        return upper_edge(bin);
    };
    seen.p50 = quantile(50);
    seen.p95 = quantile(95);
    return seen;
}

}  // namespace carillon::channels
