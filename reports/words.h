// What a report says, in English and Russian, and how numbers are written in each. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/money.h"
#include "reports/measured.h"

namespace carillon::reports {

enum class Language { english, russian };
std::optional<Language> language_from(std::string_view name);  // "en", "ru"

struct Phrase {
    std::string_view english{};
    std::string_view russian{};
};

class Words {
public:
    explicit Words(Language language) : language_(language) {}

    Language language() const { return language_; }
    std::string_view operator()(const Phrase& phrase) const {
        return language_ == Language::russian ? phrase.russian : phrase.english;
    }
    std::string why(Lack lack) const;
    // Words of the program for people: states, channels, reactions, kinds of conversions, measures.
    // A word nobody knows stays as it is.
    std::string term(std::string_view word) const;

    // Why a message is where it is, in words: "no_contact", "there is no such mailbox (5.1.1)".
    // What a provider said stays as it is (reason_words.cpp).
    std::string reason(std::string_view code) const;

    std::string count(std::int64_t number) const;               // "1 234 567"
    std::string number(double value, int decimals) const;       // "22.4860", "22,4860"
    std::string percent(double share, int decimals = 3) const;  // 0.18276 -> "18.276 %"
    std::string signed_percent(double share, int decimals = 4) const;
    std::string p_value(double p) const;  // "0.0312", "< 0.0001"
    std::string money(double minor, std::string_view currency) const;
    std::string duration(std::int64_t milliseconds) const;  // "3 h 20 min", "2.5 d"

private:
    Language language_;
};

}  // namespace carillon::reports
