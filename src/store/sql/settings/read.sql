-- The prebuilds settings, this program's own note on them as long as nobody has written them since (rows that
-- were written together have one transaction's number), and the pools that are scaled for a while.
SELECT (SELECT value FROM site_configs WHERE key = 'prebuilds_settings') AS settings,
       (SELECT n.value
        FROM site_configs AS s
        JOIN site_configs AS n ON n.key = 'prebuildctl_pause' {either AND n.xmin = s.xmin | AND true}
        WHERE s.key = 'prebuilds_settings') AS note,
       (SELECT value FROM site_configs WHERE key = 'prebuildctl_scales') AS scales
