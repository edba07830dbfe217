// Every decision about one client, in order, in words: what `carillon explain` and the client's
// card tell.
#pragma once

#include <string>
#include <vector>

#include "audience/segment_evaluator.h"
#include "desk/office.h"

namespace carillon::desk {

struct StoryLine {
    base::Instant at{};
    std::string campaign{};  // empty: about the client as such
    std::string text{};
};

struct Story {
    std::vector<StoryLine> lines{};        // by time
    std::vector<std::string> campaigns{};  // that have a row for the client
};

// `only`: of this campaign; "" is all of them. `full`: addresses as they are, else masked.
Story tell_story(db::Connection& connection, base::ClientId client, const std::string& external_id,
                 const std::string& only, bool full = true);

// The rules of the campaign's segment, each with whether the client meets it and what the client
// has.
std::vector<std::string> why_not_chosen(db::Connection& connection, base::ClientId client,
                                        std::string_view campaign, base::Instant now);

// One line a rule, indented by depth: "+ value_class is top (value_class standard)".
std::vector<std::string> lines_of(const std::vector<audience::Explanation>& explanations);

}  // namespace carillon::desk
