// The second opinion: the same tree rendered by kainjow Mustache, to prove the op-list right. Slow;
// for tests, the fuzzer and `template check`. Why kainjow cannot be used on a template as written:
// docs/adr/0003.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "templates/program.h"

namespace carillon::templates {

// The tree as Mustache text kainjow reads safely: default delimiters, no partials, no line ends or
// braces outside of tags, names prefixed with what they are for.
std::string normalised(const Tree& tree, EscapeMode escape);

// Render as the two functions in program.h do; missing values are "". Errors: template.reference.
base::Result<std::string> render_reference(const Tree& tree, const base::Json& data,
                                           EscapeMode escape);
base::Result<std::string> render_reference(const Tree& tree, const RenderData& data,
                                           std::string_view locale, EscapeMode escape);

}  // namespace carillon::templates
