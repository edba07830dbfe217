// What a short answer of a client means.
#pragma once

#include <string_view>

namespace carillon::responses {

enum class AnswerKind { stop, start, reply };

std::string_view name_of(AnswerKind kind);

// STOP and its like in Russian, English and a dozen other languages (stop_lists.h), whatever the
// case, punctuation, pictures and letters that only look alike: a keyword as the first of at most
// three words, or an order with nothing around it but politeness and what it is about ("Please
// remove me from your mailing list"), also between a greeting and a name. START takes it back.
// Anything else is a reply for a person: "please stop by at noon", "stop my card".
AnswerKind kind_of_answer(std::string_view text);

}  // namespace carillon::responses
