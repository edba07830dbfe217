-- Outgoing webhooks: who wants to be told of what, and what is still to be told.

CREATE TABLE webhooks (
    id             BIGINT PRIMARY KEY,         -- random: that of a removed one never comes back
    name           VARCHAR(64) NOT NULL UNIQUE,
    url            VARCHAR(1000) NOT NULL,
    kinds          VARCHAR(500) NOT NULL,      -- words separated by spaces
    secret         VARCHAR(100) NOT NULL,      -- whsec_...; shown once, needed for every signature
    state          VARCHAR(8) NOT NULL CHECK (state IN ('active', 'disabled')),
    state_reason   VARCHAR(300) NOT NULL,
    created_by     VARCHAR(100) NOT NULL,
    created_at     BIGINT NOT NULL,
    delivered      BIGINT NOT NULL DEFAULT 0,
    delivered_at   BIGINT,                     -- the last one; by the real clock, like all below
    failing_since  BIGINT,                     -- NULL: the last answer was a good one
    failures       INTEGER NOT NULL DEFAULT 0, -- since then
    next_try_at    BIGINT NOT NULL DEFAULT 0,
    last_error     VARCHAR(300),
    leased_by      VARCHAR(64),                -- the process that delivers to it
    leased_until   BIGINT NOT NULL DEFAULT 0
) {table};

-- The outbox. A row is written in the transaction it tells of and removed when the receiver has said yes. It names
-- rows and holds nothing personal; no key leads to `webhooks`, so that what happens never waits for a change there.
CREATE TABLE webhook_deliveries (
    id           {id},
    webhook_id   BIGINT NOT NULL,
    kind         VARCHAR(24) NOT NULL,
    subject      BIGINT NOT NULL,              -- the message, response, campaign or run it is about
    state        VARCHAR(20) NOT NULL,         -- what became of it
    reason       VARCHAR(64) NOT NULL,
    at           BIGINT NOT NULL,              -- by the program's clock
    attempts     INTEGER NOT NULL DEFAULT 0,
    next_try_at  BIGINT,                       -- NULL: given up
    told_since   BIGINT NOT NULL DEFAULT 0,    -- the first failed try, by the real clock; 0: none yet
    last_error   VARCHAR(300)
) {table};
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_try_at);
