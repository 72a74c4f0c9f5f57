UPDATE templates
SET display_name = $2, description = $3, icon = $4, deprecated = $5, updated_at = $6
WHERE id = $1
