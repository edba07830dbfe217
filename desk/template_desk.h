// Templates at the screen: checked while they are written, and shown as one client would get them.
#pragma once

#include "desk/office.h"
#include "templates/compiled_template.h"

namespace carillon::desk {

// `version`: 0 is the newest.
Answer get_template(Office& office, const Caller& caller, const std::string& name, int version);
Answer template_versions(Office& office, const Caller& caller, const std::string& name);
Answer template_fields(Office& office, const Caller& caller);
// All mistakes of a draft, with places like "birthday.ru.html:12:7".
Answer check_template(Office& office, const Caller& caller, const base::Json& draft);
// As docs/openapi.yaml says. A client's values need clients.see, too.
Answer preview_template(Office& office, const Caller& caller, const base::Json& question);

}  // namespace carillon::desk
