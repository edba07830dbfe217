// What a person wrote in an answer: without the mail that is quoted, without headers above it and
// without signatures. English, Russian, German, Czech, French and Spanish mail programs. Pure,
// linear.
#pragma once

#include <string>
#include <string_view>

namespace carillon::responses {

// `text`: a text/plain body, UTF-8. Answers between quoted lines are kept and parted by an empty
// line. A mail that is nothing but a quote gives "".
std::string reply_text(std::string_view text);

}  // namespace carillon::responses
