// Sentences for people in their language. The program says everything in English; this is the one
// place that knows the Russian of it (desk/russian_sentences.txt). Pure, safe from several threads.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace carillon::desk {

enum class Language { english, russian };

// The first of Accept-Language that there is (RFC 9110 section 12.5.4); English when none is.
Language language_from(std::string_view accept_language);

// Itself where nobody has put it into that language. What stands behind a colon or a semicolon is
// looked up for itself, so that a known sentence keeps an unknown reason.
std::string in_language(std::string_view sentence, Language language);

// Every text under one of these keys, at any depth, in that language.
void put_into_language(base::Json& json, const std::vector<std::string_view>& keys,
                       Language language);

}  // namespace carillon::desk
