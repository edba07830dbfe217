// What a hostile mail may cost the parser behind us is decided here, by counting lines before it
// sees any: a copy of the mail without what is beyond the limits. Ordinary mail passes unchanged.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace carillon::responses {

struct MailLimits {
    std::size_t bytes_max{2 * 1024 * 1024};  // what follows is not looked at
    std::size_t boundaries_max{200};         // lines that begin with "--"
    std::size_t containers_max{40};          // multipart and message parts: the depth
    std::size_t fields_max{200};             // in one paragraph of fields
    std::size_t fields_in_all_max{10'000};   // lines that look like fields, bodies included
    std::size_t field_bytes_max{8 * 1024};   // one field with its continuation lines
    std::size_t addresses_max{60};           // From, To, Cc ... in the whole mail
};

struct TamedMail {
    std::string bytes{};
    bool cut{false};  // something was left out
};

// Linear. A first line "From " of mailbox files is left out too.
TamedMail tame(std::string_view mail, const MailLimits& limits = {});

}  // namespace carillon::responses
