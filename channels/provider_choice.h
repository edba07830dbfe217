// Who is next: smooth weighted round robin, as nginx has it. Every candidate gains its weight, the
// richest is taken and pays for all: as long as the candidates stay the same, the shares of every
// round are exactly the weights, and no one gets its turns in a row. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace carillon::channels {

// Not thread-safe.
class ProviderChoice {
public:
    // Weights from 1.
    explicit ProviderChoice(std::vector<int> weights)
        : weights_(std::move(weights)), credit_(weights_.size()) {}

    // `candidates`: one flag for each weight. Nothing when none is set.
    std::optional<std::size_t> next(const std::vector<bool>& candidates);

private:
    std::vector<int> weights_;
    std::vector<std::int64_t> credit_;
};

}  // namespace carillon::channels
