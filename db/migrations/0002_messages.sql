-- Campaigns, their runs and messages: the path of a message until a channel has taken it.

CREATE TABLE campaigns (
    id             {id},
    name           VARCHAR(100) NOT NULL UNIQUE,
    document_id    BIGINT NOT NULL REFERENCES documents (id),
    state          VARCHAR(10) NOT NULL
                   CHECK (state IN ('draft', 'submitted', 'approved', 'running', 'paused', 'cancelled', 'past')),
    state_reason   VARCHAR(300),
    edited_by      VARCHAR(100) NOT NULL,
    submitted_by   VARCHAR(100),
    approved_by    VARCHAR(100),
    approved_hash  CHAR(64),
    planned_to     BIGINT,                -- schedule slots up to here have been turned into runs
    started_at     BIGINT,
    updated_at     BIGINT NOT NULL
) {table};

-- Launches asked for and not in force yet; `takes_effect_at` is by the real clock.
CREATE TABLE campaign_launches (
    campaign_id      BIGINT PRIMARY KEY REFERENCES campaigns (id),
    actor            VARCHAR(100) NOT NULL,
    asked_at         BIGINT NOT NULL,
    takes_effect_at  BIGINT NOT NULL
) {rowless};

-- Stays when the campaign is edited, with campaign_bindings: what an approver compares with.
CREATE TABLE campaign_approvals (
    campaign_id  BIGINT PRIMARY KEY REFERENCES campaigns (id),
    document_id  BIGINT NOT NULL REFERENCES documents (id),
    actor        VARCHAR(100) NOT NULL,
    hash         CHAR(64) NOT NULL,
    at           BIGINT NOT NULL
) {rowless};

-- What the approval binds: the exact versions a running campaign uses.
CREATE TABLE campaign_bindings (
    campaign_id  BIGINT NOT NULL REFERENCES campaigns (id),
    kind         VARCHAR(20) NOT NULL,
    name         VARCHAR(100) NOT NULL,
    document_id  BIGINT NOT NULL REFERENCES documents (id),
    PRIMARY KEY (campaign_id, kind, name)
) {table};

CREATE TABLE runs (
    id              {id},
    campaign_id     BIGINT NOT NULL REFERENCES campaigns (id),
    slot            VARCHAR(64) NOT NULL,  -- the local slot that fired, or the batch of events
    as_of           CHAR(10) NOT NULL,     -- the date relative rules are judged by
    at_time         INTEGER NOT NULL,      -- minutes after local midnight
    lane            INTEGER NOT NULL,      -- 0 transactional, 1 service, 2 debt, 3 marketing
    priority        INTEGER NOT NULL,      -- within the lane, higher first
    state           VARCHAR(10) NOT NULL CHECK (state IN ('planning', 'frozen')),
    planned_through BIGINT NOT NULL,       -- last client id whose row stands
    matched         BIGINT,                -- audience size at the freeze
    created_at      BIGINT NOT NULL,
    frozen_at       BIGINT,
    settled_at      BIGINT,                -- a cache: no open row was left (reconcile proves it)
    UNIQUE (campaign_id, slot)
) {table};
CREATE INDEX runs_open ON runs (settled_at, lane);

-- While a run is being planned: when its messages fall due in each time zone ('' is unknown).
CREATE TABLE run_zones (
    run_id      BIGINT NOT NULL REFERENCES runs (id),
    time_zone   VARCHAR(40) NOT NULL,
    due_at      BIGINT NOT NULL,
    send_by     BIGINT,
    PRIMARY KEY (run_id, time_zone)
) {rowless};

-- Processes that send. A claim lives as long as its dispatcher's heartbeat; the rows of a dead one are rescued.
CREATE TABLE dispatchers (
    id           {id},
    host         VARCHAR(100) NOT NULL,
    process      VARCHAR(60) NOT NULL,     -- pid and start time: tells a dead process on this host at once
    started_at   BIGINT NOT NULL,
    alive_until  BIGINT NOT NULL,
    ended_at     BIGINT
) {table};

CREATE TABLE messages (
    id            {id},
    run_id        BIGINT NOT NULL,        -- of runs; not checked row by row: a chunk is written for the run it locks
    client_id     BIGINT NOT NULL,
    campaign_id   BIGINT NOT NULL,
    step          INTEGER NOT NULL,
    channel       VARCHAR(8) NOT NULL,
    variant       INTEGER NOT NULL DEFAULT 0,
    contact       INTEGER,                -- contacts.number
    route         VARCHAR(200),           -- why the step's channels before this one were left
    contract_id   BIGINT,
    event_id      BIGINT,
    state         VARCHAR(14) NOT NULL    -- the commonest come first: they are compared in this order
                  CHECK (state IN ('queued', 'leased', 'submitting', 'accepted', 'delivered', 'skipped', 'control',
                  'deferred', 'bounced', 'suppressed', 'failed', 'expired', 'held', 'cancelled', 'uncertain',
                  'closed_unknown', 'planned', 'quarantined')),
    reason        VARCHAR(200),
    due_at        BIGINT NOT NULL,
    send_by       BIGINT,
    fence         BIGINT,                 -- of the claim that owns the row: dispatcher * 2^24 + number of the claim
    attempt       INTEGER NOT NULL DEFAULT 0,
    crashes       INTEGER NOT NULL DEFAULT 0,
    resends       INTEGER NOT NULL DEFAULT 0,  -- after `uncertain`
    submitted_at  BIGINT,
    finished_at   BIGINT,
    provider_ref  VARCHAR(300),
    units         INTEGER NOT NULL DEFAULT 1,  -- what is paid for: parts of an SMS, pages of a fax
    left_provider VARCHAR(100),           -- the account of a group that deferred it and was left for another
    UNIQUE (client_id, run_id, step, channel)
) {table};
-- Every index more costs a tenth of the time it takes to freeze an audience: these two serve all the rest.
CREATE INDEX messages_by_run ON messages (run_id, state, due_at);
-- @sqlite
CREATE INDEX messages_in_flight ON messages (fence) WHERE state IN ('leased', 'submitting');
-- @mariadb
CREATE INDEX messages_in_flight ON messages (state, fence);

-- What a client was sent, so that it can be rendered again byte for byte.
CREATE TABLE message_contents (
    message_id   BIGINT PRIMARY KEY,
    template_id  BIGINT NOT NULL,         -- documents.id: an immutable version
    channel_id   BIGINT NOT NULL,         -- documents.id of the channel settings
    locale       VARCHAR(20) NOT NULL,
    address      VARCHAR(500) NOT NULL,
    composed_at  BIGINT NOT NULL,
    data         {long} NOT NULL,         -- merge data, JSON
    passed_over  VARCHAR(300)             -- accounts of a group that were not used, and why
) {table};

-- What went another way than queued, leased, submitting, accepted: holds, retries, refusals, resends.
CREATE TABLE message_events (
    id          {id},
    message_id  BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    from_state  VARCHAR(14) NOT NULL,
    to_state    VARCHAR(14) NOT NULL,
    reason      VARCHAR(300)
) {table};
CREATE INDEX message_events_by_message ON message_events (message_id);

-- One row a contact that counts against a cap. The ordinal makes takers of the same client wait for one another:
-- two cannot insert the same one. day, week and month are the client's local ones.
CREATE TABLE contact_ledger (
    client_id   BIGINT NOT NULL,
    class       VARCHAR(20) NOT NULL,
    ordinal     BIGINT NOT NULL,
    message_id  BIGINT NOT NULL,
    taken_at    BIGINT NOT NULL,
    day         CHAR(10) NOT NULL,
    week        CHAR(8) NOT NULL,
    month       CHAR(7) NOT NULL,
    PRIMARY KEY (client_id, class, ordinal)
) {rowless};

-- The ids under which a provider will speak of a message: one for each part of an SMS.
CREATE TABLE message_refs (
    source      VARCHAR(64) NOT NULL,    -- name of the channel settings
    ref         VARCHAR(128) NOT NULL,
    message_id  BIGINT NOT NULL,
    state       VARCHAR(12) NOT NULL DEFAULT 'sent',
    PRIMARY KEY (source, ref)
) {rowless};
CREATE INDEX message_refs_by_message ON message_refs (message_id);

-- A call that somebody is to make. The row is made in the transaction that submits the message: there is exactly one.
CREATE TABLE call_tasks (
    message_id    BIGINT PRIMARY KEY,
    client_id     BIGINT NOT NULL,
    state         VARCHAR(8) NOT NULL CHECK (state IN ('open', 'claimed', 'closed')),
    due_at        BIGINT NOT NULL,
    send_by       BIGINT,
    manager       VARCHAR(100),           -- of the client, when the task was made
    claimed_by    VARCHAR(100),
    claimed_until BIGINT,
    calls         INTEGER NOT NULL DEFAULT 0,  -- made so far
    disposition   VARCHAR(40),            -- or the reason for which it was closed without a call
    note          VARCHAR(500),
    closed_at     BIGINT
) {rowless};
CREATE INDEX call_tasks_due ON call_tasks (state, due_at);

CREATE TABLE events (
    id           {id},
    name         VARCHAR(64) NOT NULL,
    event_key    VARCHAR(128) NOT NULL UNIQUE,
    client_id    BIGINT NOT NULL REFERENCES clients (id),
    payload      {long} NOT NULL,
    occurred_at  BIGINT NOT NULL,
    received_at  BIGINT NOT NULL
) {table};

-- Which campaign has turned which event into a message.
CREATE TABLE event_uses (
    campaign_id  BIGINT NOT NULL,
    event_id     BIGINT NOT NULL,
    run_id       BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, event_id)
) {rowless};

-- How well each provider answers, as one sending process sees it; written at most once a second.
CREATE TABLE provider_health (
    channel     VARCHAR(100) NOT NULL,    -- the channel settings a campaign names
    provider    VARCHAR(100) NOT NULL,    -- the account behind it
    dispatcher  BIGINT NOT NULL,
    state       VARCHAR(10) NOT NULL CHECK (state IN ('closed', 'open', 'half_open')),
    answers     BIGINT NOT NULL,          -- in the window
    errors      BIGINT NOT NULL,
    p50_ms      BIGINT,
    p95_ms      BIGINT,
    in_hand     INTEGER NOT NULL,
    reason      VARCHAR(200) NOT NULL,    -- why it was opened
    at          BIGINT NOT NULL,
    PRIMARY KEY (channel, provider, dispatcher)
) {rowless};

CREATE TABLE message_recalls (
    message_id    BIGINT NOT NULL PRIMARY KEY REFERENCES messages (id),
    asked_at      BIGINT NOT NULL,
    answered_at   BIGINT,                 -- NULL: nobody has asked the channel yet
    answer        VARCHAR(300)            -- 'called back', or why it is too late
) {table};
CREATE INDEX message_recalls_open ON message_recalls (answered_at, asked_at);
