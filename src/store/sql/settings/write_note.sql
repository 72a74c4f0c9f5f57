INSERT INTO site_configs (key, value)
VALUES ('prebuildctl_pause', $1)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
