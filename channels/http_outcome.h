// From what an HTTP provider answered to the outcome of a message, by configured rules. Pure.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "channels/channel.h"

namespace carillon::channels {

// A value out of a response: by JSON pointer, or the first group of a regular expression.
struct HttpExtract {
    std::string pointer{};
    std::string pattern{};
    bool given() const { return !pointer.empty() || !pattern.empty(); }
    std::string from(const std::string& body) const;  // "" when there is none
};

struct HttpResponseRules {
    std::vector<std::pair<int, int>> success_status{{200, 299}};
    // With a status of success the body must say so too, where these are given.
    HttpExtract success_value{};
    std::vector<std::string> success_equals{};
    HttpExtract id{};
    // Codes in refusals, whatever their status.
    HttpExtract error_code{};
    std::vector<std::string> bad_address{};
    std::vector<std::string> rejected{};
    std::vector<std::string> throttled{};
    std::vector<std::pair<int, int>> retry_status{{429, 429}, {500, 599}};
    // The provider knows a repeated request by its key: a gateway that lost the answer may be asked
    // again.
    bool idempotent{false};
};

struct HttpAnswer {
    int status{};
    std::string body{};
    bool complete{true};  // false: cut off, or longer than we read
    std::optional<std::chrono::milliseconds> retry_after{};
};

// | answer | outcome |
// | success, and the body agrees | Accepted |
// | success, but the body is cut off or unreadable where it has to be read | Uncertain |
// | a configured error code | Rejected, Rejected with a bad address, or Deferred uncounted |
// | 401, 403, 404, 405, 3xx | Deferred uncounted: the channel is misconfigured |
// | 429 | Deferred uncounted, not before Retry-After |
// | 408, 502, 504 | Uncertain, or Deferred where requests are idempotent |
// | another status to retry, or a success whose body says otherwise | Deferred |
// | any other | Rejected, the address is left alone |
Outcome http_outcome(const HttpAnswer& answer, const HttpResponseRules& rules, int units);

}  // namespace carillon::channels
