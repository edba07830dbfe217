// From what a centre answered to the parts of one message to the outcome of the message: the one
// table. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "channels/channel.h"

namespace carillon::channels {

// What a status of submit_sm_resp means for us.
enum class SmppVerdict {
    accepted,
    throttled,      // we are too fast; nothing is wrong with the message
    busy,           // full or out of order for now
    misconfigured,  // about our account, not the client
    rejected,       // this message will never be taken
    bad_address     // this number does not exist
};
// Centres have statuses of their own (0x400 and above): what they mean is configured.
using SmppVerdicts = std::map<std::uint32_t, SmppVerdict>;
SmppVerdict verdict_of(std::uint32_t status, const SmppVerdicts& configured);

// How far one part has come.
struct SmppPartFate {
    enum class State { waiting, in_flight, accepted, refused, uncertain, not_sent };
    State state{State::waiting};
    std::uint32_t status{};
    SmppVerdict verdict{SmppVerdict::accepted};
    std::string message_id{};  // as receipts have it
    std::string raw_id{};      // as the centre wrote it
};

// Every part is settled (neither waiting nor in flight).
// - all accepted: Accepted
// - any uncertain: Uncertain
// - none accepted: Rejected when one was refused for good, Deferred otherwise
// - some accepted, one refused for good: Rejected. It was paid for in part and cannot be read, but
//   sending it again would end the same way and pay again
// - some accepted, the rest refused for now or never sent: Uncertain. Sending it again would repeat
//   the parts that are there
Outcome smpp_outcome(const std::vector<SmppPartFate>& parts, const std::string& why_not_sent,
                     std::chrono::milliseconds retry_after);

}  // namespace carillon::channels
