-- What comes back: receipts, mails, calls, clicks, conversions, and the tasks they make.

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

-- Received faxes.
CREATE TABLE inbound_documents (
    source       VARCHAR(64) NOT NULL,
    external_id  VARCHAR(160) NOT NULL,   -- of the row in `inbound`
    sha256       CHAR(64) NOT NULL,       -- of the bytes
    bytes        BIGINT NOT NULL,
    content      {long} NOT NULL,         -- base64 of the TIFF or PDF
    PRIMARY KEY (source, external_id)
) {table};

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
