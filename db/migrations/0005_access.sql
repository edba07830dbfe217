-- Who works with the program: users, sessions, tokens.

CREATE TABLE users (
    id             {id},
    name           VARCHAR(64) NOT NULL UNIQUE,   -- the actor of the audit log
    full_name      VARCHAR(200) NOT NULL,
    roles          VARCHAR(120) NOT NULL,         -- words separated by spaces
    branches       {long} NOT NULL,               -- JSON list: whose clients a manager sees
    status         VARCHAR(8) NOT NULL CHECK (status IN ('active', 'disabled')),
    password       VARCHAR(200) NOT NULL,         -- Argon2id, PHC form; '': nobody signs in
    must_change    INTEGER NOT NULL,              -- 1: somebody else knows the password
    totp_secret    VARCHAR(64),                   -- base32; in force
    totp_pending   VARCHAR(64),                   -- not confirmed yet
    totp_used      BIGINT NOT NULL DEFAULT 0,     -- the last step whose code was taken
    revision       INTEGER NOT NULL DEFAULT 1,    -- of what is edited
    created_at     BIGINT NOT NULL,
    last_seen_at   BIGINT
) {table};

-- A stolen copy of this table signs nobody in: only digests of the tokens are here.
CREATE TABLE sessions (
    digest      CHAR(64) PRIMARY KEY,             -- SHA-256 of the cookie's value
    user_id     BIGINT NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,                  -- written at most once a minute
    ends_at     BIGINT NOT NULL
) {rowless};
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE api_tokens (
    id            {id},
    owner_id      BIGINT NOT NULL REFERENCES users (id),
    name          VARCHAR(100) NOT NULL,
    scopes        VARCHAR(1000) NOT NULL,         -- rights separated by spaces
    digest        CHAR(64) NOT NULL UNIQUE,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    last_used_at  BIGINT,
    revoked_at    BIGINT
) {table};

-- Tries to sign in, by user and by address: all web processes share the count.
CREATE TABLE sign_in_tries (
    subject        VARCHAR(120) PRIMARY KEY,
    tries          INTEGER NOT NULL,
    last_at        BIGINT NOT NULL,
    blocked_until  BIGINT NOT NULL
) {rowless};

-- What a repeated request is answered with; written with the effect.
CREATE TABLE request_keys (
    actor        VARCHAR(64) NOT NULL,
    request_key  VARCHAR(100) NOT NULL,
    fingerprint  CHAR(64) NOT NULL,
    answer       {long} NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (actor, request_key)
) {rowless};
