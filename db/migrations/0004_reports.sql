-- Plans against facts, the bank's daily picture, reports by mail.

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
