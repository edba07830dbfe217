-- header: picture_queries
-- The library of pictures for mails.

-- name: pictures_after
SELECT sha256, file, media_type, width, height, bytes, created_by, created_at FROM pictures
 WHERE file > ? OR (file = ? AND sha256 > ?) ORDER BY file, sha256 LIMIT ?;

-- name: picture_by_id
SELECT sha256, file, media_type, width, height, bytes, created_by, created_at FROM pictures WHERE sha256 = ?;

-- name: picture_content
SELECT media_type, content FROM pictures WHERE sha256 = ?;

-- name: insert_picture @sqlite
-- Two who upload the same bytes at one moment have both done it.
INSERT INTO pictures (sha256, file, media_type, width, height, bytes, created_by, created_at, content)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING;

-- name: insert_picture @mariadb
INSERT IGNORE INTO pictures (sha256, file, media_type, width, height, bytes, created_by, created_at, content)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: delete_picture
DELETE FROM pictures WHERE sha256 = ?;

-- name: pictures_room
-- How many there are and what they weigh together.
SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM pictures;

-- name: lock_picture @sqlite
-- Before it is removed, and before a version is written that names it: one of the two comes first. One writer here.
SELECT sha256 FROM pictures WHERE sha256 = ?;

-- name: lock_picture @mariadb
SELECT sha256 FROM pictures WHERE sha256 = ? FOR UPDATE;

-- name: insert_removed_picture
INSERT INTO removed_pictures (sha256, removed_at) VALUES (?, ?);

-- name: delete_removed_picture
-- Uploaded again.
DELETE FROM removed_pictures WHERE sha256 = ?;

-- name: removed_picture
SELECT sha256 FROM removed_pictures WHERE sha256 = ?;

-- name: insert_picture_use
INSERT INTO picture_uses (sha256, document_id) VALUES (?, ?);

-- name: find_earlier_uses
-- Of a picture that comes after its template: versions from before this table was kept.
INSERT INTO picture_uses (sha256, document_id)
SELECT ?, d.id FROM documents d
 WHERE d.kind = 'template' AND INSTR(d.content, ?) > 0
   AND NOT EXISTS (SELECT 1 FROM picture_uses u WHERE u.sha256 = ? AND u.document_id = d.id);

-- name: users_of_picture
-- Every version of a template that some campaign was approved with, because mails that were sent are looked at for
-- years and an approval may since have been renewed with another version; of all others the newest.
SELECT /*! STRAIGHT_JOIN */ DISTINCT d.name FROM picture_uses u JOIN documents d ON d.id = u.document_id
 WHERE u.sha256 = ?
   AND (d.name IN (SELECT b.name FROM campaign_bindings b WHERE b.kind = 'template')
        OR d.version = (SELECT MAX(x.version) FROM documents x WHERE x.kind = d.kind AND x.name = d.name))
 ORDER BY d.name;
