#include "campaigns/message_state.h"

#include <algorithm>

namespace carillon::campaigns {

std::optional<MessageState> message_state_from(std::string_view name) {
    const auto found =
        std::ranges::find(message_states, name, [](MessageState state) { return name_of(state); });
    if (found == message_states.end()) return std::nullopt;
    return *found;
}

}  // namespace carillon::campaigns
