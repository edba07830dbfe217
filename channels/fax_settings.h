// A fax channel as it is configured: one JSON object, all mistakes at once with their JSON paths.
// Published as docs/schema/fax-channel.schema.json. All transports may be described; `transport`
// chooses.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/json.h"
#include "channels/channel.h"
#include "channels/fax_channel.h"
#include "channels/fax_mail_channel.h"
#include "channels/fax_pages.h"
#include "channels/http_settings.h"
#include "channels/paper_file_channel.h"
#include "channels/settings.h"

namespace carillon::channels {

// file is the sandbox: nothing leaves the machine.
enum class FaxTransport { file, hfaxd, email, http };

struct FaxSettings {
    std::string name{};
    FaxTransport transport{FaxTransport::file};
    PaperFileSettings file{};
    FaxChannelSettings hfaxd{};  // without the password
    SecretSource password{};
    FaxMailSettings gateway{};
    std::optional<ChannelSettings> email{};         // what goes to the gateway is sent with
    std::optional<HttpProviderDescription> http{};  // a fax service with an HTTP interface
    FaxComposerSettings composer{};
    std::int64_t cost_per_page_minor{0};
};

// `folder`: what relative paths are relative to.
tl::expected<FaxSettings, base::Problems> parse_fax_settings(const base::Json& json,
                                                             const std::filesystem::path& folder);

// `clock` is borrowed. Errors: channel.secret_missing, fax.folder_*, tls.*, dkim.*, http.library,
// channel.key_unreadable.
base::Result<std::unique_ptr<Channel>> make_fax_channel(const FaxSettings& settings,
                                                        const base::Clock& clock,
                                                        ChannelSinks sinks);

}  // namespace carillon::channels
