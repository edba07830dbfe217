// DKIM signatures (RFC 6376, relaxed/relaxed) with RSA-SHA256 and Ed25519-SHA256 (RFC 8463).
// Both algorithms are deterministic, so a message composed again carries the same signature.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace carillon::channels {

// Immutable, cheap to copy, safe from several threads.
class DkimSigner {
public:
    struct Identity {
        std::string domain{};    // d=
        std::string selector{};  // s=
    };

    // `private_key_pem`: RSA of at least 1024 bits (2048 recommended) or Ed25519.
    // Errors: dkim.key_invalid, dkim.identity_invalid.
    static base::Result<DkimSigner> create(Identity identity, std::string_view private_key_pem);

    // The whole DKIM-Signature field with its CRLF, to be put before `message` (CRLF lines).
    std::string sign(std::string_view message, base::Instant when) const;

    // b= for a field written up to and including "b=": what a verifier recomputes. For tests with
    // published vectors; `names` are the fields of h= in order.
    std::string signature_of(std::string_view message, const std::vector<std::string>& names,
                             std::string_view field) const;

    // The TXT record to publish at <selector>._domainkey.<domain>.
    std::string dns_record() const;
    const Identity& identity() const { return identity_; }

private:
    struct Key;
    DkimSigner(Identity identity, std::shared_ptr<const Key> key)
        : identity_(std::move(identity)), key_(std::move(key)) {}

    Identity identity_;
    std::shared_ptr<const Key> key_;  // shared: copies of a signer use one key
};

// bh=: SHA-256 of the relaxed body (RFC 6376 section 3.4.4) in base64.
std::string dkim_body_hash(std::string_view body);

}  // namespace carillon::channels
