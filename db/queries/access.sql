-- Users, sessions, API tokens, tries to sign in, keys of repeated requests.

-- name: insert_user
INSERT INTO users (name, full_name, roles, branches, status, password, must_change, created_at)
VALUES (?, ?, ?, ?, 'active', ?, ?, ?);

-- name: user_by_name
SELECT id, name, full_name, roles, branches, status, password, must_change, totp_secret, totp_pending, totp_used,
       revision, created_at, last_seen_at
  FROM users WHERE name = ?;

-- name: users_after
SELECT id, name, full_name, roles, branches, status, password, must_change, totp_secret, totp_pending, totp_used,
       revision, created_at, last_seen_at
  FROM users WHERE name > ? ORDER BY name LIMIT ?;

-- name: change_user
UPDATE users SET full_name = ?, roles = ?, branches = ?, status = ?, revision = revision + 1
 WHERE id = ? AND revision = ?;

-- name: set_password
UPDATE users SET password = ?, must_change = ?, revision = revision + 1 WHERE id = ?;

-- name: rehash_password
UPDATE users SET password = ? WHERE id = ? AND password = ?;

-- name: set_totp_pending
UPDATE users SET totp_pending = ? WHERE id = ?;

-- name: set_totp
UPDATE users SET totp_secret = ?, totp_pending = NULL, totp_used = ?, revision = revision + 1 WHERE id = ?;

-- name: use_totp_step
-- Two requests with one code: only the first moves the step on.
UPDATE users SET totp_used = ? WHERE id = ? AND totp_used < ?;

-- name: insert_recovery_code
INSERT INTO recovery_codes (user_id, digest, created_at) VALUES (?, ?, ?);

-- name: spend_recovery_code
-- Two requests with one code: only the first finds it good.
UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND digest = ? AND used_at IS NULL;

-- name: count_recovery_codes
SELECT COUNT(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL;

-- name: delete_recovery_codes
DELETE FROM recovery_codes WHERE user_id = ?;

-- name: seen_user
UPDATE users SET last_seen_at = ? WHERE id = ?;

-- name: insert_session
INSERT INTO sessions (digest, user_id, created_at, seen_at, ends_at) VALUES (?, ?, ?, ?, ?);

-- name: session_by_digest
SELECT s.seen_at, s.ends_at, u.name FROM sessions s JOIN users u ON u.id = s.user_id
 WHERE s.digest = ? AND u.status = 'active';

-- name: touch_session
UPDATE sessions SET seen_at = ? WHERE digest = ? AND seen_at < ?;

-- name: delete_session
DELETE FROM sessions WHERE digest = ?;

-- name: delete_sessions_of
DELETE FROM sessions WHERE user_id = ?;

-- name: delete_stale_sessions
DELETE FROM sessions WHERE ends_at <= ? OR seen_at <= ?;

-- name: insert_token
INSERT INTO api_tokens (owner_id, name, scopes, digest, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?);

-- name: token_by_digest
SELECT t.id, t.name, t.scopes, t.expires_at, t.last_used_at, u.name FROM api_tokens t JOIN users u ON u.id = t.owner_id
 WHERE t.digest = ? AND t.revoked_at IS NULL AND u.status = 'active';

-- name: tokens_after
-- An empty owner: everybody's.
SELECT t.id, u.name, t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
  FROM api_tokens t JOIN users u ON u.id = t.owner_id
 WHERE t.id > ? AND (? = '' OR u.name = ?) ORDER BY t.id LIMIT ?;

-- name: token_by_id
SELECT t.id, u.name, t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
  FROM api_tokens t JOIN users u ON u.id = t.owner_id WHERE t.id = ?;

-- name: revoke_token
UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL;

-- name: touch_token
UPDATE api_tokens SET last_used_at = ? WHERE id = ?;

-- name: tries_of
SELECT tries, last_at, blocked_until FROM sign_in_tries WHERE subject = ?;

-- name: store_tries @sqlite
INSERT INTO sign_in_tries (subject, tries, last_at, blocked_until) VALUES (?, ?, ?, ?)
ON CONFLICT (subject) DO UPDATE SET tries = excluded.tries, last_at = excluded.last_at,
       blocked_until = excluded.blocked_until;

-- name: store_tries @mariadb
INSERT INTO sign_in_tries (subject, tries, last_at, blocked_until) VALUES (?, ?, ?, ?)
ON DUPLICATE KEY UPDATE tries = VALUES(tries), last_at = VALUES(last_at), blocked_until = VALUES(blocked_until);

-- name: forget_tries
DELETE FROM sign_in_tries WHERE subject = ?;

-- name: forget_old_tries
DELETE FROM sign_in_tries WHERE last_at < ? AND blocked_until < ?;

-- name: request_key_of
SELECT fingerprint, answer FROM request_keys WHERE actor = ? AND request_key = ? AND at > ?;

-- name: insert_request_key
INSERT INTO request_keys (actor, request_key, fingerprint, answer, at) VALUES (?, ?, ?, ?, ?);

-- name: forget_request_keys
DELETE FROM request_keys WHERE at <= ?;
