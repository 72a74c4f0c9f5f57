SELECT user_id, public_key FROM gitsshkeys WHERE user_id IN ({ids $1})
