// The fonts of one family, as files that the typesetter's library reads: those of the system, freed
// of what only screens need (font_outlines.h).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace carillon::channels {

// The library's configuration (FcConfig) that knows this family, with the system's rules, and one
// more for what the family lacks: DejaVu, where the system has it. Made once for each family and
// never changed: safe from several threads.
// Errors: letter.font_missing.
base::Result<std::shared_ptr<void>> find_font_family(const std::string& family);

}  // namespace carillon::channels
