// Links of an e-mail that lead through us, and the pixel. Decided once for each version of a
// template: in the million messages made from it a tracked link is a literal with one field in it.
// Where a link leads is read from the stored template, never from the link. Pure.
//
//   https://bank.example/c/17.AbC.../42.3    message and its keyed hash; template 42, link 3
//   https://bank.example/o/17.AbC...         the pixel
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "templates/document.h"

namespace carillon::campaigns {

// The `href`s of all <a> as they are written, also empty ones and those with merge fields.
std::vector<std::string> links_of(std::string_view html);

// The destinations in the order of languages and of the text; link n is element n - 1. What is
// tracked are `href`s of <a> that begin with http:// or https:// and have no merge field in them.
std::vector<std::string> tracked_links(const templates::TemplateDocument& document);

// Turns those links to `url` and adds the pixel to every HTML part. `url`: of this installation,
// without a slash at its end.
void track_links(templates::TemplateDocument& document, base::DocumentId id,
                 const std::string& url);

}  // namespace carillon::campaigns
