// Whether the certificates a server has shown are to be trusted, for libraries whose own check
// cannot be told which authority to ask (libcups). RFC 5280, names by RFC 6125.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace carillon::channels {

// `der`: the server's own first, then those of its authorities. `host`: a name or an IP address.
// `ca_file`: PEM; empty: the authorities the system trusts. Safe from several threads.
// Errors: tls.certificate_refused, tls.ca_unreadable.
base::Result<void> check_certificates(const std::vector<std::string>& der, const std::string& host,
                                      const std::string& ca_file);

}  // namespace carillon::channels
