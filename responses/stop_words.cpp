#include "responses/stop_words.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.h"
#include "responses/stop_lists.h"

namespace carillon::responses {

namespace {

constexpr std::size_t keyword_words_max = 3;
constexpr std::size_t order_words_max = 16;

// Exact words, and the beginnings of others.
class WordList {
public:
    explicit WordList(std::string_view words) {
        for (auto word : base::split(words, ' ')) {
            const bool is_stem = word.ends_with('*');
            if (is_stem) word.remove_suffix(1);
            if (!word.empty()) (is_stem ? stems_ : words_).push_back(word);
        }
    }
    bool holds(std::string_view word) const {
        return std::ranges::find(words_, word) != words_.end() ||
               std::ranges::any_of(stems_,
                                   [&](std::string_view stem) { return word.starts_with(stem); });
    }

private:
    std::vector<std::string_view> words_;
    std::vector<std::string_view> stems_;
};

// Latin letters that look like Cyrillic ones, both small.
struct Lookalike {
    char latin{};
    std::string_view cyrillic{};
};
constexpr std::array lookalikes{Lookalike{'a', "а"}, Lookalike{'b', "в"}, Lookalike{'c', "с"},
                                Lookalike{'e', "е"}, Lookalike{'h', "н"}, Lookalike{'k', "к"},
                                Lookalike{'m', "м"}, Lookalike{'o', "о"}, Lookalike{'p', "р"},
                                Lookalike{'t', "т"}, Lookalike{'x', "х"}, Lookalike{'y', "у"}};

bool is_cyrillic_lead(char c) {
    return c == '\xD0' || c == '\xD1';
}

// A word in both alphabets ("CTOП" with three Latin letters) as one in Cyrillic letters.
void settle_alphabet(std::string& word) {
    if (std::ranges::none_of(word, is_cyrillic_lead)) return;
    std::string settled;
    for (const char c : word) {
        const auto found = std::ranges::find(lookalikes, c, &Lookalike::latin);
        if (found == lookalikes.end())
            settled += c;
        else
            settled += found->cyrillic;
    }
    word = settled;
}

// How many bytes the character at `at` takes; 1 for a broken one.
std::size_t length_at(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return at + length <= text.size() ? length : 1;
}

// Seen by nobody: soft hyphen, zero-width spaces and joiners, marks of direction, the byte order
// mark, variation selectors.
bool is_invisible(std::string_view character) {
    constexpr std::array<std::string_view, 10> all{"\u00AD", "\u200B", "\u200C", "\u200D",
                                                   "\u200E", "\u200F", "\u2060", "\uFEFF",
                                                   "\uFE0E", "\uFE0F"};
    return std::ranges::find(all, character) != all.end();
}

// Letters of any script and digits; signs, spaces, quotation marks and pictures part words.
bool is_letter(std::string_view character) {
    const auto c = character.front();
    if (character.size() == 1)
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               static_cast<unsigned char>(c) >= 0x80;
    if (character.size() == 2) return c != '\xC2' && character != "\u00D7" && character != "\u00F7";
    // U+2000 to U+2FFF and U+3000 to U+303F are signs, U+F0000 and what lies beside it pictures.
    if (character.size() == 3) return c != '\xE2' && !character.starts_with("\xE3\x80");
    return !character.starts_with("\xF0\x9F");
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words(1);
    const auto folded = base::fold_case(text);
    const std::string_view rest{folded};
    for (std::size_t at = 0, length = 0; at < rest.size(); at += length) {
        length = length_at(rest, at);
        const auto character = rest.substr(at, length);
        if (character == "-" || is_invisible(character)) continue;
        if (is_letter(character))
            words.back() += character;
        else if (!words.back().empty())
            words.emplace_back();
    }
    if (words.back().empty()) words.pop_back();
    for (auto& word : words) settle_alphabet(word);
    return words;
}

// "Best regards, Anna": what people close with is no part of what they say.
void cut_closing(std::string& text) {
    constexpr std::size_t name_bytes_max = 80;
    for (const auto closing : lists::closings) {
        const auto at = text.find(" " + std::string{closing} + " ");
        if (at != std::string::npos && text.size() - at <= closing.size() + name_bytes_max)
            text.erase(at + 1);
    }
}

// Reads a text word by word: is there an order, and nothing beside it but what belongs to one?
class Order {
public:
    // False once a word says something else.
    bool take(std::string_view word) {
        static const WordList keywords{lists::keywords};
        static const WordList orders{lists::orders};
        static const WordList removals{lists::removals};
        static const WordList negations{lists::negations};
        static const WordList soft_negations{lists::soft_negations};
        static const WordList requests{lists::requests};
        static const WordList receipts{lists::receipts};
        static const WordList wishes{lists::wishes};
        static const WordList subjects{lists::subjects};
        static const WordList fillers{lists::fillers};
        if (keywords.holds(word) || orders.holds(word)) return order();
        if (requests.holds(word) || (negated_ && (word == "email" || word == "mail")))
            return request();
        if (removals.holds(word)) return removal();
        if (negations.holds(word)) return negated_ = true;
        if (soft_negations.holds(word)) return softly_negated_ = true;
        if (receipts.holds(word)) return received_ = true;
        if (wishes.holds(word)) return wished_ = true;
        if (subjects.holds(word)) return has_subject_ = true;
        return fillers.holds(word);
    }

    void phrase() { has_order_ = true; }
    bool given() const {
        const bool is_unwanted = was_negated() && wished_ && (received_ || has_subject_);
        return has_order_ || (has_removal_ && has_subject_) || is_unwanted;
    }

private:
    bool was_negated() const { return negated_ || softly_negated_ || had_negation_; }
    // "Do not unsubscribe me" says the contrary.
    bool order() { return !negated_ && (has_order_ = true); }
    bool removal() { return !negated_ && (has_removal_ = true); }
    bool request() {
        if (negated_) has_order_ = had_negation_ = true;
        negated_ = false;
        return true;
    }

    bool negated_{false};  // and nothing it belongs to has come yet
    bool had_negation_{false};
    bool softly_negated_{false};
    bool received_{false};
    bool wished_{false};
    bool has_subject_{false};
    bool has_removal_{false};
    bool has_order_{false};
};

// "Do not remove me": what stands before the phrase ends in a negation.
bool is_turned_around(std::string_view before) {
    static const WordList negations{lists::negations};
    const auto words = base::split(base::trim(before), ' ');
    return !words.empty() && negations.holds(words.back());
}

bool is_order(const std::vector<std::string>& words) {
    if (words.empty() || words.size() > order_words_max) return false;
    static const WordList lone{lists::lone};
    if (words.size() == 1 && lone.holds(words.front())) return true;
    auto text = " " + base::join({words.begin(), words.end()}, " ") + " ";
    cut_closing(text);
    Order order;
    for (const auto phrase : lists::phrases) {
        const auto at = text.find(" " + std::string{phrase} + " ");
        if (at == std::string::npos || is_turned_around(text.substr(0, at))) continue;
        text.erase(at, phrase.size() + 1);
        order.phrase();
    }
    for (const auto word : base::split(std::string_view{text}, ' '))
        if (!word.empty() && !order.take(word)) return false;
    return order.given();
}

// "Здравствуйте, Анна! Отпишите меня": the text behind the greeting.
std::string_view without_greeting(std::string_view text) {
    constexpr std::size_t greeting_bytes_max = 120;
    static const WordList greetings{lists::greetings};
    const auto end = text.substr(0, greeting_bytes_max).find_first_of(".!\n");
    if (end == std::string_view::npos) return text;
    const auto words = words_of(text.substr(0, end));
    if (words.empty() || words.size() > keyword_words_max || !greetings.holds(words.front()))
        return text;
    return text.substr(end + 1);
}

bool is_capitalized(std::string_view word) {
    const auto first = word.substr(0, length_at(word, 0));
    return base::fold_case(first) != first;
}

// "Отпишите меня\n\nИван Петров": the text above a line that is only a name.
std::string_view without_name(std::string_view text) {
    static const WordList matters{lists::matters};
    text = base::trim(text);
    const auto end = text.rfind('\n');
    if (end == std::string_view::npos) return text;
    std::size_t count = 0;
    for (const auto word : base::split(base::trim(text.substr(end)), ' ')) {
        if (word.empty()) continue;
        if (!is_capitalized(word) || matters.holds(base::fold_case(word))) return text;
        ++count;
    }
    return count <= keyword_words_max ? text.substr(0, end) : text;
}

// "STOP OFFERS2", but not "stop my card" and no question.
bool begins_with_keyword(std::string_view text, const std::vector<std::string>& words) {
    static const WordList keywords{lists::keywords};
    static const WordList matters{lists::matters};
    return words.size() <= keyword_words_max && keywords.holds(words.front()) &&
           text.find('?') == std::string_view::npos &&
           std::ranges::none_of(words, [](std::string_view word) { return matters.holds(word); });
}

bool is_start(const std::vector<std::string>& words) {
    static const WordList starts{lists::starts};
    static const WordList fillers{lists::fillers};
    return words.size() <= keyword_words_max && starts.holds(words.front()) &&
           std::ranges::all_of(words, [](std::string_view word) {
               return starts.holds(word) || fillers.holds(word) ||
                      word.find_first_not_of("0123456789") == std::string_view::npos;
           });
}

}  // namespace

std::string_view name_of(AnswerKind kind) {
    switch (kind) {
        case AnswerKind::stop: return "stop";
        case AnswerKind::start: return "start";
        case AnswerKind::reply: return "reply";
    }
    std::abort();
}

AnswerKind kind_of_answer(std::string_view text) {
    const auto words = words_of(text);
    if (words.empty()) return AnswerKind::reply;
    if (is_order(words) || is_order(words_of(without_greeting(without_name(text)))) ||
        begins_with_keyword(text, words))
        return AnswerKind::stop;
    return is_start(words) ? AnswerKind::start : AnswerKind::reply;
}

}  // namespace carillon::responses
