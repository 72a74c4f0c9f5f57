INSERT INTO organizations (id, name, display_name, description, created_at, updated_at)
VALUES ($1, $2, $2, '', $3, $3)
