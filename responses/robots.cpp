#include "responses/robots.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace carillon::responses {

namespace {

// Lower case. What mail gateways, link checkers and libraries call themselves.
constexpr std::array<std::string_view, 27> robot_words{
    "bot",        "crawl",       "spider",     "scan",       "preview",  "curl/",      "wget/",
    "python",     "java/",       "go-http",    "okhttp",     "libwww",   "httpclient", "headless",
    "phantomjs",  "barracuda",   "proofpoint", "mimecast",   "symantec", "ironport",   "safelinks",
    "urldefense", "bitdefender", "kaspersky",  "trendmicro", "sophos",   "monitor"};

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// For each fact whether at least `many` different values lie within `span` of it, among facts of
// one group. A fact counts when any window that holds it is full.
template <class Group, class Value>
std::vector<bool> crowded(const std::vector<TrackingFact>& facts, std::chrono::milliseconds span,
                          int many, Group group_of, Value value_of) {
    std::map<decltype(group_of(facts[0])), std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < facts.size(); ++i)
        if (facts[i].link != 0) groups[group_of(facts[i])].push_back(i);
    std::vector<bool> found(facts.size(), false);
    for (const auto& [group, members] : groups) {
        std::map<decltype(value_of(facts[0])), int> seen;
        std::size_t first = 0;
        std::size_t marked = 0;  // members before this one are marked already
        for (std::size_t last = 0; last < members.size(); ++last) {
            ++seen[value_of(facts[members[last]])];
            while (facts[members[last]].at - facts[members[first]].at > span) {
                const auto gone = seen.find(value_of(facts[members[first]]));
                if (--gone->second == 0) seen.erase(gone);
                ++first;
            }
            if (static_cast<int>(seen.size()) < many) continue;
            for (auto i = std::max(first, marked); i <= last; ++i) found[members[i]] = true;
            marked = last + 1;
        }
    }
    return found;
}

}  // namespace

bool is_robot_agent(std::string_view agent) {
    if (agent.empty()) return true;
    std::string text{agent};
    std::ranges::transform(text, text.begin(), lower);
    // The proxy through which a mail program shows pictures to a person who opened the mail.
    if (text.find("googleimageproxy") != std::string::npos) return false;
    return std::ranges::any_of(
        robot_words, [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

std::vector<std::string_view> judge(const std::vector<TrackingFact>& facts,
                                    const RobotRules& rules) {
    const auto burst = crowded(
        facts, rules.burst_time, rules.burst_links,
        [](const TrackingFact& fact) { return fact.message.value; },
        [](const TrackingFact& fact) { return fact.link; });
    const auto network = crowded(
        facts, rules.network_time, rules.network_messages,
        [](const TrackingFact& fact) { return fact.network; },
        [](const TrackingFact& fact) { return fact.message.value; });
    std::vector<std::string_view> verdicts;
    verdicts.reserve(facts.size());
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const auto& fact = facts[i];
        if (fact.method == "HEAD")
            verdicts.push_back("head");
        else if (is_robot_agent(fact.agent))
            verdicts.push_back("agent");
        else if (fact.link != 0 && fact.message_template &&
                 *fact.message_template != fact.link_template)
            verdicts.push_back("mismatch");
        else if (fact.submitted_at && fact.at < *fact.submitted_at + rules.too_soon)
            verdicts.push_back("soon");
        else
            verdicts.push_back(burst[i] ? "burst" : network[i] ? "network" : "person");
    }
    return verdicts;
}

}  // namespace carillon::responses
