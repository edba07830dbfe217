// Outgoing webhooks over the HTTP API: who outside is told what happens. For administrators in
// person: users.manage is never a program's. docs/webhooks.md.
#pragma once

#include "channels/webhook_post.h"
#include "desk/office.h"

namespace carillon::desk {

Answer list_webhooks(Office& office, const Caller& caller, const PageQuery& query);
Answer get_webhook(Office& office, const Caller& caller, const std::string& name);
// {"name", "url", "kinds"}: the answer holds the secret, which is shown once.
Answer add_webhook(Office& office, const Caller& caller, const channels::WebhookRules& rules,
                   const base::Json& json);
Answer remove_webhook(Office& office, const Caller& caller, const std::string& name);
Answer renew_webhook_secret(Office& office, const Caller& caller, const std::string& name);
Answer enable_webhook(Office& office, const Caller& caller, const std::string& name);
Answer disable_webhook(Office& office, const Caller& caller, const std::string& name);
Answer list_given_up(Office& office, const Caller& caller, const std::string& name,
                     const PageQuery& query);
Answer resend_given_up(Office& office, const Caller& caller, const std::string& name);
// Posts one event of the type webhook.test and waits for the answer. Nothing is kept of it.
Answer test_webhook(Office& office, const Caller& caller, const channels::WebhookLimits& limits,
                    const std::string& name);

// The same for the command line.
base::Json try_webhook(const channels::WebhookLimits& limits, const std::string& url,
                       const std::string& secret, base::Instant now);

}  // namespace carillon::desk
