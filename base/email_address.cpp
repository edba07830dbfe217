#include "base/email_address.h"

#include <unicode/idna.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

#include "base/text.h"

namespace carillon::base {

namespace {

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_atext(char c) {
    return is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
}

// What is wrong with the local part, or "".
std::string local_problem(std::string_view local) {
    if (local.empty()) return "text before '@'";
    if (local.size() > 64) return "at most 64 bytes before '@' (RFC 5321 4.5.3.1.1)";
    if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
        return "no dot at the ends and no two dots in a row before '@'";
    // A leading '-' could be read as an option by programs a mail passes; '%' and '!' are old relay
    // routes.
    if (local.front() == '-') return "no '-' at the beginning";
    if (local.find_first_of("%!") != std::string_view::npos)
        return "no '%' or '!' (old source routes)";
    if (!std::ranges::all_of(local, [](char c) { return c == '.' || is_atext(c); }))
        return "letters, digits and !#$&'*+-/=?^_`{|}~. before '@' (quoted forms are not accepted)";
    return {};
}

// What is wrong with an ASCII domain, or "".
std::string domain_problem(std::string_view domain) {
    if (domain.size() > 253) return "at most 253 characters after '@'";
    if (domain.find('.') == std::string_view::npos) return "a domain with a dot after '@'";
    std::string_view last;
    for (const auto label : split(domain, '.')) {
        if (label.empty() || label.size() > 63) return "labels of 1 to 63 characters in the domain";
        if (label.front() == '-' || label.back() == '-')
            return "no '-' at the ends of a domain label";
        if (!std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; }))
            return "letters, digits and '-' in the domain";
        last = label;
    }
    if (std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; }))
        return "a domain name, not an IP address";
    return {};
}

// Lower-case A-labels, or "" when IDNA refuses.
std::string to_a_labels(std::string_view domain) {
    // Also "XN--...": an A-label in any letter case must pass IDNA.
    const auto folded = fold_case(domain);
    if (is_ascii(domain) && folded.find("xn--") == std::string::npos) return folded;
    UErrorCode status = U_ZERO_ERROR;
    static const std::unique_ptr<icu::IDNA> idna{
        icu::IDNA::createUTS46Instance(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI |
                                           UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII,
                                       status)};
    if (!idna) return {};
    icu::IDNAInfo info;
    icu::UnicodeString ascii;
    status = U_ZERO_ERROR;
    idna->nameToASCII(icu::UnicodeString::fromUTF8(std::string{domain}), ascii, info, status);
    if (U_FAILURE(status) || info.hasErrors()) return {};
    std::string text;
    ascii.toUTF8String(text);
    return text;
}

}  // namespace

Result<EmailAddress> EmailAddress::parse(std::string_view text) {
    const auto wrong = [&](std::string_view expected) {
        std::string shown{text.substr(0, 80)};
        std::ranges::replace_if(
            shown, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
        return fail("contact.email_invalid", "'" + shown + "' is not an e-mail address; expected " +
                                                 std::string{expected} + ".");
    };
    constexpr std::size_t longest = 254;
    constexpr std::string_view too_long = "at most 254 bytes (RFC 5321 4.5.3.1.3)";
    if (text.size() > longest) return wrong(too_long);
    if (!is_valid_utf8(text) || has_control_characters(text)) return wrong("printable UTF-8");
    const auto at = text.find('@');
    if (at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos)
        return wrong("exactly one '@'");
    const auto local = text.substr(0, at);
    if (const auto problem = local_problem(local); !problem.empty()) return wrong(problem);
    const auto domain = to_a_labels(text.substr(at + 1));
    // A form that IDNA would map once more is no A-label: what is printed must parse to itself.
    if (domain.empty() || to_a_labels(domain) != domain) return wrong("a valid domain after '@'");
    if (const auto problem = domain_problem(domain); !problem.empty()) return wrong(problem);
    // A domain of other letters is longer as it stands in the protocol.
    if (local.size() + 1 + domain.size() > longest) return wrong(too_long);
    return EmailAddress{std::string{local} + "@" + domain, local.size()};
}

bool EmailAddress::needs_smtputf8() const {
    return !is_ascii(text_);
}

}  // namespace carillon::base
