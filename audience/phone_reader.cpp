#include "audience/phone_reader.h"

namespace carillon::audience {

namespace {

constexpr std::size_t prefixes = 100'000;
constexpr std::size_t national_digits = 10;

enum Form : std::size_t { international, with_trunk_prefix, bare, forms };

struct RussianNumber {
    std::string national{};  // ten digits; empty: not in one of the forms that are remembered
    Form form{};
};

// "+7 916 123-45-67", and in Russia also "8 (916) 123-45-67" and "916 123 45 67".
RussianNumber russian(std::string_view text, std::string_view region) {
    std::string digits;
    const bool plus = text.starts_with('+');
    for (const char c : text.substr(plus ? 1 : 0)) {
        if (c >= '0' && c <= '9')
            digits += c;
        else if (c != ' ' && c != '-' && c != '(' && c != ')')
            return {};
    }
    if (plus) {
        if (digits.size() != national_digits + 1 || digits[0] != '7') return {};
        return {digits.substr(1), international};
    }
    if (region != "RU") return {};
    if (digits.size() == national_digits && digits[0] == '9') return {digits, bare};
    if (digits.size() == national_digits + 1 && digits[0] == '8')
        return {digits.substr(1), with_trunk_prefix};
    return {};
}

std::size_t slot_of(const RussianNumber& number) {
    std::size_t prefix = 0;
    for (const char c : number.national.substr(0, 5))
        prefix = prefix * 10 + static_cast<std::size_t>(c - '0');
    return number.form * prefixes + prefix;
}

}  // namespace

PhoneReader::PhoneReader() : decisions_(forms * prefixes, Decision::unknown) {}

base::Result<PhoneReader::Number> PhoneReader::read(std::string_view text,
                                                    std::string_view region) {
    const auto number = russian(text, region);
    auto* decision = number.national.empty() ? nullptr : &decisions_[slot_of(number)];
    if (decision != nullptr && (*decision == Decision::mobile || *decision == Decision::fixed_line))
        return Number{"+7" + number.national, *decision == Decision::fixed_line};
    const auto parsed = base::PhoneNumber::parse(text, region);
    if (decision != nullptr) {
        const bool as_expected = parsed && parsed->e164() == "+7" + number.national;
        *decision = !as_expected              ? Decision::invalid
                    : parsed->is_fixed_line() ? Decision::fixed_line
                                              : Decision::mobile;
    }
    if (!parsed) return base::fail(parsed.error());
    return Number{parsed->e164(), parsed->is_fixed_line()};
}

}  // namespace carillon::audience
