#include "channels/provider_choice.h"

namespace carillon::channels {

std::optional<std::size_t> ProviderChoice::next(const std::vector<bool>& candidates) {
    std::optional<std::size_t> richest;
    std::int64_t paid = 0;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        if (!candidates[i]) continue;
        credit_[i] += weights_[i];
        paid += weights_[i];
        if (!richest || credit_[i] > credit_[*richest]) richest = i;
    }
    if (richest) credit_[*richest] -= paid;
    return richest;
}

}  // namespace carillon::channels
