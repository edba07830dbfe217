// What a page itself says in the client's language: dates, page numbers, labels.
// Pure; safe from several threads.
#pragma once

#include <string>
#include <string_view>

#include "base/local_date.h"

namespace carillon::channels {

struct PageWords {
    std::string_view enclosures{};      // "Приложения:"
    std::string_view reference{};       // "Исх. №"
    std::string_view response_title{};  // "Ваш ответ"
    std::string_view scan{};            // what to do with the QR code
    std::string_view or_code{};         // before the response code
    std::string_view fax{};             // fax header and cover
    std::string_view from{};
    std::string_view to{};
    std::string_view number{};
    std::string_view pages{};
    std::string_view subject{};
    std::string_view date{};
};

// Russian, English, German, Czech; English for others. Only the language of "de-AT" matters.
const PageWords& page_words(std::string_view language);

// "21 ноября 2026 г.", "21 November 2026" (en-GB), "November 21, 2026" (en-US),
// "21. November 2026", "21. listopadu 2026"
std::string date_in_words(const base::LocalDate& date, std::string_view language);

// "Страница 2 из 3"
std::string page_of(int page, int pages, std::string_view language);

}  // namespace carillon::channels
