#include "base/country.h"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <map>

#include "base/text.h"

namespace carillon::base {

namespace {

constexpr const char* name_languages[] = {"en", "ru", "de", "cs"};

std::string to_utf8(const icu::UnicodeString& text) {
    std::string out;
    text.toUTF8String(out);
    return out;
}

const std::map<std::string, std::string, std::less<>>& codes_by_name() {
    static const auto codes = [] {
        std::map<std::string, std::string, std::less<>> found;
        for (const auto* const* code = icu::Locale::getISOCountries(); *code != nullptr; ++code) {
            found.emplace(fold_case(*code), *code);
            for (const auto* language : name_languages)
                found.emplace(fold_case(country_name(*code, language)), *code);
        }
        found.emplace("uk", "GB");
        found.emplace("great britain", "GB");
        found.emplace("england", "GB");
        found.emplace("usa", "US");
        found.emplace("united states of america", "US");
        found.emplace("russian federation", "RU");
        found.emplace("российская федерация", "RU");
        found.emplace("czech republic", "CZ");
        return found;
    }();
    return codes;
}

}  // namespace

std::string country_name(std::string_view code, std::string_view language) {
    if (code.size() != 2) return {};
    const icu::Locale country{"", std::string{code}.c_str()};
    icu::UnicodeString name;
    country.getDisplayCountry(icu::Locale{std::string{language}.c_str()}, name);
    auto text = to_utf8(name);
    return text == code ? std::string{} : text;
}

std::string country_code(std::string_view name) {
    const auto& codes = codes_by_name();
    const auto found = codes.find(fold_case(trim(name)));
    return found == codes.end() ? std::string{} : found->second;
}

std::string to_upper(std::string_view text) {
    auto upper = icu::UnicodeString::fromUTF8(
        icu::StringPiece{text.data(), static_cast<int32_t>(text.size())});
    upper.toUpper(icu::Locale::getRoot());
    return to_utf8(upper);
}

}  // namespace carillon::base
