// An HTTP provider as it is configured: the object "http" of a channel's settings.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "channels/http_callback.h"
#include "channels/http_provider.h"
#include "channels/secret_source.h"

namespace carillon::channels {

struct HttpProviderDescription {
    HttpProviderSettings provider{};  // without secrets
    SecretSource token{};             // password or token
    std::vector<std::pair<std::string, SecretSource>> secrets{};
    bool has_callbacks{false};
    CallbackConfig callbacks{};  // without the secret
    SecretSource callback_secret{};
};

// Reads the object that `outer` has under "http"; `kind` decides which places exist. Mistakes go to
// `problems`.
HttpProviderDescription parse_http_provider(base::ObjectReader& outer, const base::Json& json,
                                            base::ChannelKind kind, const std::string& folder,
                                            base::Problems& problems);

// The secrets are read here. Errors: channel.secret_missing.
base::Result<HttpProviderSettings> with_secrets(const HttpProviderDescription& description);
base::Result<CallbackConfig> make_callbacks(const HttpProviderDescription& description);

}  // namespace carillon::channels
