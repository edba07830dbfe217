#include "desk/language.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <vector>

#include "base/money.h"
#include "base/text.h"
#include "desk/russian_sentences.h"
#include "templates/format.h"

namespace carillon::desk {

namespace {

// Between its values a sentence says the same words each time.
struct Pattern {
    std::vector<std::string> words{};  // one more than values
    std::vector<bool> translated{};    // of each value: whether it is a sentence itself
    std::string russian{};
    std::size_t letters() const {
        std::size_t sum = 0;
        for (const auto& one : words) sum += one.size();
        return sum;
    }
};

Pattern pattern_from(std::string_view english, std::string_view russian) {
    Pattern pattern{.russian = std::string{russian}};
    for (std::string_view rest = english;;) {
        const auto plain = rest.find("{}");
        const auto spoken = rest.find("{~}");
        const auto at = std::min(plain, spoken);
        pattern.words.emplace_back(rest.substr(0, at));
        if (at == std::string_view::npos) return pattern;
        pattern.translated.push_back(at == spoken);
        rest.remove_prefix(at + (at == spoken ? 3 : 2));
    }
}

struct Book {
    std::map<std::string, std::string, std::less<>> whole{};
    std::vector<Pattern> patterns{};  // those that say most first
};

Book read_book() {
    Book book;
    const auto lines = base::split(russian_sentences, '\n');
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
        if (lines[i].empty()) continue;
        auto pattern = pattern_from(lines[i], lines[i + 1]);
        if (pattern.translated.empty())
            book.whole.emplace(lines[i], lines[i + 1]);
        else
            book.patterns.push_back(std::move(pattern));
        ++i;
    }
    std::ranges::stable_sort(book.patterns, std::greater{}, &Pattern::letters);
    return book;
}

const Book& book() {
    static const auto read = read_book();
    return read;
}

// The values of a sentence of this pattern.
std::optional<std::vector<std::string_view>> values_in(std::string_view sentence,
                                                       const Pattern& pattern) {
    if (!sentence.starts_with(pattern.words.front())) return std::nullopt;
    std::vector<std::string_view> values;
    auto rest = sentence.substr(pattern.words.front().size());
    for (std::size_t i = 1; i < pattern.words.size(); ++i) {
        const auto& next = pattern.words[i];
        const bool is_last = i + 1 == pattern.words.size();
        if (is_last && !rest.ends_with(next)) return std::nullopt;
        const auto at = is_last ? rest.size() - next.size() : rest.find(next);
        if (at == std::string_view::npos) return std::nullopt;
        values.push_back(rest.substr(0, at));
        rest.remove_prefix(at + next.size());
    }
    return values;
}

// "0.64 RUB", which is for machines, as people write it; any other value stays as it is.
std::string value_in_russian(std::string_view value) {
    const auto at = value.rfind(' ');
    if (at == std::string_view::npos || value.find('.') == std::string_view::npos)
        return std::string{value};
    const auto currency = value.substr(at + 1);
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (currency.size() != 3 || !std::ranges::all_of(currency, is_capital))
        return std::string{value};
    const auto minor = base::parse_minor(value.substr(0, at), currency);
    if (!minor) return std::string{value};
    const base::Money money{*minor, std::string{currency}};
    const bool is_ours = base::plain_text(money) == value.substr(0, at);
    return is_ours ? templates::format_money(money, "ru") : std::string{value};
}

// "{}" is the only value, "{2}" the second one.
std::string filled(const std::string& russian, const std::vector<std::string>& values) {
    std::string text;
    for (std::size_t at = 0; at < russian.size();) {
        const auto open = russian.find('{', at);
        text += russian.substr(at, open - at);
        if (open == std::string::npos) break;
        const auto close = russian.find('}', open);
        std::size_t number = 1;
        std::from_chars(russian.data() + open + 1, russian.data() + close, number);
        if (number >= 1 && number <= values.size()) text += values[number - 1];
        at = close + 1;
    }
    return text;
}

// Sentences within sentences: what a provider says may have any number of colons.
constexpr int depth_max = 3;
std::optional<std::string> russian_of(std::string_view sentence, int depth);

std::string russian_or_same(std::string_view sentence, int depth = 0) {
    return russian_of(sentence, depth).value_or(std::string{sentence});
}

// The words before a mark and those behind it, each for itself.
std::optional<std::string> by_parts(std::string_view sentence, int depth) {
    for (const std::string_view mark : {"; ", ": "}) {
        const auto at = sentence.rfind(mark);
        if (at == std::string_view::npos) continue;
        const auto first = russian_of(sentence.substr(0, at), depth + 1);
        const auto second = russian_of(sentence.substr(at + mark.size()), depth + 1);
        if (!first && !second) continue;
        return first.value_or(std::string{sentence.substr(0, at)}) + std::string{mark} +
               second.value_or(std::string{sentence.substr(at + mark.size())});
    }
    return std::nullopt;
}

std::optional<std::string> russian_of(std::string_view sentence, int depth) {
    if (const auto found = book().whole.find(sentence); found != book().whole.end())
        return found->second;
    if (depth == depth_max) return std::nullopt;
    for (const auto& pattern : book().patterns) {
        const auto values = values_in(sentence, pattern);
        if (!values) continue;
        std::vector<std::string> said;
        for (std::size_t i = 0; i < values->size(); ++i)
            said.push_back(pattern.translated[i] ? russian_or_same((*values)[i], depth + 1)
                                                 : value_in_russian((*values)[i]));
        return filled(pattern.russian, said);
    }
    return by_parts(sentence, depth);
}

}  // namespace

Language language_from(std::string_view accept_language) {
    auto best = Language::english;
    double most = 0;
    for (const auto part : base::split(accept_language, ',')) {
        const auto fields = base::split(part, ';');
        const auto whole = base::fold_case(base::trim(fields.front()));
        const auto tag = whole.substr(0, whole.find('-'));
        double weight = 1;
        for (std::size_t i = 1; i < fields.size(); ++i) {
            const auto field = base::trim(fields[i]);
            if (field.starts_with("q="))
                std::from_chars(field.data() + 2, field.data() + field.size(), weight);
        }
        const bool is_known = tag == "ru" || tag == "en";
        if (!is_known || weight <= most) continue;
        most = weight;
        best = tag == "ru" ? Language::russian : Language::english;
    }
    return best;
}

std::string in_language(std::string_view sentence, Language language) {
    return language == Language::english ? std::string{sentence} : russian_or_same(sentence);
}

void put_into_language(base::Json& json, const std::vector<std::string_view>& keys,
                       Language language) {
    if (language == Language::english || keys.empty()) return;
    if (auto* list = json.array())
        for (auto& one : *list) put_into_language(one, keys, language);
    if (auto* members = json.object())
        for (auto& [key, value] : *members) {
            const bool is_said = std::ranges::find(keys, key) != keys.end();
            if (is_said && value.text() != nullptr)
                value = in_language(*value.text(), language);
            else
                put_into_language(value, keys, language);
        }
}

}  // namespace carillon::desk
