// Received faxes and notices about sent ones, as the two scripts of packaging/hylafax leave them in
// folders. Files are removed once what they say is stored for good; what cannot be read is put
// aside in `rejects`. For one thread at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "channels/channel.h"
#include "channels/fax_job.h"

namespace carillon::channels {

// What the script said of a received fax.
struct ReceivedFax {
    std::string file{};           // name of the TIFF beside it
    std::string communication{};  // HylaFAX's number of the call
    std::string caller{};         // the line's caller id; may be empty
    std::string station{};        // what the sending machine calls itself (CSI); may be anything
    std::string received{};       // local time of the server, as printed
    std::string error{};          // not empty: the call broke off
};
// Nothing when it names no file, or one that is not beside it.
std::optional<ReceivedFax> parse_received_fax(std::string_view text);

// The sender as E.164, from the caller id or, where there is none, from the station; what is no
// number stays as it is. `region`: what national numbers are read in.
std::string sender_of(const ReceivedFax& fax, std::string_view region);

// Hands every complete fax of the folder over, oldest name first.
void take_received_faxes(const std::filesystem::path& folder, std::string_view region,
                         const InboundSink& sink);

// Hands every notice over; a notice stays while `take` returns false.
void take_fax_notices(const std::filesystem::path& folder,
                      const std::function<bool(const FaxJob&)>& take);

}  // namespace carillon::channels
