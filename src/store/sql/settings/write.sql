INSERT INTO site_configs (key, value)
VALUES ('prebuilds_settings', $1)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
