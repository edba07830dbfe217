#include "channels/fax_outcome.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/digest.h"

namespace carillon::channels {

namespace {

constexpr std::size_t tag_max = 200;
constexpr char digest_mark = '@';

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_plain(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == ':' || c == '-';
}

bool is_e164(std::string_view number) {
    constexpr std::size_t digits_min = 7;
    constexpr std::size_t digits_max = 15;  // ITU-T E.164 section 6.1
    return number.size() > digits_min && number.size() <= digits_max + 1 && number[0] == '+' &&
           number[1] != '0' && std::all_of(number.begin() + 1, number.end(), is_digit);
}

bool contains(std::string_view text, std::string_view part) {
    const auto same = [](char a, char b) {
        const auto lower = [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        };
        return lower(a) == lower(b);
    };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string named(FaxCause cause, const FaxJob& job) {
    std::string text{name_of(cause)};
    return job.status.empty() ? text : text + ": " + job.status;
}

Receipt::State final_state(FaxCause cause) {
    switch (cause) {
        case FaxCause::number_invalid: return Receipt::State::bad_address;
        case FaxCause::expired: return Receipt::State::expired;
        case FaxCause::busy:
        case FaxCause::no_answer:
        case FaxCause::no_carrier:
        case FaxCause::line_cut:
        case FaxCause::no_line:
        case FaxCause::stopped:
        case FaxCause::refused:
        case FaxCause::other: return Receipt::State::failed;
    }
    std::abort();
}

}  // namespace

base::Result<std::string> dial_string(const std::vector<DialRule>& rules, std::string_view number) {
    if (!is_e164(number))
        return base::fail("fax.number_invalid", "A fax number is '+' and 7 to 15 digits.");
    if (rules.empty()) return std::string{number};
    const DialRule* best = nullptr;
    for (const auto& rule : rules)
        if (number.starts_with(rule.prefix) &&
            (best == nullptr || rule.prefix.size() > best->prefix.size()))
            best = &rule;
    if (best == nullptr) return base::fail("fax.no_dial_rule", "No dial rule fits the number.");
    return best->dial + std::string{number.substr(best->prefix.size())};
}

std::string fax_tag(std::string_view prefix, std::string_view key) {
    std::string tag{prefix};
    for (const char c : key) {
        if (is_plain(c))
            tag += c;
        else
            tag.append("%").append(base::to_hex({&c, 1}));
    }
    if (tag.size() <= tag_max) return tag;
    return std::string{prefix} + digest_mark + base::sha256_hex(key);
}

std::optional<std::string> key_of_tag(std::string_view prefix, std::string_view tag) {
    if (!tag.starts_with(prefix)) return std::nullopt;
    tag.remove_prefix(prefix.size());
    std::string key;
    while (!tag.empty()) {
        if (is_plain(tag[0])) {
            key += tag[0];
            tag.remove_prefix(1);
            continue;
        }
        if (tag[0] != '%' || tag.size() < 3) return std::nullopt;
        const int high = hex_value(tag[1]);
        const int low = hex_value(tag[2]);
        if (high < 0 || low < 0) return std::nullopt;
        key += static_cast<char>(high * 16 + low);
        tag.remove_prefix(3);
    }
    return key;
}

FaxCause fax_cause(std::string_view status) {
    // The first that fits: what is more telling stands above.
    static constexpr std::array<std::pair<std::string_view, FaxCause>, 31> table{{
        {"convert dial string", FaxCause::number_invalid},
        {"invalid dialing", FaxCause::number_invalid},
        {"invalid phone number", FaxCause::number_invalid},
        {"not in service", FaxCause::number_invalid},
        {"kill time expired", FaxCause::expired},
        {"aborted by request", FaxCause::stopped},
        {"aborted by user", FaxCause::stopped},
        {"terminated by request", FaxCause::stopped},
        {"reject:", FaxCause::refused},
        {"document conversion", FaxCause::refused},
        {"document format", FaxCause::refused},
        {"busy", FaxCause::busy},
        {"blacklisted", FaxCause::number_invalid},
        {"without ced", FaxCause::no_answer},
        {"no answer", FaxCause::no_answer},
        {"data connection established", FaxCause::no_carrier},
        {"no carrier", FaxCause::no_carrier},
        {"dialtone", FaxCause::no_line},
        {"dial tone", FaxCause::no_line},
        {"check modem", FaxCause::no_line},
        {"glare", FaxCause::no_line},
        {"no receiver protocol", FaxCause::no_carrier},
        {"phase a failure", FaxCause::no_carrier},
        {"no response to", FaxCause::line_cut},
        {"no longer responding", FaxCause::line_cut},
        {"hangup", FaxCause::line_cut},
        {"disconnect", FaxCause::line_cut},
        {"carrier", FaxCause::line_cut},
        {"train", FaxCause::line_cut},
        {"invalid response", FaxCause::line_cut},
        {"dcn", FaxCause::line_cut},
    }};
    for (const auto& [words, cause] : table)
        if (contains(status, words)) return cause;
    return FaxCause::other;
}

std::string_view name_of(FaxCause cause) {
    switch (cause) {
        case FaxCause::busy: return "busy";
        case FaxCause::no_answer: return "no answer";
        case FaxCause::no_carrier: return "no fax machine answered";
        case FaxCause::line_cut: return "the line was cut";
        case FaxCause::no_line: return "no line on our side";
        case FaxCause::number_invalid: return "the number is invalid";
        case FaxCause::expired: return "too late";
        case FaxCause::stopped: return "stopped by a person";
        case FaxCause::refused: return "refused by the fax server";
        case FaxCause::other: return "failed";
    }
    std::abort();
}

std::optional<Outcome> outcome_of(const FaxJob& job, int pages, const std::string& tag) {
    if (job.state == FaxJob::State::suspended || job.state == FaxJob::State::undefined)
        return std::nullopt;
    // Turned away before anything was dialled. What was dialled at all was accepted first.
    if (job.state == FaxJob::State::failed && job.dials == 0) {
        const auto cause = fax_cause(job.status);
        if (cause == FaxCause::number_invalid || cause == FaxCause::refused)
            return Rejected{named(cause, job), cause == FaxCause::number_invalid};
    }
    return Accepted{"job " + job.id, {tag}, pages};
}

std::optional<Receipt> receipt_of(const FaxJob& job, std::string_view tag_prefix) {
    Receipt receipt;
    if (auto key = key_of_tag(tag_prefix, job.tag))
        receipt.key = std::move(*key);
    else
        receipt.receipt_ref = job.tag;
    receipt.units = job.pages;
    auto event = std::string{"done"};
    if (job.state == FaxJob::State::done) {
        receipt.state = Receipt::State::delivered;
        receipt.reason = "sent, " + std::to_string(job.pages) + " pages";
    } else if (job.state == FaxJob::State::failed) {
        const auto cause = fax_cause(job.status);
        receipt.state = final_state(cause);
        receipt.reason = named(cause, job);
        event = "failed";
    } else if (job.dials > 0 && !job.status.empty() && job.state != FaxJob::State::active &&
               job.state != FaxJob::State::suspended) {
        const auto cause = fax_cause(job.status);
        receipt.reason = cause == FaxCause::other ? job.status : named(cause, job);
        event = "call " + std::to_string(job.dials);
    } else {
        return std::nullopt;
    }
    // Job numbers begin again when a server is set up anew; tags do not.
    receipt.external_id = job.tag + " " + event;
    receipt.raw = "job " + job.id + " " + event + "; pages " + std::to_string(job.pages) + " of " +
                  std::to_string(job.pages_total) + "; calls " + std::to_string(job.dials) + "; " +
                  job.status;
    return receipt;
}

}  // namespace carillon::channels
