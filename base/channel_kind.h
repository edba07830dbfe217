// The ways to reach a client, and the purposes a message may have: the vocabulary of the whole
// program.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace carillon::base {

enum class ChannelKind { email, sms, fax, letter, call };

inline constexpr std::array channel_kinds{ChannelKind::email, ChannelKind::sms, ChannelKind::fax,
                                          ChannelKind::letter, ChannelKind::call};

// What consent is asked for, and what decides lanes, caps and contact law.
// transactional: asked for by the client's own act (a card decision); never needs marketing
// consent.
enum class Purpose { transactional, service, debt, marketing };

inline constexpr std::array purposes{Purpose::transactional, Purpose::service, Purpose::debt,
                                     Purpose::marketing};

std::string_view name_of(ChannelKind kind);
std::string_view name_of(Purpose purpose);
std::optional<ChannelKind> channel_kind_from(std::string_view name);
std::optional<Purpose> purpose_from(std::string_view name);

}  // namespace carillon::base
