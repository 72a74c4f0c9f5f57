UPDATE users
SET email = $2, updated_at = $3
WHERE lower(username) = lower($1) AND NOT deleted
