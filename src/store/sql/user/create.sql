INSERT INTO users (id, username, name, email, hashed_password, created_at, updated_at, status,
                   login_type)
VALUES ($1, $2, $2, $3, $4, $5, $5, 'active', 'none')
