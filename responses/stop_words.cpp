#include "responses/stop_words.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.h"

namespace carillon::responses {

namespace {

// Case-folded.
constexpr std::array<std::string_view, 22> stop_words{
    "stop",    "stopall",    "unsubscribe", "cancel",   "end",    "quit",      "optout", "revoke",
    "arret",   "stopp",      "abmelden",    "zrusit",   "konec",  "baja",      "alto",   "стоп",
    "отписка", "отписаться", "отмена",      "отпишите", "хватит", "прекратите"};
constexpr std::array<std::string_view, 4> start_words{"start", "unstop", "старт", "подписка"};
constexpr std::size_t words_max = 3;

// Letters of any script and digits; everything else parts words.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words(1);
    for (const char c : base::fold_case(text)) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_letter =
            byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        if (is_letter && c != '-')
            words.back() += c;
        else if (!is_letter && !words.back().empty())
            words.emplace_back();
    }
    if (words.back().empty()) words.pop_back();
    return words;
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
    if (words.empty() || words.size() > words_max) return AnswerKind::reply;
    if (std::ranges::find(stop_words, words.front()) != stop_words.end()) return AnswerKind::stop;
    if (std::ranges::find(start_words, words.front()) != start_words.end())
        return AnswerKind::start;
    return AnswerKind::reply;
}

}  // namespace carillon::responses
