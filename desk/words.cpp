#include "desk/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/quoted_contacts.h"
#include "base/text.h"

namespace carillon::desk {

std::string in_words(std::string_view reason) {
    static const std::map<std::string_view, std::string_view> words{
        {"no_contact", "there is no address for this channel"},
        {"contact_invalid", "the address is known to be bad"},
        {"no_consent", "there is no consent for this channel and purpose"},
        {"suppressed_address", "the address is on the suppression list"},
        {"suppressed_client", "the client is on the suppression list"},
        {"excluded", "the client is in an excluded segment"},
        {"language", "the campaign has no text in the client's language"},
        {"same_address", "another client at the same address gets it"},
        {"quiet_hours", "it was outside the hours in which the client may be contacted"},
        {"capped", "the client has been contacted as often as allowed"},
        {"too_late", "its time had passed"},
        {"no_longer_in_segment", "the reason went away (no longer in the segment)"},
        {"campaign_cancelled", "the campaign was cancelled"},
        {"cancelled_by_hand", "a person cancelled it"},
        {"called_back", "a person called it back before it went on"},
        {"responded", "the client had responded"},
        {"delivered_before", "the step before had arrived"},
        {"no_usable_channel", "none of the step's channels may be used"},
        {"no_channel_left", "no channel of the step is left to try"}};
    const auto known = words.find(reason);
    return std::string{known == words.end() ? reason : known->second};
}

std::string route_in_words(std::string_view route) {
    if (route.empty()) return {};
    if (route == "preferred") return "; the client prefers this channel";
    std::string words;
    for (const auto part : base::split(route, ',')) {
        const auto entry = base::trim(part);
        const auto space = entry.find(' ');
        const auto reason = entry.substr(std::min(space + 1, entry.size()));
        words +=
            fmt::format("{} {} ({})", words.empty() ? "; not" : ", not", entry.substr(0, space),
                        reason == "tried" ? "tried before" : in_words(reason));
    }
    return words;
}

std::string masked(std::string_view address, base::ChannelKind channel) {
    if (address.empty()) return {};
    if (channel == base::ChannelKind::email) {
        const auto at = address.rfind('@');
        if (at == std::string_view::npos) return "***";
        return base::cut_utf8(address.substr(0, at), 1) + "***" + std::string{address.substr(at)};
    }
    if (channel == base::ChannelKind::letter) return "***";
    // A number: country and the last two digits.
    if (address.size() < 8) return "***";
    return std::string{address.substr(0, 2)} + std::string(address.size() - 4, '*') +
           std::string{address.substr(address.size() - 2)};
}

std::string reference_masked(std::string_view reference, std::string_view address) {
    if (address.starts_with('+')) address.remove_prefix(1);
    const bool names_somebody =
        reference.find('@') != std::string_view::npos ||
        (!address.empty() && reference.find(address) != std::string_view::npos);
    return names_somebody ? base::without_contacts(reference) : std::string{reference};
}

}  // namespace carillon::desk
