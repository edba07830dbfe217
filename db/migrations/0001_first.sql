-- The first schema. One text for both engines; cmake/embed_sql.py replaces
--   {id}       the table's own integer key, given by the engine
--   {table}    table options (MariaDB: InnoDB, utf8mb4, comparison by bytes as in SQLite)
--   {rowless}  as {table}; SQLite keeps the row in its primary key
--   {long}     a text of any length
-- and keeps a statement that follows a line `-- @sqlite` or `-- @mariadb` for that engine only.
-- Instants are UTC milliseconds, dates are 'YYYY-MM-DD', money is in minor units, names of states are words.

CREATE TABLE instance (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    secret      VARCHAR(64) NOT NULL,   -- hex: message keys and tokens are derived from it
    created_at  BIGINT NOT NULL
) {table};

-- Versioned definitions: segments, templates, campaigns, channels, policies. Immutable rows.
CREATE TABLE documents (
    id          {id},
    kind        VARCHAR(20) NOT NULL,
    name        VARCHAR(100) NOT NULL,
    version     INTEGER NOT NULL,
    hash        CHAR(64) NOT NULL,
    content     {long} NOT NULL,
    created_at  BIGINT NOT NULL,
    created_by  VARCHAR(100) NOT NULL,
    UNIQUE (kind, name, version)
) {table};

CREATE TABLE clients (
    id             {id},
    external_id    VARCHAR(64) NOT NULL UNIQUE,
    kind           VARCHAR(8) NOT NULL CHECK (kind IN ('person', 'company')),
    last_name      VARCHAR(100),
    first_name     VARCHAR(100),
    middle_name    VARCHAR(100),
    company_name   VARCHAR(200),
    gender         CHAR(1) CHECK (gender IN ('f', 'm')),
    birth_date     CHAR(10),
    birth_md       INTEGER,              -- month * 100 + day of birth_date
    locale         VARCHAR(20) NOT NULL,
    time_zone      VARCHAR(40),          -- IANA; NULL is unknown
    branch         VARCHAR(64),
    manager        VARCHAR(100),
    status         VARCHAR(10) NOT NULL
                   CHECK (status IN ('prospect', 'new', 'active', 'inactive', 'leaving')),
    income_minor   BIGINT,
    value_class    VARCHAR(10) NOT NULL DEFAULT 'standard' CHECK (value_class IN ('top', 'standard')),
    occupation     VARCHAR(100),
    industry       VARCHAR(100),
    household      VARCHAR(64),
    search_name    VARCHAR(400) NOT NULL,  -- case-folded full name: duplicates and look-ups
    mix            BIGINT NOT NULL,        -- 0 .. 2^31 - 2 from external_id: reproducible draws
    import_id      BIGINT,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
) {table};
CREATE INDEX clients_by_birthday ON clients (birth_md);

CREATE TABLE attribute_types (
    name        VARCHAR(64) PRIMARY KEY,
    type        VARCHAR(8) NOT NULL CHECK (type IN ('text', 'number', 'date', 'flag'))
) {table};
CREATE TABLE client_attributes (
    client_id     BIGINT NOT NULL REFERENCES clients (id),
    name          VARCHAR(64) NOT NULL,
    text_value    VARCHAR(500),          -- text and date ('YYYY-MM-DD')
    number_value  DOUBLE,                -- number and flag (0 or 1)
    PRIMARY KEY (client_id, name)
) {rowless};

CREATE TABLE relations (
    client_id   BIGINT NOT NULL REFERENCES clients (id),
    related_id  BIGINT NOT NULL REFERENCES clients (id),
    kind        VARCHAR(12) NOT NULL
                CHECK (kind IN ('spouse', 'guarantor', 'director', 'owner', 'affiliate')),
    PRIMARY KEY (client_id, kind, related_id)
) {rowless};

-- A client's contacts lie together: finding the address for a message is one look into one page. A telephone number is
-- one row: 'sms' where it takes short messages (and calls), 'call' where it does not.
CREATE TABLE contacts (
    client_id   BIGINT NOT NULL REFERENCES clients (id),
    number      INTEGER NOT NULL,        -- of the client's contacts, from 1; never given twice
    channel     VARCHAR(8) NOT NULL,
    address     VARCHAR(500) NOT NULL,   -- normalised: A-label domain, E.164, postal address
    priority    INTEGER NOT NULL DEFAULT 1,  -- 1 is tried first
    verified    INTEGER NOT NULL DEFAULT 0,
    state       VARCHAR(10) NOT NULL DEFAULT 'active'
                CHECK (state = 'active' OR state IN ('invalid', 'bounced', 'disabled')),
    preferred   INTEGER NOT NULL DEFAULT 1,  -- 1: the one to use among the client's of this channel
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (client_id, number)
) {rowless};
CREATE INDEX contacts_by_address ON contacts (address, channel);

-- The consent in force; the history keeps every change as proof.
CREATE TABLE consents (
    client_id   BIGINT NOT NULL REFERENCES clients (id),
    channel     VARCHAR(8) NOT NULL,
    purpose     VARCHAR(14) NOT NULL,
    granted     INTEGER NOT NULL,
    at          BIGINT NOT NULL,
    source      VARCHAR(100) NOT NULL,
    proof       VARCHAR(500),
    PRIMARY KEY (client_id, channel, purpose)
) {rowless};
CREATE TABLE consent_history (
    id          {id},
    client_id   BIGINT NOT NULL,
    channel     VARCHAR(8) NOT NULL,
    purpose     VARCHAR(14) NOT NULL,
    granted     INTEGER NOT NULL,
    at          BIGINT NOT NULL,
    source      VARCHAR(100) NOT NULL,
    proof       VARCHAR(500),
    recorded_at BIGINT NOT NULL,
    UNIQUE (client_id, channel, purpose, at, granted)
) {table};

-- Never to be contacted: an address or a client, on one channel or all ('*'), for one purpose or all ('*').
CREATE TABLE suppressions (
    id          {id},
    subject     VARCHAR(8) NOT NULL CHECK (subject IN ('address', 'client')),
    value       VARCHAR(254) NOT NULL,   -- normalised address, or external id of the client
    channel     VARCHAR(8) NOT NULL,
    purpose     VARCHAR(14) NOT NULL,
    reason      VARCHAR(200) NOT NULL,
    source      VARCHAR(100) NOT NULL,
    at          BIGINT NOT NULL,
    UNIQUE (value, subject, channel, purpose)
) {table};

CREATE TABLE contracts (
    id                  {id},
    external_id         VARCHAR(64) NOT NULL UNIQUE,
    client_id           BIGINT NOT NULL REFERENCES clients (id),
    kind                VARCHAR(8) NOT NULL CHECK (kind IN ('loan', 'deposit', 'card', 'account')),
    product             VARCHAR(64) NOT NULL,
    status              VARCHAR(20) NOT NULL,
    currency            CHAR(3) NOT NULL,
    amount_minor        BIGINT,
    balance_minor       BIGINT,
    opened_on           CHAR(10),
    closed_on           CHAR(10),
    expires_on          CHAR(10),
    next_payment_on     CHAR(10),
    next_payment_minor  BIGINT,
    overdue_minor       BIGINT NOT NULL DEFAULT 0,
    overdue_since       CHAR(10),
    import_id           BIGINT,
    updated_at          BIGINT NOT NULL
) {table};
CREATE INDEX contracts_by_client ON contracts (client_id, kind);
CREATE INDEX contracts_by_overdue ON contracts (overdue_since, kind);

CREATE TABLE imports (
    id             {id},
    kind           VARCHAR(12) NOT NULL,
    file           VARCHAR(500) NOT NULL,
    fingerprint    CHAR(64) NOT NULL,     -- of the file, the mapping and the kind: what a resume must match
    state          VARCHAR(10) NOT NULL CHECK (state IN ('running', 'done')),
    byte_offset    BIGINT NOT NULL,
    line           BIGINT NOT NULL,
    rows_imported  BIGINT NOT NULL,
    rows_rejected  BIGINT NOT NULL,
    rejects_size   BIGINT NOT NULL DEFAULT 0,  -- bytes of the rejects file that belong to committed rows
    started_at     BIGINT NOT NULL,
    finished_at    BIGINT
) {table};

-- Two clients who look like one person or company: found on `evidence`, never merged by the program.
CREATE TABLE duplicates (
    client_id   BIGINT NOT NULL,
    other_id    BIGINT NOT NULL,
    evidence    VARCHAR(20) NOT NULL,
    found_at    BIGINT NOT NULL,
    PRIMARY KEY (client_id, other_id, evidence)
) {rowless};

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
    state         VARCHAR(14) NOT NULL CHECK (state = 'queued' OR state = 'leased' OR state = 'submitting'
                  OR state = 'accepted' OR state IN ('planned', 'held', 'delivered', 'bounced', 'deferred',
                  'failed', 'uncertain', 'suppressed', 'expired', 'cancelled', 'quarantined', 'skipped',
                  'control', 'closed_unknown')),  -- what every message passes through is compared first
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
    data         {long} NOT NULL          -- merge data, JSON
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

-- What providers reported later, as received. Without a message_id: it came before the message's own outcome, or is
-- about nothing we know.
CREATE TABLE receipts (
    id           {id},
    source       VARCHAR(64) NOT NULL,
    external_id  VARCHAR(160) NOT NULL,
    ref          VARCHAR(128) NOT NULL,
    message_id   BIGINT,
    state        VARCHAR(12) NOT NULL,
    reason       VARCHAR(200),
    units        INTEGER NOT NULL,
    at           BIGINT NOT NULL,
    received_at  BIGINT NOT NULL,
    raw          {long} NOT NULL,
    UNIQUE (source, external_id)
) {table};
CREATE INDEX receipts_by_message ON receipts (message_id, source, ref);

-- What people sent to us: replies, STOP, faxes.
CREATE TABLE inbound (
    id           {id},
    source       VARCHAR(64) NOT NULL,
    external_id  VARCHAR(160) NOT NULL,
    sender       VARCHAR(254) NOT NULL,
    recipient    VARCHAR(254) NOT NULL,
    kind         VARCHAR(8) NOT NULL CHECK (kind IN ('stop', 'start', 'reply')),
    client_id    BIGINT,
    text         {long} NOT NULL,
    at           BIGINT NOT NULL,
    received_at  BIGINT NOT NULL,
    raw          {long} NOT NULL,
    UNIQUE (source, external_id)
) {table};

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

CREATE TABLE responses (
    id           {id},
    source       VARCHAR(64) NOT NULL,
    external_id  VARCHAR(128) NOT NULL,
    client_id    BIGINT NOT NULL,
    campaign_id  BIGINT NOT NULL,
    message_id   BIGINT,
    kind         VARCHAR(20) NOT NULL,
    at           BIGINT NOT NULL,
    detail       VARCHAR(500),
    UNIQUE (source, external_id)
) {table};
CREATE INDEX responses_by_client ON responses (client_id, campaign_id);

-- Append-only, chained: hash = HMAC-SHA256(key, previous hash and this row).
CREATE TABLE audit (
    seq          BIGINT PRIMARY KEY,
    at           BIGINT NOT NULL,
    actor        VARCHAR(100) NOT NULL,
    action       VARCHAR(40) NOT NULL,
    object       VARCHAR(140) NOT NULL,
    before_hash  VARCHAR(64) NOT NULL,
    after_hash   VARCHAR(64) NOT NULL,
    detail       {long} NOT NULL,
    hash         CHAR(64) NOT NULL
) {table};

-- Several providers behind one account (channels/provider_group.h).
ALTER TABLE messages ADD COLUMN left_provider VARCHAR(100);     -- the account that deferred it and was left for another
ALTER TABLE message_contents ADD COLUMN passed_over VARCHAR(300);  -- accounts that were not used, and why
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

-- Mails that came back or were answered, as received. Everything they cause is worked out again from these rows, so
-- that their order and repetition do not matter.
CREATE TABLE inbound_mails (
    id           {id},
    source       VARCHAR(64) NOT NULL,     -- name of the account
    external_id  VARCHAR(160) NOT NULL,    -- digest of what a second delivery of the same mail shares
    kind         VARCHAR(12) NOT NULL,     -- responses::MailKind
    answer       VARCHAR(8) NOT NULL,      -- of a person: stop, start, reply; else ''
    matched_by   VARCHAR(12) NOT NULL CHECK (matched_by IN ('address', 'message_id', 'forged', 'nothing')),
    message_id   BIGINT,
    client_id    BIGINT,
    campaign_id  BIGINT,
    address      VARCHAR(254),             -- the message went there
    waits        INTEGER NOT NULL,         -- 1: the outcome of the message is still being recorded
    sender       VARCHAR(254) NOT NULL,
    subject      VARCHAR(300) NOT NULL,
    status       VARCHAR(20) NOT NULL,
    diagnostic   VARCHAR(500) NOT NULL,
    reason       VARCHAR(200) NOT NULL,
    text         {long} NOT NULL,
    at           BIGINT NOT NULL,          -- as the mail says, never after received_at
    received_at  BIGINT NOT NULL,
    raw          {long} NOT NULL,          -- base64: mail is bytes, not text
    UNIQUE (source, external_id)
) {table};
CREATE INDEX inbound_mails_by_message ON inbound_mails (message_id);
CREATE INDEX inbound_mails_by_address ON inbound_mails (address, kind);
CREATE INDEX inbound_mails_waiting ON inbound_mails (waits);

-- What a client's manager is asked to do. The key makes each task once.
CREATE TABLE manager_tasks (
    id           {id},
    kind         VARCHAR(20) NOT NULL,
    manager      VARCHAR(64),
    client_id    BIGINT,
    campaign_id  BIGINT,
    message_id   BIGINT,
    text         {long} NOT NULL,
    created_at   BIGINT NOT NULL,
    done_at      BIGINT,
    unique_key   VARCHAR(160) NOT NULL UNIQUE
) {table};

-- The HTTP server -----------------------------------------------------------------------------------------------------

-- How calls ended, as diallers reported it: each report once.
CREATE TABLE call_results (
    source       VARCHAR(64) NOT NULL,
    external_id  VARCHAR(128) NOT NULL,
    message_id   BIGINT NOT NULL,
    disposition  VARCHAR(40) NOT NULL,
    received_at  BIGINT NOT NULL,
    raw          {long} NOT NULL,
    PRIMARY KEY (source, external_id)
) {rowless};

-- What clients did on the public pages, as it came: the proof behind a consent, a suppression or a response.
CREATE TABLE page_actions (
    source       VARCHAR(64) NOT NULL,
    external_id  VARCHAR(128) NOT NULL,
    message_id   BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    raw          {long} NOT NULL,
    PRIMARY KEY (source, external_id)
) {rowless};

-- Programs that opened mails and followed links, by what they call themselves.
CREATE TABLE tracking_agents (
    id          {id},
    agent       VARCHAR(300) NOT NULL UNIQUE
) {table};
-- Each open and click as it came: facts only, so that it can be judged again. The address is cut to its network.
CREATE TABLE tracking_events (
    id           {id},
    message_id   BIGINT NOT NULL,
    template_id  BIGINT NOT NULL,        -- documents.id; 0: the pixel
    link         INTEGER NOT NULL,       -- of the template, from 1; 0: the pixel
    at           BIGINT NOT NULL,
    method       VARCHAR(4) NOT NULL,
    network      VARCHAR(45) NOT NULL,   -- IPv4 /24, IPv6 /48
    agent_id     BIGINT NOT NULL,
    verdict      VARCHAR(10)             -- 'person', or the rule by which it was a robot; NULL: not judged yet
) {table};
CREATE INDEX tracking_events_by_message ON tracking_events (message_id);

-- Reports ------------------------------------------------------------------------------------------------------------
-- What clients did that a campaign may have brought about: visits, purchases, payments, applications. Belongs to no
-- campaign: reports decide, so that treated and control groups are looked at alike.
CREATE TABLE conversions (
    id            {id},
    client_id     BIGINT NOT NULL REFERENCES clients (id),
    kind          VARCHAR(12) NOT NULL CHECK (kind IN ('visit', 'purchase', 'payment', 'application')),
    name          VARCHAR(64) NOT NULL,   -- the bank's own word ('deposit_opened'); the kind when it gives none
    at            BIGINT NOT NULL,
    amount_minor  BIGINT,
    currency      CHAR(3),
    product       VARCHAR(64),
    source        VARCHAR(64) NOT NULL,
    external_id   VARCHAR(128) NOT NULL,
    import_id     BIGINT,
    UNIQUE (source, external_id)
) {table};
CREATE INDEX conversions_by_time ON conversions (at, client_id, kind, name, amount_minor, currency);
-- A report reads all responses of one campaign from this index alone.
CREATE INDEX responses_by_campaign ON responses (campaign_id, kind, client_id, message_id, at);

-- Channels: letters and faxes called back ------------------------------------------------------------------------------
CREATE TABLE message_recalls (
    message_id    BIGINT NOT NULL PRIMARY KEY REFERENCES messages (id),
    asked_at      BIGINT NOT NULL,
    answered_at   BIGINT,                 -- NULL: nobody has asked the channel yet
    answer        VARCHAR(300)            -- 'called back', or why it is too late
) {table};
CREATE INDEX message_recalls_open ON message_recalls (answered_at, asked_at);
-- Channels: received faxes
CREATE TABLE inbound_documents (
    source       VARCHAR(64) NOT NULL,
    external_id  VARCHAR(160) NOT NULL,   -- of the row in `inbound`
    sha256       CHAR(64) NOT NULL,       -- of the bytes
    bytes        BIGINT NOT NULL,
    content      {long} NOT NULL,         -- base64 of the TIFF or PDF
    PRIMARY KEY (source, external_id)
) {table};
-- Plans, the bank's view, scheduled reports ---------------------------------------------------------------------------

-- A campaign's plan against what happened, as it was compared once a day. In clients, parts of 10,000 or minor units.
CREATE TABLE plan_checks (
    campaign_id  BIGINT NOT NULL,
    figure       VARCHAR(10) NOT NULL CHECK (figure IN ('reach', 'response', 'revenue', 'cost')),
    day          CHAR(10) NOT NULL,        -- in the bank's zone
    planned      DOUBLE NOT NULL,          -- of the whole campaign
    expected     DOUBLE NOT NULL,          -- of it by that day
    fact         DOUBLE NOT NULL,
    told         INTEGER NOT NULL,         -- 1: the deviation became a task that day
    PRIMARY KEY (campaign_id, figure, day)
) {rowless};

-- What a client is to bring in a month and what he brought, as the core bank says it.
CREATE TABLE client_figures (
    period         CHAR(7) NOT NULL,       -- 'YYYY-MM'
    metric         VARCHAR(16) NOT NULL
                   CHECK (metric IN ('loan_portfolio', 'average_balance', 'fee_income', 'total')),
    detail         VARCHAR(64) NOT NULL,   -- the kind of fee; else ''
    currency       CHAR(3) NOT NULL,
    client_id      BIGINT NOT NULL REFERENCES clients (id),
    planned_minor  BIGINT,
    limit_parts    INTEGER NOT NULL DEFAULT 1000,  -- of 10,000: a deviation beyond it is the manager's task
    fact_minor     BIGINT,
    judged         INTEGER NOT NULL DEFAULT 0,     -- 1: compared since the last import
    told_at        BIGINT,                         -- the deviation became a task: once
    PRIMARY KEY (period, metric, detail, currency, client_id)
) {rowless};
CREATE INDEX client_figures_to_judge ON client_figures (judged);
CREATE INDEX client_figures_by_client ON client_figures (client_id);

-- Days whose picture of the bank is complete. What was stored for a day never changes.
CREATE TABLE snapshots (
    day          CHAR(10) PRIMARY KEY,
    taken_at     BIGINT NOT NULL,
    clients      BIGINT NOT NULL
) {table};
CREATE TABLE snapshot_segments (
    segment      VARCHAR(100) NOT NULL,    -- '*': all clients
    day          CHAR(10) NOT NULL,
    clients      BIGINT NOT NULL,
    joined       BIGINT NOT NULL,          -- since the snapshot before; 0 in a segment's first
    left_count   BIGINT NOT NULL,
    funds_minor  BIGINT NOT NULL,          -- deposits, accounts and cards, in the bank's currency
    loans_minor  BIGINT NOT NULL,
    products     BIGINT NOT NULL,          -- contracts that are open
    refusals     BIGINT NOT NULL,          -- members who do not want to be written to
    PRIMARY KEY (segment, day)
) {rowless};
-- From when to when (not included) a client was in a segment, had a status, held a product, came from a source.
CREATE TABLE client_history (
    subject      VARCHAR(8) NOT NULL CHECK (subject IN ('segment', 'status', 'product', 'source')),
    value        VARCHAR(100) NOT NULL,
    client_id    BIGINT NOT NULL,
    from_on      CHAR(10) NOT NULL,
    to_on        CHAR(10) NOT NULL,        -- '9999-12-31': still
    PRIMARY KEY (client_id, subject, value, from_on)
) {rowless};
CREATE INDEX client_history_by_value ON client_history (subject, value, from_on, to_on);
CREATE TABLE client_balances (
    client_id    BIGINT NOT NULL,
    from_on      CHAR(10) NOT NULL,
    to_on        CHAR(10) NOT NULL,
    funds_minor  BIGINT NOT NULL,
    loans_minor  BIGINT NOT NULL,
    PRIMARY KEY (client_id, from_on)
) {rowless};

-- Reports on their way to managers: one row for each slot and recipient, so that each is sent once.
CREATE TABLE report_mails (
    schedule     VARCHAR(100) NOT NULL,
    slot         VARCHAR(20) NOT NULL,     -- local date and time
    recipient    VARCHAR(254) NOT NULL,
    state        VARCHAR(10) NOT NULL CHECK (state IN ('due', 'sending', 'sent', 'refused', 'unknown')),
    attempts     INTEGER NOT NULL,
    message_key  VARCHAR(100) NOT NULL,    -- makes the Message-ID: the same on every attempt
    detail       VARCHAR(300) NOT NULL,
    made_at      BIGINT NOT NULL,
    not_before   BIGINT NOT NULL,
    PRIMARY KEY (schedule, slot, recipient)
) {rowless};
CREATE INDEX report_mails_open ON report_mails (state, not_before);

-- What machines did with messages: the first open and click of each message by a robot. No responses: nobody answered.
CREATE TABLE robot_reactions (
    campaign_id  BIGINT NOT NULL,
    kind         VARCHAR(12) NOT NULL CHECK (kind IN ('robot_open', 'robot_click')),
    message_id   BIGINT NOT NULL,
    client_id    BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, kind, message_id)
) {rowless};
CREATE INDEX inbound_mails_by_campaign ON inbound_mails (campaign_id, kind, client_id);
-- Access: users, sessions, tokens --------------------------------------------------------------------------------------
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
-- API: launches that can be taken back, last approvals ------------------------------------------------------------------
-- Asked for, and not in force yet; `takes_effect_at` is by the real clock.
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
-- Personal data: who was erased is known by a keyed digest alone, so that an import does not bring him back unnoticed.
CREATE TABLE erased_subjects (
    digest  CHAR(64) PRIMARY KEY,         -- HMAC-SHA256 of an external id or an address
    at      BIGINT NOT NULL
) {rowless};
