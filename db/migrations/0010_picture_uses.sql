-- Which version of a template names which picture: written with the version, so that a list of pictures need not read
-- every template, and a removal sees a template that is being saved.

CREATE TABLE picture_uses (
    sha256       CHAR(64) NOT NULL,            -- as named; there may be no such picture
    document_id  BIGINT NOT NULL,
    PRIMARY KEY (sha256, document_id)
) {rowless};

-- What was taken out of the library: no template is saved any more that names it.
CREATE TABLE removed_pictures (
    sha256       CHAR(64) PRIMARY KEY,
    removed_at   BIGINT NOT NULL
) {rowless};

INSERT INTO picture_uses (sha256, document_id)
SELECT p.sha256, d.id FROM pictures p JOIN documents d ON d.kind = 'template' AND INSTR(d.content, p.sha256) > 0;
