#include "base/channel_kind.h"

#include <cstdlib>

namespace carillon::base {

std::string_view name_of(ChannelKind kind) {
    switch (kind) {
        case ChannelKind::email: return "email";
        case ChannelKind::sms: return "sms";
        case ChannelKind::fax: return "fax";
        case ChannelKind::letter: return "letter";
        case ChannelKind::call: return "call";
    }
    std::abort();
}

std::string_view name_of(Purpose purpose) {
    switch (purpose) {
        case Purpose::transactional: return "transactional";
        case Purpose::service: return "service";
        case Purpose::debt: return "debt";
        case Purpose::marketing: return "marketing";
    }
    std::abort();
}

std::optional<ChannelKind> channel_kind_from(std::string_view name) {
    for (const auto kind : channel_kinds)
        if (name_of(kind) == name) return kind;
    return std::nullopt;
}

std::optional<Purpose> purpose_from(std::string_view name) {
    for (const auto purpose : purposes)
        if (name_of(purpose) == name) return purpose;
    return std::nullopt;
}

}  // namespace carillon::base
