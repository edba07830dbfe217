// Any channel from its settings: the one place that knows which kinds and transports exist.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <variant>

#include "base/clock.h"
#include "base/json.h"
#include "channels/channel.h"
#include "channels/content.h"
#include "channels/fax_settings.h"
#include "channels/http_callback.h"
#include "channels/letter_settings.h"
#include "channels/provider_group.h"
#include "channels/settings.h"
#include "channels/sms_settings.h"

namespace carillon::channels {

// What a campaign needs to know of a channel without opening it.
struct ChannelFacts {
    std::string name{};
    base::ChannelKind kind{};
    double rate_per_second{};  // 0: no limit of ours
    std::int64_t
        cost_per_unit_minor{};  // unit: e-mail, part of an SMS, page of a fax, letter, call
};

// Settings that have been checked, not yet opened.
struct CallSettings {
    std::string name{};
    std::int64_t cost_per_call_minor{};
    bool has_callbacks{false};  // a dialler reports how calls ended, signed
    CallbackGuard guard{.kind = CallbackGuard::Kind::hmac_sha256};  // without the secret
    SecretSource callback_secret{};
};
using AnySettings = std::variant<ChannelSettings, SmsChannelSettings, FaxSettings,
                                 LetterChannelSettings, CallSettings, ProviderGroup>;
struct ChannelConfig {
    ChannelFacts facts{};
    AnySettings settings{};
};

// All mistakes at once, each with its JSON path. `folder`: what relative paths are relative to.
tl::expected<ChannelConfig, base::Problems> parse_channel(const base::Json& json,
                                                          const std::filesystem::path& folder);

struct OpenedChannel {
    std::unique_ptr<Channel> channel{};
    ContentComposer compose{};
    ChannelFacts facts{};
};

struct OpenOptions {
    std::string installation_key{};  // for tokens, where the channel names no key of its own
    bool durable{true};              // false: file channels need not survive a power cut
};

// What makes the content alone: nothing is connected to. Errors: those of open_channel that are not
// of the adapters.
base::Result<ContentComposer> open_composer(const ChannelConfig& config,
                                            const OpenOptions& options);

// Who may report to us by HTTP in this channel's name, and what the reports mean; nothing when the
// channel hears nobody. Errors: channel.secret_missing.
base::Result<std::optional<CallbackConfig>> callbacks_of(const ChannelConfig& config);

// `clock` is borrowed and outlives the channel. Errors: channel.secret_missing, tls.*, dkim.* and
// those of the adapters; channel.is_group: its providers are opened one by one.
base::Result<OpenedChannel> open_channel(const ChannelConfig& config, const base::Clock& clock,
                                         ChannelSinks sinks, const OpenOptions& options);

}  // namespace carillon::channels
