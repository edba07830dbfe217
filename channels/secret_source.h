// Where a secret is found when a channel is made. Secrets never stand in settings.
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"

namespace carillon::channels {

// An environment variable or a file (without its last line end).
struct SecretSource {
    std::string environment{};
    std::string file{};
    bool given() const { return !environment.empty() || !file.empty(); }
    // Errors: channel.secret_missing.
    base::Result<std::string> read() const;
};

// The keys NAME_env and NAME_file, of which one may be given; relative files are looked for in
// `folder`.
SecretSource read_secret_source(base::ObjectReader& reader, const std::string& name,
                                const std::string& folder);

}  // namespace carillon::channels
