// Pages of letters and faxes as pictures: of a draft, and of what was sent.
#pragma once

#include "desk/office.h"

namespace carillon::desk {

struct PageChoice {
    int page{1};     // from 1
    int width{800};  // pixels
};

// Of the letter or fax that a template makes; `question` as for preview_template. Errors: those of
// a preview, page.channel (neither letter nor fax), page.unknown.
FileAnswer preview_page(Office& office, const Caller& caller, const base::Json& question,
                        const PageChoice& choice);
// Of a message as it was sent. Each look is written into the audit log. Errors: message.unknown,
// page.channel, page.unknown.
FileAnswer message_page(Office& office, const Caller& caller, std::int64_t id,
                        const PageChoice& choice);

}  // namespace carillon::desk
