// What a short answer of a client means.
#pragma once

#include <string_view>

namespace carillon::responses {

enum class AnswerKind { stop, start, reply };

std::string_view name_of(AnswerKind kind);

// STOP and its like in Russian, English, German, Czech, French, Spanish, Italian and Dutch,
// whatever the case and punctuation: as the first word of at most three, or with nothing around it
// but politeness and what it is about ("Please remove me from your mailing list"). START takes it
// back. Anything else is a reply for a person: "please stop by at noon", "cancel my card".
AnswerKind kind_of_answer(std::string_view text);

}  // namespace carillon::responses
