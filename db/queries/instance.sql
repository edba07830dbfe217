-- name: instance_secret
SELECT secret FROM instance WHERE id = 1;

-- name: insert_instance
INSERT INTO instance (id, secret, created_at) VALUES (1, ?, ?);
