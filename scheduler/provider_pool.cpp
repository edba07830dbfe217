#include "scheduler/provider_pool.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace carillon::scheduler {

namespace {

std::vector<int> weights_of(const channels::ProviderGroup& group) {
    std::vector<int> weights;
    for (const auto& provider : group.providers) weights.push_back(provider.weight);
    return weights;
}

}  // namespace

ProviderPool::ProviderPool(std::string name, Outlet* account)
    : name_(std::move(name)), providers_{{.outlet = account}}, choice_({1}) {}

ProviderPool::ProviderPool(const channels::ProviderGroup& group,
                           const std::vector<Outlet*>& outlets)
    : name_(group.name), grouped_(true), choice_(weights_of(group)) {
    for (std::size_t i = 0; i < outlets.size(); ++i)
        providers_.push_back({.outlet = outlets[i],
                              .weight = group.providers[i].weight,
                              .health = channels::ProviderHealth{group.health}});
}

Outlet* ProviderPool::outlet_of(base::DocumentId settings) const {
    for (const auto& provider : providers_)
        if (provider.outlet->document == settings) return provider.outlet;
    return providers_.front().outlet;
}

bool ProviderPool::is_shut(const Provider& provider, base::Steady now) const {
    return grouped_ && provider.health.state(now) != channels::Breaker::closed;
}

// A provider of a group is given what it can work on, and what its own rate lets go within three
// seconds: what waits for it could be with another one.
Windows ProviderPool::windows_of(const Provider& provider, const Windows& windows) const {
    if (!grouped_) return windows;
    constexpr std::size_t turns_ahead = 4;
    constexpr double seconds_ahead = 3;
    const auto likes = std::min<std::size_t>(provider.outlet->channel->capacity() * turns_ahead,
                                             static_cast<std::size_t>(windows.submitting));
    auto submitting = std::max(1, static_cast<int>(likes));
    if (const auto rate = provider.outlet->facts.rate_per_second; rate > 0)
        submitting = static_cast<int>(
            std::min<double>(submitting, std::max(1.0, std::ceil(rate * seconds_ahead))));
    return {std::min(windows.in_hand, 3 * submitting), submitting};
}

int ProviderPool::room_of(const Provider& provider, const Windows& windows,
                          base::Steady now) const {
    const int space = std::max(0, windows_of(provider, windows).in_hand - provider.in_hand);
    return grouped_ ? std::min(space, provider.health.takes(now)) : space;
}

int ProviderPool::room(const Windows& windows, base::Steady now) const {
    return std::accumulate(
        providers_.begin(), providers_.end(), 0,
        [&](int sum, const Provider& one) { return sum + room_of(one, windows, now); });
}

std::optional<ProviderPool::Choice> ProviderPool::choose(const ProviderWish& wish,
                                                         const Windows& windows, base::Steady now) {
    std::vector<bool> candidates(providers_.size());
    std::optional<std::size_t> avoided;
    std::optional<std::size_t> probed;
    for (std::size_t i = 0; i < providers_.size(); ++i) {
        const auto& provider = providers_[i];
        const auto& name = provider.outlet->facts.name;
        if (grouped_ && !wish.only.empty() && name != wish.only) continue;
        if (room_of(provider, windows, now) == 0) continue;
        // A message that was just refused elsewhere is no probe.
        if (!wish.avoid.empty() && is_shut(provider, now)) continue;
        if (grouped_ && name == wish.avoid) {
            avoided = i;
            continue;
        }
        candidates[i] = true;
        if (is_shut(provider, now)) probed = i;
    }
    // A probe goes at once, not when the weight of its provider has its turn.
    auto chosen = probed ? probed : choice_.next(candidates);
    if (!chosen) chosen = avoided;
    if (!chosen) return std::nullopt;
    auto& provider = providers_[*chosen];
    ++provider.in_hand;
    return Choice{*chosen, grouped_ && provider.health.take(now)};
}

void ProviderPool::give_back(const Choice& choice) {
    auto& provider = providers_[choice.provider];
    --provider.in_hand;
    provider.health.give_back(choice.probe);
}

void ProviderPool::answered(const Choice& choice, const channels::Outcome& outcome,
                            std::chrono::milliseconds latency, base::Steady now) {
    auto& provider = providers_[choice.provider];
    --provider.in_hand;
    --provider.submitting;
    provider.health.answered(channels::is_ill(outcome), latency, choice.probe, now);
}

std::optional<std::chrono::milliseconds> ProviderPool::patience(std::size_t provider) const {
    if (!grouped_) return std::nullopt;
    return providers_[provider].health.rules().latency_max;
}

void ProviderPool::overdue(std::size_t provider, std::int64_t messages, base::Steady now) {
    providers_[provider].health.overdue(messages, now);
}

std::vector<std::size_t> ProviderPool::to_recall(base::Steady now) {
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < providers_.size(); ++i) {
        if (!is_shut(providers_[i], now)) {
            providers_[i].recalled = false;
        } else if (!providers_[i].recalled && has_other(i, now)) {
            providers_[i].recalled = true;
            left.push_back(i);
        }
    }
    return left;
}

bool ProviderPool::is_full(std::size_t provider, const Windows& windows, std::size_t more) const {
    const auto& one = providers_[provider];
    return one.submitting + static_cast<int>(more) >= windows_of(one, windows).submitting;
}

bool ProviderPool::is_left(const Choice& choice, base::Steady now) const {
    return !choice.probe && is_shut(providers_[choice.provider], now);
}

bool ProviderPool::has_other(std::size_t provider, base::Steady now) const {
    for (std::size_t i = 0; i < providers_.size(); ++i)
        if (i != provider && !is_shut(providers_[i], now)) return true;
    return false;
}

std::string ProviderPool::left_out(base::Steady now) const {
    std::string words;
    for (const auto& provider : providers_)
        if (is_shut(provider, now))
            words += (words.empty() ? "" : ", ") + provider.outlet->facts.name + " (" +
                     std::string{name_of(provider.health.state(now))} + ": " +
                     provider.health.reason() + ")";
    return words;
}

}  // namespace carillon::scheduler
