#include "templates/format.h"

#include <unicode/locid.h>
#include <unicode/measunit.h>
#include <unicode/numberformatter.h>

#include <catch2/catch.hpp>
#include <memory>
#include <random>

using namespace carillon;
using namespace carillon::templates;
using namespace std::chrono_literals;

namespace {

std::string icu_money(const std::string& locale, const std::string& currency, std::int64_t minor) {
    using icu::number::NumberFormatter;
    using icu::number::Precision;
    UErrorCode status = U_ZERO_ERROR;
    const icu::CurrencyUnit unit{icu::StringPiece{currency}, status};
    const auto decimal = base::plain_text({minor, currency});
    auto text = NumberFormatter::withLocale(icu::Locale{locale.c_str()})
                    .unit(unit)
                    .precision(Precision::fixedFraction(base::minor_digits(currency)))
                    .formatDecimal(icu::StringPiece{decimal}, status)
                    .toString(status);
    text.findAndReplace(icu::UnicodeString{char16_t{0x202F}}, icu::UnicodeString{char16_t{0xA0}});
    std::string result;
    return text.toUTF8String(result);
}

}  // namespace

TEST_CASE("amounts read as people of the locale write them", "[templates]") {
    using Row = std::tuple<const char*, const char*, std::int64_t, const char*>;
    const auto [locale, currency, minor, expected] =
        GENERATE(table<const char*, const char*, std::int64_t, const char*>(
            {Row{"en", "USD", 123450, "$1,234.50"}, Row{"en", "USD", -5, "-$0.05"},
             Row{"en", "JPY", 1234567, "¥1,234,567"},
             Row{"ru", "RUB", 123450, "1\u00A0234,50\u00A0₽"},
             Row{"ru-RU", "RUB", -99, "-0,99\u00A0₽"},
             Row{"cs", "CZK", 123456789, "1\u00A0234\u00A0567,89\u00A0Kč"},
             Row{"de", "EUR", 123450, "1.234,50\u00A0€"},
             Row{"de-CH", "CHF", 123450, "CHF\u00A01’234.50"},
             Row{"es", "EUR", 123450, "1234,50\u00A0€"},
             Row{"hi", "INR", 1234567800, "₹1,23,45,678.00"}}));
    CHECK(format_money({minor, currency}, locale) == expected);
}

TEST_CASE("amounts written without ICU are those ICU writes", "[templates]") {
    std::mt19937_64 random{20261121};
    const auto locale = GENERATE(as<std::string>(), "en", "en-GB", "en-IN", "ru", "uk", "kk", "cs",
                                 "de", "de-AT", "de-CH", "fr", "fr-CH", "pl", "es", "pt", "it",
                                 "nl", "tr", "sv", "hu", "ja", "zh", "ar", "fa", "bn", "hi");
    for (const std::string currency : {"RUB", "USD", "EUR", "CZK", "JPY", "KWD", "CHF"}) {
        for (int i = 0; i < 200; ++i) {
            const auto minor = static_cast<std::int64_t>(random() >> (random() % 54 + 10)) - 500;
            INFO(locale << ' ' << currency << ' ' << minor);
            REQUIRE(format_money({minor, currency}, locale) == icu_money(locale, currency, minor));
        }
    }
}

TEST_CASE("other styles of an amount leave the currency out", "[templates]") {
    CHECK(format_money({123450, "RUB"}, "ru", MoneyStyle::amount) == "1\u00A0234,50");
    CHECK(format_money({-123450, "RUB"}, "en", MoneyStyle::amount) == "-1,234.50");
    CHECK(format_money({123450, "RUB"}, "ru", MoneyStyle::plain) == "1234.50");
}

TEST_CASE("dates have a long, a short and a machine form", "[templates]") {
    const base::LocalDate date = 2026y / std::chrono::November / 1d;
    using Row = std::tuple<const char*, const char*, const char*>;
    const auto [locale, long_form, short_form] =
        GENERATE(table<const char*, const char*, const char*>(
            {Row{"en", "November 1, 2026", "11/1/2026"},
             Row{"en-GB", "1 November 2026", "01/11/2026"},
             Row{"ru", "1 ноября 2026\u00A0г.", "01.11.2026"},
             Row{"cs", "1. listopadu 2026", "1. 11. 2026"},
             Row{"de", "1. November 2026", "1.11.2026"}}));
    CHECK(format_date(date, locale) == long_form);
    CHECK(format_date(date, locale, DateStyle::short_form) == short_form);
    CHECK(format_date(date, locale, DateStyle::iso) == "2026-11-01");
}

TEST_CASE("a date is the same day however old it is and however often it is asked for",
          "[templates]") {
    for (const auto year : {1400y, 1582y, 1899y, 1969y, 1970y, 2400y}) {
        const base::LocalDate date = year / std::chrono::February / 28d;
        const auto expected = "28 февраля " + std::to_string(static_cast<int>(year)) + "\u00A0г.";
        CHECK(format_date(date, "ru") == expected);
        CHECK(format_date(date, "ru") == expected);
    }
}

TEST_CASE("numbers and percentages", "[templates]") {
    std::string text;
    const auto& german = formatter_for("de");
    german.append_integer(text, -1234567);
    text += ' ';
    german.append_integer(text, INT64_MIN);
    text += ' ';
    german.append_number(text, 1234.5678);
    text += ' ';
    german.append_percent(text, 12.5);
    CHECK(text == "-1.234.567 -9.223.372.036.854.775.808 1.234,568 12,5\u00A0%");
    CHECK(format_number(5.0, "ru") == "5");
}

TEST_CASE("plural categories follow the language", "[templates]") {
    using Row = std::tuple<const char*, double, PluralCategory>;
    const auto [locale, number, category] = GENERATE(table<const char*, double, PluralCategory>(
        {Row{"ru", 1, PluralCategory::one}, Row{"ru", 21, PluralCategory::one},
         Row{"ru", 3, PluralCategory::few}, Row{"ru", 11, PluralCategory::many},
         Row{"ru", 1.5, PluralCategory::other}, Row{"cs", 2, PluralCategory::few},
         Row{"cs", 5, PluralCategory::other}, Row{"en", 1, PluralCategory::one},
         Row{"en", 0, PluralCategory::other}, Row{"de", 2, PluralCategory::other}}));
    CHECK(plural_category(number, locale) == category);
}

TEST_CASE("a locale is known when ICU has its language", "[templates]") {
    for (const auto* known : {"en", "ru-RU", "pt_BR", "zh-Hant-TW"}) CHECK(is_known_locale(known));
    for (const auto* unknown : {"", "x", "qq", "english", "../en", "12"})
        CHECK_FALSE(is_known_locale(unknown));
}

TEST_CASE("a locale that is none formats like English or its language, and never throws",
          "[templates]") {
    const std::string odd =
        GENERATE(as<std::string>(), "", "-", "xx", "en-", "en-@", "en@currency=@@@", "en_US_POSIX",
                 "\xFF\xFE", "en-u-nu-xxxx", "root", "en-%s%n", "../../etc");
    CHECK(format_money({123450, "USD"}, odd).find("1") != std::string::npos);
    CHECK_FALSE(format_date(2026y / std::chrono::March / 1d, odd).empty());
    CHECK(format_number(-0.5, odd).find("5") != std::string::npos);
    static_cast<void>(plural_category(1, odd));
    const auto endless = "en-" + std::string(5000, 'a');
    CHECK_FALSE(format_date(2026y / std::chrono::March / 1d, endless).empty());
}

TEST_CASE("currencies nobody has heard of are written with their code", "[templates]") {
    CHECK(format_money({100, "XQZ"}, "en") == "XQZ\u00A01.00");
    CHECK(format_money({100, "x1?"}, "en").find("1.00") != std::string::npos);
}
