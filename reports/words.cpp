#include "reports/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace carillon::reports {

namespace {

using Term = std::pair<std::string_view, std::string_view>;

// Words that say too little by themselves; the others are English already.
constexpr std::array english_terms{Term{"opt_out", "opt-outs"},
                                   Term{"last", "the last message before them"},
                                   Term{"first", "the first message"},
                                   Term{"linear", "all messages before them alike"},
                                   Term{"value_class", "value class"},
                                   Term{"robot_open", "opens by robots"},
                                   Term{"robot_click", "clicks by robots"},
                                   Term{"auto_reply", "automatic answers"},
                                   Term{"bounce", "bounces"},
                                   Term{"closed_unknown", "unknown for good"},
                                   Term{"past", "past (run by another system)"}};

constexpr std::array russian_terms{Term{"control", "контрольная группа"},
                                   Term{"treated", "все, кому писали"},
                                   Term{"goal", "цель"},
                                   Term{"visit", "визит"},
                                   Term{"purchase", "покупка"},
                                   Term{"payment", "платёж"},
                                   Term{"application", "заявка"},
                                   Term{"reach", "охват"},
                                   Term{"delivery", "доставка"},
                                   Term{"open", "открытия"},
                                   Term{"click", "переходы"},
                                   Term{"response", "отклики"},
                                   Term{"opt_out", "отказы от рассылки"},
                                   Term{"email", "письмо"},
                                   Term{"sms", "SMS"},
                                   Term{"fax", "факс"},
                                   Term{"letter", "бумажное письмо"},
                                   Term{"call", "звонок"},
                                   Term{"planned", "запланировано"},
                                   Term{"held", "ждёт"},
                                   Term{"queued", "в очереди"},
                                   Term{"leased", "в работе"},
                                   Term{"submitting", "отправляется"},
                                   Term{"accepted", "принято"},
                                   Term{"delivered", "доставлено"},
                                   Term{"bounced", "вернулось"},
                                   Term{"deferred", "отложено"},
                                   Term{"failed", "не принято"},
                                   Term{"uncertain", "неизвестно"},
                                   Term{"suppressed", "подавлено"},
                                   Term{"expired", "опоздало"},
                                   Term{"cancelled", "отменено"},
                                   Term{"quarantined", "на карантине"},
                                   Term{"skipped", "исключено"},
                                   Term{"closed_unknown", "осталось неизвестным"},
                                   Term{"draft", "черновик"},
                                   Term{"submitted", "на утверждении"},
                                   Term{"approved", "утверждена"},
                                   Term{"running", "идёт"},
                                   Term{"paused", "приостановлена"},
                                   Term{"past", "проведена в другой системе"},
                                   Term{"branch", "отделение"},
                                   Term{"manager", "менеджер"},
                                   Term{"value_class", "класс ценности"},
                                   Term{"status", "статус"},
                                   Term{"product", "продукт"},
                                   Term{"robot_open", "открытия роботами"},
                                   Term{"robot_click", "переходы роботов"},
                                   Term{"auto_reply", "автоответы"},
                                   Term{"bounce", "возвраты"},
                                   Term{"unsubscribe", "отписка по ссылке"},
                                   Term{"complaint", "жалоба"},
                                   Term{"segment", "сегмент"},
                                   Term{"industry", "отрасль"},
                                   Term{"household", "домохозяйство"},
                                   Term{"prospect", "потенциальный"},
                                   Term{"new", "новый"},
                                   Term{"active", "активный"},
                                   Term{"inactive", "неактивный"},
                                   Term{"leaving", "уходящий"},
                                   Term{"invalid", "недействительный"},
                                   Term{"disabled", "отключён"},
                                   Term{"top", "высший"},
                                   Term{"standard", "обычный"},
                                   Term{"stop", "СТОП"},
                                   Term{"reply", "ответ"},
                                   Term{"interested", "интерес"},
                                   Term{"refused", "отказ"},
                                   Term{"last", "последнее сообщение"},
                                   Term{"first", "первое сообщение"},
                                   Term{"linear", "поровну"}};

constexpr std::string_view no_break_space = "\u00a0";

Phrase phrase_of(Lack lack) {
    switch (lack) {
        case Lack::nobody: return {"nobody to count", "считать некого"};
        case Lack::no_control: return {"no control group", "нет контрольной группы"};
        case Lack::one_client:
            return {"a single client has no spread", "по одному клиенту нельзя судить о разбросе"};
        case Lack::no_spread: return {"all values are equal", "все значения одинаковы"};
        case Lack::no_successes:
            return {"no success to compare with", "не с чем сравнить: ни одного успеха"};
        case Lack::broken_control:
            return {"withheld: the control group is broken",
                    "не показано: контрольная группа нарушена"};
        case Lack::no_cost: return {"no channel has a cost", "стоимость каналов не указана"};
        case Lack::no_money: return {"no conversion has an amount", "у конверсий нет сумм"};
        case Lack::mixed_money: return {"several currencies", "разные валюты"};
    }
    return {};
}

}  // namespace

std::optional<Language> language_from(std::string_view name) {
    if (name == "en") return Language::english;
    if (name == "ru") return Language::russian;
    return std::nullopt;
}

std::string Words::why(Lack lack) const {
    return std::string{(*this)(phrase_of(lack))};
}

std::string Words::term(std::string_view word) const {
    if (language_ == Language::english) {
        const auto* found = std::ranges::find(english_terms, word, &Term::first);
        return std::string{found == english_terms.end() ? word : found->second};
    }
    const auto* found = std::ranges::find(russian_terms, word, &Term::first);
    return std::string{found == russian_terms.end() ? word : found->second};
}

std::string Words::count(std::int64_t number) const {
    auto digits = std::to_string(number < 0 ? -number : number);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), no_break_space);
    return (number < 0 ? "-" : "") + digits;
}

std::string Words::number(double value, int decimals) const {
    auto text = fmt::format("{:.{}f}", value, decimals);
    // "-0.000" is a rounding of nothing.
    if (text.find_first_not_of("-0.") == std::string::npos && text.starts_with('-'))
        text.erase(0, 1);
    const auto point = text.find('.');
    const auto whole_end = point == std::string::npos ? text.size() : point;
    const auto whole = text.substr(0, whole_end);
    auto result = whole.size() > 4 ? count(std::stoll(whole)) : whole;
    if (point != std::string::npos)
        result += (language_ == Language::russian ? "," : ".") + text.substr(point + 1);
    return result;
}

std::string Words::percent(double share, int decimals) const {
    return number(100 * share, decimals) + std::string{no_break_space} + "%";
}

std::string Words::signed_percent(double share, int decimals) const {
    return (share > 0 ? "+" : "") + percent(share, decimals);
}

std::string Words::p_value(double p) const {
    if (p < 0.0001) return "< " + number(0.0001, 4);
    return number(p, 4);
}

std::string Words::money(double minor, std::string_view currency) const {
    const int digits = base::minor_digits(currency);
    return number(minor / std::pow(10.0, digits), digits) + std::string{no_break_space} +
           std::string{currency};
}

std::string Words::duration(std::int64_t milliseconds) const {
    const auto minutes = static_cast<double>(milliseconds) / 60'000.0;
    if (minutes < 60) return number(minutes, 0) + " " + std::string{(*this)({"min", "мин"})};
    if (minutes < 48 * 60) return number(minutes / 60, 1) + " " + std::string{(*this)({"h", "ч"})};
    return number(minutes / 1440, 1) + " " + std::string{(*this)({"d", "дн."})};
}

}  // namespace carillon::reports
