// How well one provider answers, and whether it may be given messages: a sliding window of answers
// behind a circuit breaker (M. Nygard, "Release It!", 2007). Pure: time is handed in. Drawn in
// docs/routing.md.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "channels/channel.h"

namespace carillon::channels {

struct HealthRules {
    std::chrono::milliseconds window{std::chrono::seconds{60}};
    double error_share_max{0.5};  // 0 .. 1; a greater share of ill answers opens
    int answers_min{20};          // fewer in the window are not judged
    // Of 95 % of the answers, from handing over to the answer, our queue for this provider
    // included; absent: not judged.
    std::optional<std::chrono::milliseconds> latency_max{};
    std::chrono::milliseconds open_for{std::chrono::seconds{30}};
    int probes{1};  // messages that must pass in half-open before all may
    bool operator==(const HealthRules&) const = default;
};

enum class Breaker { closed, open, half_open };
std::string_view name_of(Breaker breaker);

// True when the outcome says that the provider is in trouble: refused connections, time-outs,
// throttling, system errors. What is wrong with one message or address does not count.
bool is_ill(const Outcome& outcome);

struct HealthFigures {
    std::int64_t answers{};  // in the window
    std::int64_t errors{};
    // Of half and of 95 % of the answers; at most a fifth too high. Absent without answers.
    std::optional<std::chrono::milliseconds> p50{};
    std::optional<std::chrono::milliseconds> p95{};
    bool operator==(const HealthFigures&) const = default;
};

// Not thread-safe. Memory is fixed, however many answers come.
class ProviderHealth {
public:
    explicit ProviderHealth(HealthRules rules = {}) : rules_(rules) {}

    Breaker state(base::Steady now) const;
    // May one more message be given to it? In half-open only until the probes are out.
    bool may_take(base::Steady now) const { return takes(now) > 0; }
    // How many more: any number when closed.
    int takes(base::Steady now) const;

    // A message is given to it. True: as a probe; the caller says so again with its answer.
    bool take(base::Steady now);
    // The message never went to the provider.
    void give_back(bool probe);
    void answered(bool ill, std::chrono::milliseconds latency, bool probe, base::Steady now);

    // So many messages have waited for an answer longer than latency_max allows: as many as are
    // judged are as good as answers.
    void overdue(std::int64_t messages, base::Steady now);

    HealthFigures figures(base::Steady now) const;
    // Why it was opened last: "12 of 20 answers in 60 s were errors"; empty while closed.
    const std::string& reason() const { return reason_; }
    const HealthRules& rules() const { return rules_; }

private:
    static constexpr int slices = 12;
    static constexpr std::size_t bins = 84;  // four an octave, from 1 ms to half an hour
    struct Slice {
        std::int64_t number{-1};
        std::int64_t errors{};
        std::array<std::uint32_t, bins> latencies{};
    };

    std::int64_t slice_number(base::Steady now) const;
    void remember(bool ill, std::chrono::milliseconds latency, base::Steady now);
    void judge(base::Steady now);
    void open(std::string reason, base::Steady now);

    HealthRules rules_;
    std::array<Slice, slices> slices_{};
    bool closed_{true};
    base::Steady opened_at_{};
    int probes_out_{0};
    int probes_passed_{0};
    std::string reason_;
};

}  // namespace carillon::channels
