// Mails in a Maildir (new/ and cur/), as mail servers on this machine keep them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace carillon::responses {

// Hands the mails over in batches, each with its file; those the sink has said yes to are removed.
// Answers how many. At most `mail_bytes_max` of each are read. Throws std::filesystem errors.
std::int64_t take_maildir(const std::filesystem::path& folder,
                          const std::function<bool(const std::vector<std::string>& mails)>& sink);

// The beginning of a file, or of what is piped in; nothing when it cannot be read.
std::string read_mail(std::istream& in);

}  // namespace carillon::responses
