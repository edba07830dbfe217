-- Clients and what the bank keeps about them; definitions and the audit log, on which everything rests.
-- One text for both engines; cmake/embed_sql.py replaces
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
                   CHECK (status IN ('active', 'inactive', 'prospect', 'new', 'leaving')),
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
                CHECK (state IN ('active', 'invalid', 'bounced', 'disabled')),
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

-- Personal data: who was erased is known by a keyed digest alone, so that an import does not bring him back unnoticed.
CREATE TABLE erased_subjects (
    digest  CHAR(64) PRIMARY KEY,         -- HMAC-SHA256 of an external id or an address
    at      BIGINT NOT NULL
) {rowless};

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
-- With the state: whether a client has an open contract of a kind is the commonest question of segments.
CREATE INDEX contracts_by_client ON contracts (client_id, kind, status);
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
