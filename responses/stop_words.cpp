#include "responses/stop_words.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.h"

namespace carillon::responses {

namespace {

// Case-folded. An order with up to two words behind it ("отпишите меня", "stop spam").
constexpr std::array<std::string_view, 34> stop_words{
    "stop",      "stopall",      "unsubscribe", "optout",          "arret",       "arrêt",
    "stopp",     "abmelden",     "abbestellen", "austragen",       "zrusit",      "zrušit",
    "baja",      "désabonner",   "desabonner",  "désinscrire",     "desinscrire", "cancelar",
    "darmebaja", "disiscrivimi", "afmelden",    "uitschrijven",    "wypisz",      "відписатися",
    "стоп",      "отписка",      "отписать",    "отписаться",      "отпишите",    "отпиши",
    "хватит",    "прекратите",   "отпишитеся",  "отменитеподписку"};
// These mean other things too ("cancel my card"): only where nothing else is said.
constexpr std::array<std::string_view, 7> lone_stop_words{"cancel", "end",  "quit",  "revoke",
                                                          "konec",  "alto", "отмена"};
// Orders of several words.
constexpr std::array<std::string_view, 30> stop_phrases{"opt me out",
                                                        "opt out",
                                                        "sign off",
                                                        "sign me off",
                                                        "remove me",
                                                        "take me off",
                                                        "delete me",
                                                        "no more",
                                                        "do not send",
                                                        "don t send",
                                                        "do not write",
                                                        "don t write",
                                                        "do not email",
                                                        "don t email",
                                                        "leave me alone",
                                                        "melden sie mich ab",
                                                        "keine weiteren",
                                                        "keine werbung mehr",
                                                        "ne plus recevoir",
                                                        "ne m envoyez plus",
                                                        "no me envíen más",
                                                        "не присылайте больше",
                                                        "больше не присылайте",
                                                        "больше не пишите",
                                                        "не присылайте",
                                                        "не пишите",
                                                        "не отправляйте",
                                                        "не шлите",
                                                        "удалите меня",
                                                        "уберите меня"};
// What people say around an order without changing it.
constexpr std::array<std::string_view, 102> fillers{
    "please",     "pls",         "kindly",      "thanks",    "thank",
    "you",        "me",          "my",          "email",     "emails",
    "mail",       "mails",       "address",     "from",      "your",
    "the",        "this",        "these",       "of",        "all",
    "any",        "to",          "list",        "lists",     "mailing",
    "newsletter", "newsletters", "messages",    "message",   "sms",
    "ads",        "more",        "advertising", "offers",    "spam",
    "now",        "sending",     "immediately", "at",        "once",
    "i",          "want",        "bitte",       "mich",      "danke",
    "vom",        "von",         "der",         "dem",       "mehr",
    "werbung",    "svp",         "merci",       "moi",       "vos",
    "courriels",  "por",         "favor",       "gracias",   "пожалуйста",
    "прошу",      "спасибо",     "меня",        "мне",       "нас",
    "от",         "из",          "с",           "всех",      "вашей",
    "ваших",      "эту",         "этой",        "рассылки",  "рассылку",
    "рассылок",   "письма",      "писем",       "сообщения", "смс",
    "рекламу",    "спам",        "больше",      "присылать", "hello",
    "hi",         "dear",        "sir",         "madam",     "bank",
    "guten",      "tag",         "hallo",       "bonjour",   "здравствуйте",
    "добрый",     "день",        "вечер",       "банк",      "и",
    "and",        "уважаемый"};
constexpr std::array<std::string_view, 10> closings{"best regards",      "kind regards",
                                                    "regards",           "sincerely",
                                                    "с уважением",       "mit freundlichen grüßen",
                                                    "viele grüße",       "cordialement",
                                                    "bien cordialement", "s pozdravem"};
constexpr std::array<std::string_view, 4> start_words{"start", "unstop", "старт", "подписка"};
constexpr std::size_t words_max = 3;
constexpr std::size_t phrase_words_max = 12;

// Letters of any script and digits; everything else parts words.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words(1);
    auto folded = base::fold_case(text);
    // The apostrophe that telephones write.
    constexpr std::string_view apostrophe{"\u2019"};
    for (auto at = folded.find(apostrophe); at != std::string::npos; at = folded.find(apostrophe))
        folded.replace(at, apostrophe.size(), "'");
    for (const char c : folded) {
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

namespace {

template <class List>
bool is_among(const List& list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
}

// "Best regards, Anna": what people close with is no part of what they say.
void cut_closing(std::string& text) {
    constexpr std::size_t name_bytes_max = 80;
    for (const auto closing : closings) {
        const auto at = text.find(" " + std::string{closing} + " ");
        if (at != std::string::npos && text.size() - at <= closing.size() + name_bytes_max)
            text.erase(at + 1);
    }
}

// An order and nothing beside it but politeness and what it is about.
bool is_polite_order(const std::vector<std::string>& words) {
    if (words.size() > phrase_words_max) return false;
    std::string text{" "};
    for (const auto& word : words) text += word + " ";
    cut_closing(text);
    bool has_order = false;
    for (const auto phrase : stop_phrases) {
        const auto at = text.find(" " + std::string{phrase} + " ");
        if (at == std::string::npos) continue;
        text.erase(at, phrase.size() + 1);
        has_order = true;
    }
    for (const auto word : base::split(std::string_view{text}, ' ')) {
        if (word.empty() || is_among(fillers, word)) continue;
        if (!is_among(stop_words, word) && !is_among(lone_stop_words, word)) return false;
        has_order = true;
    }
    return has_order;
}

}  // namespace

AnswerKind kind_of_answer(std::string_view text) {
    const auto words = words_of(text);
    if (words.empty()) return AnswerKind::reply;
    if (is_polite_order(words)) return AnswerKind::stop;
    if (words.size() > words_max) return AnswerKind::reply;
    if (is_among(stop_words, words.front())) return AnswerKind::stop;
    return is_among(start_words, words.front()) ? AnswerKind::start : AnswerKind::reply;
}

}  // namespace carillon::responses
