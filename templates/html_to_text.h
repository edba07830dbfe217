// The plain text of an HTML part, for letters whose author wrote no text: made from the template,
// once, not from every message, so that sections and merge fields stay what they are.
#pragma once

#include "templates/tree.h"

namespace carillon::templates {

// Blocks become lines, list items "- ", cells of a row are parted by two spaces, links keep their
// address in parentheses; head, style and script are left out. Understands the HTML of letters, not
// all of HTML: an HTML parser would move text out of tables and could not see sections. `html`
// after compile_typed, which has marked the fields inside links.
Tree html_to_text(const Tree& html);

}  // namespace carillon::templates
