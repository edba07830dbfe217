// How the contacts of one client must change so that a file's wishes hold. Pure. Private to the
// importers.
#pragma once

#include <cstdint>
#include <vector>

#include "audience/client_row.h"
#include "audience/profile.h"

namespace carillon::audience {

struct ContactPlan {
    struct Replace {
        int number{};
        std::string address{};
        bool verified{};
    };
    struct Verdict {
        int number{};
        bool verified{};
    };
    struct Move {
        int number{};
        int priority{};
    };
    std::vector<ContactWish> inserts{};
    std::vector<Replace> replaces{};  // another address in the place of an old one
    std::vector<Move> moves{};        // an address that is known, in another place
    std::vector<Verdict> verdicts{};  // a known address of which the file says something new
    std::vector<int> deletes{};
    bool empty() const {
        return inserts.empty() && replaces.empty() && moves.empty() && verdicts.empty() &&
               deletes.empty();
    }
};

// Contacts in places the file does not speak of stay as they are. An address wished for twice keeps
// its first place.
ContactPlan plan_contacts(const std::vector<ContactInfo>& existing,
                          const std::vector<ContactWish>& wishes);

}  // namespace carillon::audience
