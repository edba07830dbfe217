// From rendered text to what a channel sends: one function for every kind of channel, so that
// whoever dispatches messages need not know which kind it is.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/channel_kind.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/pieces.h"
#include "channels/channel.h"

namespace carillon::channels {

// One rendered message and what surrounds it. Borrowed for the call. The same parts give the same
// payload, always.
struct ContentParts {
    base::MessageId id{};
    std::string_view key{};
    std::string_view address{};  // of the channel's kind
    std::string_view display_name{};
    std::string_view locale{};
    std::string_view time_zone{};  // IANA; empty: unknown
    base::Purpose purpose{base::Purpose::marketing};
    std::string_view subject{};
    const base::Pieces* text{};  // nullptr: the template has no such part
    const base::Pieces* html{};
    base::Instant date{};  // of the first attempt, so that a repeated one makes the same message
    std::optional<base::Instant> valid_until{};
    std::string_view unsubscribe_url{};  // empty: none
    std::string_view response_code{};    // short, keyed: what a client types or reads out
    std::string_view response_url{};     // where the code leads
};

// Immutable, safe from several threads. Errors are those of the channel's composer.
using ContentComposer = std::function<base::Result<Payload>(const ContentParts& parts)>;

}  // namespace carillon::channels
