// A message sent to the people who work on it, as a client would get it: through the configured
// channel, marked as a test, in the audit log, and in no outbox and no report.
#pragma once

#include "desk/office.h"

namespace carillon::desk {

// `request`: a PreviewQuestion with "to", one to five addresses of the template's channel. A
// request repeated under one key sends nothing again (test.done). Errors: test.to, test.channel,
// test.suppressed, test.done, and those of a preview.
Answer send_test(Office& office, const Caller& caller, const base::Json& request);

}  // namespace carillon::desk
