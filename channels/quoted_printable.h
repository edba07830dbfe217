// Quoted-printable (RFC 2045 section 6.7) in pieces: what is the same in every message is encoded
// once. Every encoded piece begins at column 0 and knows nothing of its neighbours; the joint
// between two pieces is a soft line break. Lines stay within 76 characters, and no line begins with
// '.' or "From ".
#pragma once

#include <string>
#include <string_view>

#include "base/pieces.h"

namespace carillon::channels {

// What templates keep in base::Literal::quoted_printable. CRLF, CR and LF all become CRLF.
std::string quoted_printable_literal(std::string_view text);

// The same, appended: for values and for literals that were not encoded ahead.
void append_quoted_printable(std::string& out, std::string_view text);

// A whole body: ready-made literals are copied, the rest is encoded; ends with CRLF.
// A CR at the end of one piece and a LF at the start of the next are two line breaks.
void append_quoted_printable(std::string& out, const base::Pieces& pieces);

}  // namespace carillon::channels
