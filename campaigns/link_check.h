// Links that cannot work, as far as that is known without asking for them: nothing is fetched.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "templates/document.h"

namespace carillon::campaigns {

// What is wrong, in words that follow "the link '...'": "leads nowhere"; "" when nothing is. An
// address that begins with a merge field is not judged, and of one that has a field in it only what
// stands before. Names that only examples have: RFC 2606 and RFC 6761.
std::string_view fault_of_link(std::string_view link);

struct FaultyLink {
    std::string link{};
    std::string_view fault{};
    bool operator==(const FaultyLink&) const = default;
};
// Of the <a> of the HTML and of the web addresses in the text; each link once.
std::vector<FaultyLink> faulty_links(const templates::LocalizedParts& parts);

}  // namespace carillon::campaigns
