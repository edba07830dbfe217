#include "responses/mail_status.h"

#include <algorithm>
#include <array>

namespace carillon::responses {

namespace {

using enum MailKind;

// `kind`: of a permanent failure (5.x.x).
struct Entry {
    int subject{};
    int detail{};
    MailKind kind{};
    bool exact{};
    std::string_view reason{};
};

// In the order of the registry. x.7.y about who we are is one line for all at the end.
constexpr std::array entries{
    Entry{0, 0, hard_bounce, false, "refused without a reason"},
    Entry{1, 0, hard_bounce, false, "something is wrong with the address"},
    Entry{1, 1, hard_bounce, true, "there is no such mailbox"},
    Entry{1, 2, hard_bounce, true, "there is no such mail domain"},
    Entry{1, 3, hard_bounce, true, "the address is not valid"},
    Entry{1, 4, hard_bounce, true, "the address means more than one mailbox"},
    Entry{1, 5, delivered, true, "the address is valid"},
    Entry{1, 6, hard_bounce, true, "the mailbox has moved and left no new address"},
    Entry{1, 7, blocked, true, "the address of the sender was not accepted"},
    Entry{1, 8, blocked, true, "the domain of the sender was not accepted"},
    Entry{1, 9, soft_bounce, true, "relayed to a system that reports nothing"},
    Entry{1, 10, hard_bounce, false, "the recipient's domain takes no mail"},
    Entry{2, 0, soft_bounce, false, "something is wrong with the mailbox"},
    Entry{2, 1, hard_bounce, true, "the mailbox is disabled"},
    Entry{2, 2, full, true, "the mailbox is full"},
    Entry{2, 3, soft_bounce, true, "the message is too large for the mailbox"},
    Entry{2, 4, hard_bounce, true, "the list behind the address cannot be expanded"},
    Entry{3, 0, soft_bounce, false, "something is wrong with the recipient's mail system"},
    Entry{3, 1, soft_bounce, true, "the recipient's mail system has no room"},
    Entry{3, 2, soft_bounce, true, "the recipient's mail system takes no messages now"},
    Entry{3, 3, soft_bounce, true, "the recipient's mail system lacks a feature"},
    Entry{3, 4, soft_bounce, true, "the message is too large for the recipient's system"},
    Entry{3, 5, soft_bounce, true, "the recipient's mail system is not set up right"},
    Entry{4, 0, soft_bounce, false, "network trouble"},
    Entry{4, 1, soft_bounce, false, "the recipient's host does not answer"},
    Entry{4, 2, soft_bounce, true, "the connection broke"},
    Entry{4, 3, soft_bounce, true, "a directory server failed"},
    Entry{4, 4, hard_bounce, true, "there is no way to the recipient's domain"},
    Entry{4, 5, soft_bounce, true, "the recipient's mail system is congested"},
    Entry{4, 6, soft_bounce, true, "the message went round in circles"},
    Entry{4, 7, soft_bounce, true, "the message was not delivered in time"},
    Entry{4, 14, soft_bounce, true, "the message went round in circles"},
    Entry{4, 310, hard_bounce, true, "the recipient's domain does not exist"},
    Entry{4, 312, soft_bounce, true, "the recipient's domain cannot be looked up"},
    Entry{5, 0, soft_bounce, false, "the mail systems did not understand one another"},
    Entry{5, 3, soft_bounce, true, "too many recipients"},
    Entry{6, 0, soft_bounce, false, "the recipient's system cannot handle the content"},
    Entry{7, 0, blocked, false, "refused by policy"},
    Entry{7, 1, blocked, false, "refused by policy"},
    Entry{7, 13, hard_bounce, true, "the account is disabled"},
    Entry{7, 17, hard_bounce, true, "the mailbox has a new owner"},
    Entry{7, 18, hard_bounce, true, "the domain has a new owner"},
    Entry{7, 20, blocked, true, "no valid DKIM signature"},
    Entry{7, 21, blocked, true, "no acceptable DKIM signature"},
    Entry{7, 22, blocked, true, "no DKIM signature of the author's domain"},
    Entry{7, 23, blocked, true, "SPF says no"},
    Entry{7, 24, blocked, true, "SPF could not be checked"},
    Entry{7, 25, blocked, true, "the sending host has no reverse name"},
    Entry{7, 26, blocked, true, "several authentication checks failed"},
    Entry{7, 27, blocked, true, "the sender's domain takes no mail"},
    Entry{7, 28, blocked, true, "too much mail at once"}};

constexpr std::array<std::string_view, 8> subjects{
    "refused without a reason",
    "something is wrong with the address",
    "something is wrong with the mailbox",
    "something is wrong with the recipient's mail system",
    "network trouble",
    "the mail systems did not understand one another",
    "the recipient's system cannot handle the content",
    "refused by policy"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// 1 to 3 digits from `at` on; moves `at` behind them; -1: there are none.
int take_number(std::string_view text, std::size_t& at) {
    int number = -1;
    for (int digits = 0; digits < 3 && at < text.size() && is_digit(text[at]); ++digits, ++at)
        number = std::max(number, 0) * 10 + (text[at] - '0');
    return number;
}

std::optional<StatusCode> status_at(std::string_view text, std::size_t at) {
    if (at > 0 && (is_digit(text[at - 1]) || text[at - 1] == '.')) return std::nullopt;
    StatusCode code{text[at] - '0', 0, 0};
    auto end = at + 1;
    for (int* part : {&code.subject, &code.detail}) {
        if (end >= text.size() || text[end] != '.') return std::nullopt;
        *part = take_number(text, ++end);
        if (*part < 0) return std::nullopt;
    }
    const bool goes_on = end < text.size() &&
                         (is_digit(text[end]) ||
                          (text[end] == '.' && end + 1 < text.size() && is_digit(text[end + 1])));
    if (goes_on) return std::nullopt;
    return code;
}

}  // namespace

std::string StatusCode::text() const {
    return std::to_string(type) + "." + std::to_string(subject) + "." + std::to_string(detail);
}

std::optional<StatusCode> find_status(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '2' && text[at] != '4' && text[at] != '5') continue;
        if (const auto code = status_at(text, at)) return code;
    }
    return std::nullopt;
}

std::optional<int> find_reply_code(std::string_view text) {
    for (std::size_t at = 0; at + 3 <= text.size(); ++at) {
        if (text[at] != '4' && text[at] != '5') continue;
        if (!is_digit(text[at + 1]) || !is_digit(text[at + 2]) || text[at + 1] > '5') continue;
        const char before = at == 0 ? ' ' : text[at - 1];
        const char after = at + 3 == text.size() ? ' ' : text[at + 3];
        const std::string_view openings{" \n\t(:;[<\"'"};
        const std::string_view endings{" \n\t-_#:)\r,;"};
        if (openings.find(before) == std::string_view::npos) continue;
        if (endings.find(after) == std::string_view::npos) continue;
        return (text[at] - '0') * 100 + (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
    }
    return std::nullopt;
}

StatusMeaning meaning_of(const StatusCode& code) {
    if (code.type == 2) return {delivered, "delivered", true};
    const auto* entry = std::ranges::find_if(entries, [&](const Entry& one) {
        return one.subject == code.subject && one.detail == code.detail;
    });
    StatusMeaning meaning;
    if (entry != entries.end()) {
        meaning = {entry->kind, entry->reason, entry->exact};
    } else {
        const auto subject = static_cast<std::size_t>(code.subject < 8 ? code.subject : 0);
        const bool is_policy = code.subject == 7;
        const bool is_about_address = code.subject <= 1 || code.subject >= 8;
        meaning = {is_policy ? blocked : (is_about_address ? hard_bounce : soft_bounce),
                   subjects[subject], is_policy};
    }
    // A temporary trouble that lasted until the message was given up says nothing final.
    if (code.type == 4 && meaning.kind == hard_bounce) meaning.kind = soft_bounce;
    return meaning;
}

StatusMeaning meaning_of_reply(int code) {
    if (code < 500) return {code == 452 ? full : soft_bounce, "refused for the time being", false};
    switch (code) {
        case 550:
        case 551:
        case 553: return {hard_bounce, "the mailbox was refused", false};
        case 521:
        case 556: return {hard_bounce, "the recipient's domain takes no mail", true};
        case 552: return {full, "the mailbox has no room", false};
        case 530:
        case 535: return {blocked, "the server wants us to log in", false};
        default: return {soft_bounce, "the transaction failed", false};
    }
}

}  // namespace carillon::responses
