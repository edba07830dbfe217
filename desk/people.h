// Users, tokens and the log of human actions, as administrators and auditors see them.
#pragma once

#include "access/passwords.h"
#include "access/sessions.h"
#include "desk/office.h"

namespace carillon::desk {

// What the API says of whoever is signed in.
base::Json session_json(const access::Admitted& in);

Answer list_users(Office& office, const Caller& caller, const PageQuery& query);
Answer get_user(Office& office, const Caller& caller, const std::string& name);
// Answers with a first password, shown once.
Answer add_user(Office& office, const Caller& caller, const access::Passwords& passwords,
                const base::Json& draft);
// Nobody changes himself (user.self).
Answer change_user(Office& office, const Caller& caller, const std::string& name,
                   const base::Json& change, const Edit& edit);
Answer reset_password(Office& office, const Caller& caller, const access::Passwords& passwords,
                      const std::string& name);
Answer reset_totp(Office& office, const Caller& caller, const std::string& name);

// One's own; everybody's with users.manage.
Answer list_tokens(Office& office, const Caller& caller, const PageQuery& query);
Answer add_token(Office& office, const Caller& caller, const base::Json& draft);
Answer revoke_token(Office& office, const Caller& caller, std::int64_t id);

Answer list_audit(Office& office, const Caller& caller, const PageQuery& query,
                  const std::string& object, const std::string& actor);
Answer verify_audit(Office& office, const Caller& caller,
                    const std::optional<db::AuditHead>& checkpoint);

}  // namespace carillon::desk
