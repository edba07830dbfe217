#include "channels/call_channel.h"

#include "base/text.h"

namespace carillon::channels {

namespace {

// What a person can take in while the telephone rings.
constexpr std::size_t script_bytes_max = 8000;

}  // namespace

void CallChannel::send(std::vector<Message> batch) {
    std::vector<Report> reports;
    reports.reserve(batch.size());
    for (const auto& message : batch) reports.push_back({message.id, Accepted{"on the call desk"}});
    sink_(std::move(reports));
}

ContentComposer call_content() {
    return [](const ContentParts& parts) -> base::Result<Payload> {
        CallPayload call;
        if (parts.text != nullptr) call.script = parts.text->flat();
        if (base::trim(call.script).empty())
            return base::fail("call.script_empty", "the script of the call is empty");
        if (call.script.size() > script_bytes_max)
            return base::fail("call.script_too_long",
                              "the script is longer than 8,000 bytes; nobody can read it out");
        call.client_name = parts.display_name;
        call.locale = parts.locale;
        call.time_zone = parts.time_zone;
        call.not_before = parts.date;
        call.not_after = parts.valid_until;
        return Payload{std::move(call)};
    };
}

}  // namespace carillon::channels
