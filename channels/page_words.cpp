#include "channels/page_words.h"

#include <array>

namespace carillon::channels {

namespace {

struct Language {
    std::string_view code{};
    PageWords words{};
    std::string_view page{};
    std::string_view of{};
    std::array<std::string_view, 12> months{};  // as they stand in a date
    std::string_view after_day{};               // "21. November"
    std::string_view after_year{};
};

constexpr Language languages[] = {
    {"en",
     {"Enclosures:", "Our reference", "Your reply", "Scan the code with your telephone",
      "or enter this code:", "FAX", "From", "To", "Number", "Pages", "Subject", "Date"},
     "Page",
     "of",
     {"January", "February", "March", "April", "May", "June", "July", "August", "September",
      "October", "November", "December"},
     "",
     ""},
    {"ru",
     {"Приложения:", "Исх. №", "Ваш ответ", "Наведите камеру телефона на код",
      "или введите код ответа:", "ФАКС", "От кого", "Кому", "Номер", "Страниц", "Тема", "Дата"},
     "Страница",
     "из",
     {"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября",
      "октября", "ноября", "декабря"},
     "",
     " г."},
    {"de",
     {"Anlagen:", "Unser Zeichen", "Ihre Antwort", "Scannen Sie den Code mit Ihrem Telefon",
      "oder geben Sie diesen Code ein:", "FAX", "Von", "An", "Nummer", "Seiten", "Betreff",
      "Datum"},
     "Seite",
     "von",
     {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
      "November", "Dezember"},
     ".",
     ""},
    {"cs",
     {"Přílohy:", "Naše značka", "Vaše odpověď", "Naskenujte kód telefonem",
      "nebo zadejte tento kód:", "FAX", "Od", "Komu", "Číslo", "Stran", "Předmět", "Datum"},
     "Strana",
     "z",
     {"ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září", "října",
      "listopadu", "prosince"},
     ".",
     ""},
};

const Language& language_of(std::string_view code) {
    for (const auto& language : languages)
        if (language.code == code.substr(0, code.find('-'))) return language;
    return languages[0];
}

}  // namespace

const PageWords& page_words(std::string_view language) {
    return language_of(language).words;
}

std::string date_in_words(const base::LocalDate& date, std::string_view code) {
    const auto& language = language_of(code);
    const auto day = std::to_string(static_cast<unsigned>(date.day()));
    const auto year = std::to_string(static_cast<int>(date.year()));
    const std::string month{language.months[(static_cast<unsigned>(date.month()) + 11) % 12]};
    if (code == "en-US") return month + " " + day + ", " + year;
    return day + std::string{language.after_day} + " " + month + " " + year +
           std::string{language.after_year};
}

std::string page_of(int page, int pages, std::string_view code) {
    const auto& language = language_of(code);
    return std::string{language.page} + " " + std::to_string(page) + " " +
           std::string{language.of} + " " + std::to_string(pages);
}

}  // namespace carillon::channels
