// What a short answer of a client means.
#pragma once

#include <string_view>

namespace carillon::responses {

enum class AnswerKind { stop, start, reply };

std::string_view name_of(AnswerKind kind);

// STOP and its like in Russian, English, German, Czech, French and Spanish, alone or as the first
// word of at most three, whatever the case and punctuation; START takes it back. Anything else is a
// reply for a person. ("Stop" inside a sentence is no order: "please stop by at noon".)
AnswerKind kind_of_answer(std::string_view text);

}  // namespace carillon::responses
