// A channel of short messages as it is configured: one JSON object, all mistakes reported at once
// with their JSON paths. Published as docs/schema/sms-channel.schema.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "channels/channel.h"
#include "channels/file_channel.h"
#include "channels/http_settings.h"
#include "channels/secret_source.h"
#include "channels/smpp_channel.h"
#include "channels/sms_composer.h"

namespace carillon::channels {

// file is the sandbox: nothing leaves the machine.
enum class SmsTransport { file, smpp, http };

struct SmsChannelSettings {
    std::string name{};
    SmsTransport transport{SmsTransport::file};
    SmsComposerSettings composer{};
    FileChannelSettings file{};
    SmppSettings smpp{};      // without the password
    SecretSource password{};  // of smpp
    HttpProviderDescription http{};
    std::int64_t cost_per_part_minor{0};
};

// `folder`: what relative paths are relative to. All transports may be described; `transport`
// chooses.
tl::expected<SmsChannelSettings, base::Problems> parse_sms_settings(
    const base::Json& json, const std::filesystem::path& folder);

// `clock` is borrowed. Errors: channel.secret_missing, tls.*.
base::Result<std::unique_ptr<Channel>> make_sms_channel(const SmsChannelSettings& settings,
                                                        const base::Clock& clock,
                                                        ChannelSinks sinks);

// Errors: sms.sender_invalid.
base::Result<SmsComposer> make_sms_composer(const SmsChannelSettings& settings);

}  // namespace carillon::channels
