#include "reports/attribution.h"

namespace carillon::reports {

std::vector<Credit> credits_of(const Facts& facts, const ClientFact& client, std::int64_t at,
                               std::int64_t window_ms, campaigns::Attribution model) {
    std::vector<Credit> credits;
    for (std::uint32_t i = 0; i < client.messages; ++i) {
        const auto& message = facts.messages[client.first_message + i];
        const bool before = message.was_sent() && message.submitted_at <= at;
        if (before && at < message.submitted_at + window_ms)
            credits.push_back({client.first_message + i, 1});
    }
    if (credits.size() < 2) return credits;
    const auto when = [&](const Credit& credit) {
        return facts.messages[credit.message].submitted_at;
    };
    auto chosen = credits.front();
    switch (model) {
        case campaigns::Attribution::linear:
            for (auto& credit : credits) credit.share = 1 / static_cast<double>(credits.size());
            return credits;
        case campaigns::Attribution::first:
            for (const auto& credit : credits)
                if (when(credit) < when(chosen)) chosen = credit;
            return {chosen};
        case campaigns::Attribution::last:
            for (const auto& credit : credits)
                if (when(credit) >= when(chosen)) chosen = credit;
            return {chosen};
    }
    return credits;
}

}  // namespace carillon::reports
