// Amounts, numbers and dates as people of a locale write them (CLDR data, by ICU).
//
// ICU formatters cost tens of microseconds to build, so each thread keeps those of the locales it
// has used; amounts and whole numbers are then written without ICU from the marks it gave (proved
// equal to ICU by a test). Safe from several threads. A locale nobody knows formats like its
// closest relative, in the end like English.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/local_date.h"
#include "base/money.h"

namespace carillon::templates {

enum class DateStyle {
    long_form,   // "21 ноября 2026 г.", "November 21, 2026"
    short_form,  // "21.11.2026", "11/21/2026": the year in full, since a bank's dates span
                 // centuries
    iso,         // "2026-11-21"
};

enum class MoneyStyle {
    standard,  // "1 234,50 ₽"
    amount,    // "1 234,50"
    plain,     // "1234.50"
};

enum class PluralCategory { zero, one, two, few, many, other };

// Appending versions, for hot paths. Belongs to the thread that asked for it.
class Formatter {
public:
    explicit Formatter(const std::string& locale);
    ~Formatter();
    Formatter(const Formatter&) = delete;
    Formatter& operator=(const Formatter&) = delete;

    void append_money(std::string& out, std::int64_t minor, std::string_view currency,
                      MoneyStyle style) const;
    void append_integer(std::string& out, std::int64_t number) const;
    void append_number(std::string& out, double number) const;    // at most 3 decimals
    void append_percent(std::string& out, double percent) const;  // 12.5 -> "12,5 %"
    void append_date(std::string& out, std::int64_t days_since_1970, DateStyle style) const;
    PluralCategory plural(double number) const;

private:
    struct Marks;
    std::unique_ptr<Marks> marks_;
};

// Lives until the calling thread ends or has used 64 other locales; do not keep it or hand it to
// another thread.
const Formatter& formatter_for(std::string_view locale);

std::string format_money(const base::Money& money, std::string_view locale,
                         MoneyStyle style = MoneyStyle::standard);
std::string format_date(const base::LocalDate& date, std::string_view locale,
                        DateStyle style = DateStyle::long_form);
std::string format_number(double number, std::string_view locale);
PluralCategory plural_category(double number, std::string_view locale);

// True for a well-formed tag of a language ICU has data for: "en", "ru-RU", "zh_Hant".
bool is_known_locale(std::string_view locale);

}  // namespace carillon::templates
