#include "templates/format.h"

#include <unicode/dcfmtsym.h>
#include <unicode/dtptngen.h>
#include <unicode/gregocal.h>
#include <unicode/locid.h>
#include <unicode/measunit.h>
#include <unicode/numberformatter.h>
#include <unicode/plurrule.h>
#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <vector>

namespace carillon::templates {

namespace {

constexpr std::size_t kept_max = 64;  // made-up locales and currencies must not fill the memory
constexpr double milliseconds_per_day = 86'400'000.0;
constexpr double exact_integer_max = 9'007'199'254'740'992.0;  // 2^53

// CLDR's narrow no-break space (Russian "г.", French thousands) becomes the ordinary one: fonts of
// old mail programs, of phones and of fax gateways show an empty box for it.
std::string utf8(icu::UnicodeString text) {
    text.findAndReplace(icu::UnicodeString{char16_t{0x202F}}, icu::UnicodeString{char16_t{0x00A0}});
    std::string result;
    return text.toUTF8String(result);
}

// ICU fails only when its data is missing from the machine: nobody can continue from that.
void require(UErrorCode status, const char* what) {
    if (U_FAILURE(status))
        throw std::runtime_error{std::string{"ICU cannot make "} + what + ": " +
                                 u_errorName(status)};
}

// How a locale writes one kind of number.
struct NumberMarks {
    std::string prefix{}, suffix{};
    std::string negative_prefix{}, negative_suffix{};
    std::string decimal{}, group{};
    std::size_t primary_group{0};  // digits of the last group; 0 is no groups
    std::size_t other_groups{0};   // 2 in India, else the same
    std::size_t ungrouped_max{3};  // "1234" stays together where four digits are not grouped
    std::array<std::string, 10> digits{};
    bool digits_are_ascii{true};
    std::size_t decimals{0};
};

using Numbers = icu::number::LocalizedNumberFormatter;

std::string written_by_icu(const Numbers& numbers, double number) {
    UErrorCode status = U_ZERO_ERROR;
    const auto text = numbers.formatDouble(number, status).toString(status);
    require(status, "a number");
    return utf8(text);
}

// A sample's text without what stands around its digits.
std::string_view inside(std::string_view text, const NumberMarks& marks) {
    text.remove_prefix(marks.prefix.size());
    text.remove_suffix(marks.suffix.size());
    return text;
}

// Lengths of the digit groups of a number made of ones, and the mark between them.
std::vector<std::size_t> read_groups(std::string_view text, std::string_view one,
                                     std::string& mark) {
    std::vector<std::size_t> lengths{0};
    while (!text.empty()) {
        const auto digit = text.find(one);
        if (digit == std::string_view::npos) break;
        if (digit > 0) {
            mark = text.substr(0, digit);
            lengths.push_back(0);
        }
        ++lengths.back();
        text.remove_prefix(digit + one.size());
    }
    return lengths;
}

// Learned from samples alone, since some marks (the space between "CHF" and its amount, Spanish
// thousands) exist only in ICU's output.
NumberMarks read_marks(const icu::Locale& locale, const Numbers& numbers) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::DecimalFormatSymbols symbols{locale, status};
    require(status, "number marks");
    NumberMarks marks;
    for (std::size_t i = 0; i < 10; ++i)
        marks.digits[i] = utf8(symbols.getConstDigitSymbol(static_cast<int32_t>(i)));
    marks.digits_are_ascii = marks.digits[0] == "0";
    const auto& one = marks.digits[1];

    const auto whole = numbers.precision(icu::number::Precision::integer());
    const auto positive = written_by_icu(whole, 1);
    const auto negative = written_by_icu(whole, -1);
    marks.prefix = positive.substr(0, positive.find(one));
    marks.suffix = positive.substr(marks.prefix.size() + one.size());
    marks.negative_prefix = negative.substr(0, negative.find(one));
    marks.negative_suffix = negative.substr(marks.negative_prefix.size() + one.size());

    const auto groups =
        read_groups(inside(written_by_icu(whole, 1'111'111'111), marks), one, marks.group);
    if (groups.size() > 1) {
        marks.primary_group = groups.back();
        marks.other_groups = groups.size() > 2 ? groups[groups.size() - 2] : groups.back();
        std::string ignored;
        const auto smallest =
            read_groups(inside(written_by_icu(whole, 1'111), marks), one, ignored);
        marks.ungrouped_max = smallest.size() > 1 ? marks.primary_group : marks.primary_group + 1;
    }
    const auto fraction =
        written_by_icu(numbers.precision(icu::number::Precision::fixedFraction(1)), 1.1);
    const auto digits = inside(fraction, marks);
    marks.decimal = digits.substr(one.size(), digits.size() - 2 * one.size());
    return marks;
}

bool begins_group(std::size_t left, const NumberMarks& marks) {
    return left == marks.primary_group ||
           (left > marks.primary_group && (left - marks.primary_group) % marks.other_groups == 0);
}

void append_digits(std::string& out, std::string_view digits, const NumberMarks& marks) {
    if (marks.digits_are_ascii) {
        out += digits;
        return;
    }
    for (const char digit : digits) out += marks.digits[static_cast<std::size_t>(digit - '0')];
}

// Digits before the decimal mark, grouped.
void append_grouped(std::string& out, std::string_view digits, const NumberMarks& marks) {
    const bool grouped = marks.primary_group > 0 && digits.size() > marks.ungrouped_max;
    std::size_t written = 0;
    for (std::size_t i = 1; grouped && i < digits.size(); ++i) {
        if (!begins_group(digits.size() - i, marks)) continue;
        append_digits(out, digits.substr(written, i - written), marks);
        out += marks.group;
        written = i;
    }
    append_digits(out, digits.substr(written), marks);
}

void append_scaled(std::string& out, std::int64_t minor, const NumberMarks& marks) {
    const bool negative = minor < 0;
    auto magnitude = static_cast<std::uint64_t>(minor);
    if (negative) magnitude = ~magnitude + 1;
    std::array<char, 24> buffer{};
    auto at = buffer.size();
    while (magnitude > 0 || buffer.size() - at <= marks.decimals) {
        buffer[--at] = static_cast<char>('0' + magnitude % 10);
        magnitude /= 10;
    }
    const std::string_view all{buffer.data() + at, buffer.size() - at};
    out += negative ? marks.negative_prefix : marks.prefix;
    append_grouped(out, all.substr(0, all.size() - marks.decimals), marks);
    if (marks.decimals > 0) out += marks.decimal;
    append_digits(out, all.substr(all.size() - marks.decimals), marks);
    out += negative ? marks.negative_suffix : marks.suffix;
}

struct CachedDate {
    std::int64_t day{INT64_MIN};
    std::string text{};
};

struct DateWriter {
    std::unique_ptr<icu::DateFormat> format{};
    std::array<CachedDate, 64>
        recent{};  // a campaign's dates repeat: due dates, birthdays of one day

    const std::string& text(std::int64_t day) {
        auto& slot = recent[static_cast<std::size_t>(day & 63)];
        if (slot.day != day) {
            icu::UnicodeString unicode;
            format->format(static_cast<double>(day) * milliseconds_per_day, unicode);
            slot = {day, utf8(unicode)};
        }
        return slot.text;
    }
};

struct MoneyMarks {
    std::string currency{};
    NumberMarks standard{};
    NumberMarks amount{};
};

// Language, script and country only: a client's locale may carry keywords ("@calendar=buddhist") or
// be no locale.
icu::Locale plain_locale(const std::string& tag) {
    const auto given = icu::Locale::createCanonical(tag.c_str());
    if (given.isBogus()) return icu::Locale::getEnglish();
    std::string name = given.getLanguage();
    for (const std::string_view part : {given.getScript(), given.getCountry()})
        if (!part.empty()) name += "_" + std::string{part};
    const icu::Locale plain{name.c_str()};
    return plain.isBogus() ? icu::Locale::getEnglish() : plain;
}

bool is_currency_code(std::string_view code) {
    return code.size() == 3 &&
           std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Days are counted in UTC, and the calendar does not turn Julian before 1582, as base::LocalDate
// does not.
void use_plain_calendar(icu::DateFormat& format) {
    constexpr double beginning_of_time = -8.64e15;
    format.adoptTimeZone(icu::TimeZone::getGMT()->clone());
    const auto* gregorian = dynamic_cast<const icu::GregorianCalendar*>(format.getCalendar());
    if (gregorian == nullptr) return;
    auto calendar = std::make_unique<icu::GregorianCalendar>(*gregorian);
    UErrorCode status = U_ZERO_ERROR;
    calendar->setGregorianChange(beginning_of_time, status);
    require(status, "a calendar");
    format.adoptCalendar(calendar.release());
}

}  // namespace

struct Formatter::Marks {
    icu::Locale locale;
    NumberMarks integer{};
    std::vector<MoneyMarks> money{};
    Numbers numbers{};
    Numbers percent{};
    std::unique_ptr<icu::PluralRules> plurals{};
    std::array<std::optional<PluralCategory>, 256> known_plurals{};
    DateWriter long_dates{};
    DateWriter short_dates{};

    explicit Marks(const std::string& tag) : locale(plain_locale(tag)) {
        make_numbers();
        make_dates();
        UErrorCode status = U_ZERO_ERROR;
        plurals.reset(icu::PluralRules::forLocale(locale, status));
        require(status, "plural rules");
    }

    void make_numbers() {
        using icu::number::NumberFormatter;
        using icu::number::Precision;
        numbers = NumberFormatter::withLocale(locale).precision(Precision::maxFraction(3));
        percent = NumberFormatter::withLocale(locale)
                      .unit(icu::NoUnit::percent())
                      .precision(Precision::maxFraction(2));
        integer = read_marks(locale, numbers);
    }

    void make_dates() {
        long_dates.format.reset(
            icu::DateFormat::createDateInstance(icu::DateFormat::kLong, locale));
        UErrorCode status = U_ZERO_ERROR;
        const std::unique_ptr<icu::DateTimePatternGenerator> generator{
            icu::DateTimePatternGenerator::createInstance(locale, status)};
        require(status, "date patterns");
        const auto pattern = generator->getBestPattern("yMd", status);
        short_dates.format = std::make_unique<icu::SimpleDateFormat>(pattern, locale, status);
        if (!long_dates.format) status = U_MEMORY_ALLOCATION_ERROR;
        require(status, "date formats");
        use_plain_calendar(*long_dates.format);
        use_plain_calendar(*short_dates.format);
    }

    PluralCategory plural(double count) const {
        static constexpr std::array names{"zero", "one", "two", "few", "many"};
        const auto keyword = plurals->select(count);
        for (std::size_t i = 0; i < names.size(); ++i)
            if (keyword == names[i]) return static_cast<PluralCategory>(i);
        return PluralCategory::other;
    }

    const MoneyMarks& remember(MoneyMarks marks) {
        if (money.size() == kept_max) money.pop_back();
        return money.emplace_back(std::move(marks));
    }

    const MoneyMarks& unknown_money(const std::string& code) {
        MoneyMarks marks{code, integer, integer};
        marks.standard.decimals = marks.amount.decimals = 2;
        marks.standard.suffix = marks.standard.negative_suffix = "\u00A0" + code;
        return remember(std::move(marks));
    }

    const MoneyMarks& money_marks(std::string_view currency) {
        for (const auto& known : money)
            if (known.currency == currency) return known;
        const std::string code{currency};
        if (!is_currency_code(code)) return unknown_money(code);
        UErrorCode status = U_ZERO_ERROR;
        const icu::CurrencyUnit unit{icu::StringPiece{code}, status};
        require(status, "a currency");
        MoneyMarks marks{code, read_marks(locale, numbers.unit(unit)), integer};
        marks.standard.decimals = static_cast<std::size_t>(base::minor_digits(currency));
        marks.amount.decimals = marks.standard.decimals;
        return remember(std::move(marks));
    }
};

Formatter::Formatter(const std::string& locale) : marks_(std::make_unique<Marks>(locale)) {}
Formatter::~Formatter() = default;

void Formatter::append_money(std::string& out, std::int64_t minor, std::string_view currency,
                             MoneyStyle style) const {
    if (style == MoneyStyle::plain) {
        out += base::plain_text({minor, std::string{currency}});
        return;
    }
    const auto& marks = marks_->money_marks(currency);
    append_scaled(out, minor, style == MoneyStyle::amount ? marks.amount : marks.standard);
}

void Formatter::append_integer(std::string& out, std::int64_t number) const {
    append_scaled(out, number, marks_->integer);
}

void Formatter::append_number(std::string& out, double number) const {
    if (std::abs(number) < exact_integer_max && number == std::trunc(number) &&
        !std::signbit(number))
        return append_integer(out, static_cast<std::int64_t>(number));
    out += written_by_icu(marks_->numbers, number);
}

void Formatter::append_percent(std::string& out, double percent) const {
    out += written_by_icu(marks_->percent, percent);
}

void Formatter::append_date(std::string& out, std::int64_t days_since_1970, DateStyle style) const {
    switch (style) {
        case DateStyle::long_form: out += marks_->long_dates.text(days_since_1970); return;
        case DateStyle::short_form: out += marks_->short_dates.text(days_since_1970); return;
        case DateStyle::iso: break;
    }
    const std::chrono::sys_days day{std::chrono::days{days_since_1970}};
    out += base::to_text(base::LocalDate{day});
}

PluralCategory Formatter::plural(double number) const {
    auto& known = marks_->known_plurals;
    const bool is_small =
        number >= 0 && number < static_cast<double>(known.size()) && number == std::trunc(number);
    if (!is_small) return marks_->plural(number);
    auto& category = known[static_cast<std::size_t>(number)];
    if (!category) category = marks_->plural(number);
    return *category;
}

const Formatter& formatter_for(std::string_view locale) {
    struct Known {
        std::string locale{};
        std::unique_ptr<Formatter> formatter{};
    };
    thread_local std::vector<Known> known;
    for (const auto& one : known)
        if (one.locale == locale) return *one.formatter;
    if (known.size() == kept_max) known.pop_back();
    const std::string name{locale};
    return *known.emplace_back(Known{name, std::make_unique<Formatter>(name)}).formatter;
}

std::string format_money(const base::Money& money, std::string_view locale, MoneyStyle style) {
    std::string text;
    formatter_for(locale).append_money(text, money.minor, money.currency, style);
    return text;
}

std::string format_date(const base::LocalDate& date, std::string_view locale, DateStyle style) {
    std::string text;
    const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
    formatter_for(locale).append_date(text, days, style);
    return text;
}

std::string format_number(double number, std::string_view locale) {
    std::string text;
    formatter_for(locale).append_number(text, number);
    return text;
}

PluralCategory plural_category(double number, std::string_view locale) {
    return formatter_for(locale).plural(number);
}

bool is_known_locale(std::string_view locale) {
    const auto canonical = icu::Locale::createCanonical(std::string{locale}.c_str());
    if (canonical.isBogus() || *canonical.getLanguage() == '\0') return false;
    int32_t count = 0;
    const auto* available = icu::Locale::getAvailableLocales(count);
    for (int32_t i = 0; i < count; ++i)
        if (std::string_view{available[i].getLanguage()} == canonical.getLanguage()) return true;
    return false;
}

}  // namespace carillon::templates
