-- The library of pictures for mails. A picture is its content: the same bytes are one row.

CREATE TABLE pictures (
    sha256      CHAR(64) PRIMARY KEY,          -- of the content, hexadecimal
    file        VARCHAR(200) NOT NULL,         -- its name, as shown to people
    media_type  VARCHAR(10) NOT NULL CHECK (media_type IN ('image/png', 'image/jpeg', 'image/gif')),
    width       INTEGER NOT NULL,              -- pixels
    height      INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    created_by  VARCHAR(100) NOT NULL,
    created_at  BIGINT NOT NULL,
    content     {long} NOT NULL                -- base64; last, so that lists never read it
) {table};
CREATE INDEX pictures_by_file ON pictures (file, sha256);
