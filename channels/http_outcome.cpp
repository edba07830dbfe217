#include "channels/http_outcome.h"

#include <algorithm>

#include "base/text.h"
#include "channels/http_fields.h"
#include "channels/text_pattern.h"

namespace carillon::channels {

namespace {

using base::Json;

bool within(int status, const std::vector<std::pair<int, int>>& ranges) {
    return std::ranges::any_of(ranges, [&](const std::pair<int, int>& range) {
        return status >= range.first && status <= range.second;
    });
}

bool contains(const std::vector<std::string>& list, const std::string& value) {
    return !value.empty() && std::ranges::find(list, value) != list.end();
}

// One line, printable, not endless: it is shown to people.
std::string shown(const HttpAnswer& answer) {
    constexpr std::size_t shown_max = 200;
    std::string out = "HTTP " + std::to_string(answer.status);
    if (answer.body.empty()) return out;
    out += ": ";
    for (const char c : answer.body.substr(0, shown_max))
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    while (!base::is_valid_utf8(out)) out.pop_back();
    return out;
}

std::optional<Outcome> by_error_code(const HttpAnswer& answer, const HttpResponseRules& rules) {
    const auto code = rules.error_code.from(answer.body);
    if (contains(rules.bad_address, code))
        return Rejected{.reason = shown(answer), .address_is_bad = true};
    if (contains(rules.rejected, code)) return Rejected{.reason = shown(answer)};
    if (contains(rules.throttled, code))
        return Deferred{.reason = shown(answer),
                        .consumed_attempt = false,
                        .retry_after = answer.retry_after.value_or(std::chrono::seconds{1})};
    return std::nullopt;
}

Outcome of_success(const HttpAnswer& answer, const HttpResponseRules& rules, int units) {
    const bool is_read = rules.success_value.given() || rules.id.given();
    if (is_read && !answer.complete) return Uncertain{"cut off: " + shown(answer)};
    if (rules.success_value.given()) {
        const auto value = rules.success_value.from(answer.body);
        if (value.empty()) return Uncertain{"unreadable: " + shown(answer)};
        if (!contains(rules.success_equals, value)) {
            if (auto refused = by_error_code(answer, rules)) return *refused;
            return Deferred{.reason = shown(answer), .consumed_attempt = true, .retry_after = {}};
        }
    }
    Accepted accepted{.provider_ref = shown(answer), .units = units};
    if (rules.id.given()) {
        const auto id = rules.id.from(answer.body);
        // Receipts could never be told apart without it.
        if (id.empty()) return Uncertain{"no id: " + shown(answer)};
        accepted.provider_ref = id;
        accepted.receipt_refs.push_back(id);
    }
    return accepted;
}

}  // namespace

std::string HttpExtract::from(const std::string& body) const {
    if (!pointer.empty()) {
        const auto json = Json::parse(body);
        return json ? scalar_text(at_pointer(*json, pointer)) : std::string{};
    }
    return pattern.empty() ? std::string{} : first_match(pattern, body);
}

Outcome http_outcome(const HttpAnswer& answer, const HttpResponseRules& rules, int units) {
    constexpr int too_many = 429;
    if (within(answer.status, rules.success_status)) return of_success(answer, rules, units);
    if (auto refused = by_error_code(answer, rules)) return *refused;
    if (answer.status == too_many)
        return Deferred{.reason = shown(answer),
                        .consumed_attempt = false,
                        .retry_after = answer.retry_after.value_or(std::chrono::seconds{1})};
    const bool may_have_passed =
        answer.status == 408 || answer.status == 502 || answer.status == 504;
    if (may_have_passed && !rules.idempotent) return Uncertain{shown(answer)};
    if (may_have_passed || within(answer.status, rules.retry_status))
        return Deferred{
            .reason = shown(answer), .consumed_attempt = true, .retry_after = answer.retry_after};
    const bool is_ours = answer.status == 401 || answer.status == 403 || answer.status == 404 ||
                         answer.status == 405 || answer.status < 400;
    if (is_ours)
        return Deferred{.reason = shown(answer), .consumed_attempt = false, .retry_after = {}};
    return Rejected{.reason = shown(answer)};
}

}  // namespace carillon::channels
