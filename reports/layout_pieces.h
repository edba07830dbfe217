// What layouts of documents have in common: cells and headings in a language. Pure.
#pragma once

#include <cmath>
#include <initializer_list>

#include "reports/document.h"
#include "reports/words.h"

namespace carillon::reports {

using Row = std::vector<Cell>;

class LayoutPieces {
public:
    explicit LayoutPieces(const Words& words) : w_(words) {}

    std::string say(const Phrase& phrase) const { return std::string{w_(phrase)}; }
    std::vector<std::string> heads(std::initializer_list<Phrase> phrases) const {
        std::vector<std::string> columns;
        for (const auto& phrase : phrases) columns.push_back(say(phrase));
        return columns;
    }
    Table table(const Phrase& title, std::initializer_list<Phrase> columns) const {
        return {say(title), heads(columns), {}};
    }
    Cell count(std::int64_t number) const {
        return {w_.count(number), static_cast<double>(number)};
    }
    Cell percent(double share, int decimals = 1) const {
        return {w_.percent(share, decimals), share};
    }
    Cell signed_percent(double share, int decimals = 1) const {
        return {w_.signed_percent(share, decimals), share};
    }
    // Spreadsheets get whole units of the currency.
    Cell money(double minor, std::string_view currency) const {
        return {w_.money(minor, currency), minor / std::pow(10.0, base::minor_digits(currency))};
    }
    Cell number(double value, int decimals) const { return {w_.number(value, decimals), value}; }
    const Words& words() const { return w_; }
    std::string language() const { return w_.language() == Language::russian ? "ru" : "en"; }

private:
    const Words& w_;
};

}  // namespace carillon::reports
