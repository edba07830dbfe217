#include "channels/smpp_outcome.h"

#include <algorithm>

#include "channels/smpp_pdu.h"

namespace carillon::channels {

namespace {

using State = SmppPartFate::State;

bool is_final(SmppVerdict verdict) {
    return verdict == SmppVerdict::rejected || verdict == SmppVerdict::bad_address;
}

std::string counted(std::size_t some, std::size_t all) {
    return std::to_string(some) + " of " + std::to_string(all) + " parts";
}

Accepted accepted(const std::vector<SmppPartFate>& parts) {
    Accepted out{.units = static_cast<int>(parts.size())};
    for (const auto& part : parts) {
        if (!part.message_id.empty()) out.receipt_refs.push_back(part.message_id);
        if (!part.raw_id.empty())
            out.provider_ref += (out.provider_ref.empty() ? "" : " ") + part.raw_id;
    }
    return out;
}

Outcome refused(const SmppPartFate& part, std::chrono::milliseconds retry_after) {
    auto reason = smpp_status_text(part.status);
    switch (part.verdict) {
        case SmppVerdict::throttled:
            return Deferred{
                .reason = reason, .consumed_attempt = false, .retry_after = retry_after};
        case SmppVerdict::accepted:
        case SmppVerdict::busy:
            return Deferred{.reason = reason, .consumed_attempt = true, .retry_after = retry_after};
        case SmppVerdict::misconfigured:
            return Deferred{.reason = reason, .consumed_attempt = false, .retry_after = {}};
        case SmppVerdict::rejected: return Rejected{.reason = reason, .address_is_bad = false};
        case SmppVerdict::bad_address: return Rejected{.reason = reason, .address_is_bad = true};
    }
    return Uncertain{reason};
}

}  // namespace

SmppVerdict verdict_of(std::uint32_t status, const SmppVerdicts& configured) {
    if (const auto own = configured.find(status); own != configured.end()) return own->second;
    switch (status) {
        case smpp_status::ok: return SmppVerdict::accepted;
        case smpp_status::throttled: return SmppVerdict::throttled;
        case smpp_status::invalid_address: return SmppVerdict::bad_address;
        case smpp_status::bad_bind_state:
        case smpp_status::already_bound:
        case smpp_status::invalid_command:
        case smpp_status::bind_failed:
        case smpp_status::invalid_password:
        case smpp_status::invalid_user:
        case 0x15:  // ESME_RINVSERTYP
        case 0x48:  // ESME_RINVSRCTON
        case 0x49:  // ESME_RINVSRCNPI
        case 0x50:  // ESME_RINVDSTTON
        case 0x51:  // ESME_RINVDSTNPI
        case 0x53:  // ESME_RINVSYSTYP
            return SmppVerdict::misconfigured;
        case smpp_status::system_error:
        case smpp_status::queue_full:
        case smpp_status::temporary_error:
        case 0x45:  // ESME_RSUBMITFAIL: centres use it for whatever went wrong
        case 0xFE:  // ESME_RDELIVERYFAILURE
        case 0xFF:  // ESME_RUNKNOWNERR
            return SmppVerdict::busy;
        default: break;
    }
    // A status nobody here knows: tried again a few times, for it may be anything.
    constexpr std::uint32_t vendors_begin = 0x400;
    return status >= vendors_begin ? SmppVerdict::busy : SmppVerdict::rejected;
}

Outcome smpp_outcome(const std::vector<SmppPartFate>& parts, const std::string& why_not_sent,
                     std::chrono::milliseconds retry_after) {
    const auto count = [&](State state) {
        return static_cast<std::size_t>(std::ranges::count(parts, state, &SmppPartFate::state));
    };
    const auto taken = count(State::accepted);
    if (taken == parts.size()) return accepted(parts);
    if (const auto silent = count(State::uncertain); silent > 0)
        return Uncertain{"no answer to " + counted(silent, parts.size()) +
                         (why_not_sent.empty() ? "" : ": " + why_not_sent)};
    const auto worst = std::ranges::find_if(parts, [](const SmppPartFate& part) {
        return part.state == State::refused && is_final(part.verdict);
    });
    if (worst != parts.end()) {
        if (taken == 0) return refused(*worst, retry_after);
        return Rejected{.reason = smpp_status_text(worst->status) + "; " +
                                  counted(taken, parts.size()) + " had been accepted"};
    }
    if (taken > 0) return Uncertain{"only " + counted(taken, parts.size()) + " were accepted"};
    const auto first = std::ranges::find(parts, State::refused, &SmppPartFate::state);
    if (first != parts.end()) return refused(*first, retry_after);
    return Deferred{.reason = why_not_sent, .consumed_attempt = false, .retry_after = {}};
}

}  // namespace carillon::channels
