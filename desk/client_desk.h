// Clients at the screen: found, shown, explained. Nobody sees a client of a branch that is not his,
// and who has no right to contacts sees them masked.
#pragma once

#include "desk/office.h"

namespace carillon::desk {

// `text`: the bank's number, part of the name, or exactly an e-mail address or telephone number.
Answer search_clients(Office& office, const Caller& caller, const PageQuery& query,
                      const std::string& text);
Answer client_card(Office& office, const Caller& caller, const std::string& client);
// Every decision about the client; with a campaign only its own, and why it has not chosen him.
Answer client_story(Office& office, const Caller& caller, const std::string& client,
                    const std::string& campaign);

}  // namespace carillon::desk
