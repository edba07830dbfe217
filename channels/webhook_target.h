// Where a webhook may point: a pure check of the URL when it is registered, and of every address
// before it is connected to, so that a name which is made to resolve differently later
// reaches nothing inside the house (SSRF, OWASP). Ranges: IANA special-purpose registries (RFC
// 6890).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace carillon::channels {

struct WebhookRules {
    bool allow_http{false};     // without TLS
    bool allow_private{false};  // loopback, private and link-local targets
};

// Is this a public address? 4 bytes (IPv4) or 16 (IPv6), network order; addresses that carry an
// IPv4 one inside (mapped, 6to4, NAT64) are judged by it. Any other size: no.
bool is_public_address(std::span<const unsigned char> bytes);
// The same for an address as text; a name is not one and passes, it is looked at when it is
// resolved.
bool may_name_host(std::string_view host);

// Errors: webhook.url with what was expected.
base::Result<void> check_webhook_url(std::string_view url, const WebhookRules& rules);

}  // namespace carillon::channels
