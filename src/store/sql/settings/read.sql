-- The prebuilds settings and the transaction that wrote them, this program's own note on them, the pools that are
-- scaled for a while, and a name of the last change of what is declared. An embedded database doesn't say who wrote a row.
SELECT (SELECT value FROM site_configs WHERE key = 'prebuilds_settings') AS settings,
       {either (SELECT CAST(xmin AS text) FROM site_configs WHERE key = 'prebuilds_settings') | ''} AS written_by,
       (SELECT value FROM site_configs WHERE key = 'prebuildctl_pause') AS note,
       (SELECT value FROM site_configs WHERE key = 'prebuildctl_scales') AS scales,
       (SELECT value FROM site_configs WHERE key = 'prebuildctl_declared') AS declared
