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

-- name: templates_with_pictures
-- Every version of a template that some campaign was approved with, because mails that were sent are looked at for
-- years and an approval may since have been renewed with another version; of all others the newest.
SELECT d.name, d.content FROM documents d
 WHERE d.kind = 'template' AND INSTR(d.content, '/i/') > 0
   AND (d.name IN (SELECT b.name FROM campaign_bindings b WHERE b.kind = 'template')
        OR d.version = (SELECT MAX(x.version) FROM documents x WHERE x.kind = d.kind AND x.name = d.name))
 ORDER BY d.name, d.version;
