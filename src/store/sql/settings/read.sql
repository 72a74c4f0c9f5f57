-- The prebuilds settings, and this program's own note on them as long as nobody has written them since: rows
-- that were written together have one transaction's number.
SELECT s.value, n.value AS note
FROM site_configs AS s
LEFT JOIN site_configs AS n ON n.key = 'prebuildctl_pause' {either AND n.xmin = s.xmin | AND true}
WHERE s.key = 'prebuilds_settings'
