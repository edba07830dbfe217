-- Recovery codes of the second factor: who has lost the telephone signs in with one of them, once.

CREATE TABLE recovery_codes (
    user_id     BIGINT NOT NULL REFERENCES users (id),
    digest      CHAR(64) NOT NULL,                -- keyed hash of 80 random bits; they are nowhere else
    created_at  BIGINT NOT NULL,
    used_at     BIGINT,                           -- NULL: still good
    PRIMARY KEY (user_id, digest)
) {rowless};
