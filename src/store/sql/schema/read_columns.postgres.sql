-- Every table on the search path with its columns, from PostgreSQL's catalogue. A table without columns gives one row.
-- Partitions, views and foreign tables are left out; so are dropped and system columns.
SELECT CAST(c.relname AS text) AS table_name,
       CAST(a.attname AS text) AS column_name,
       format_type(a.atttypid, a.atttypmod) AS type_name,
       a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = '' AS must_be_given
FROM pg_catalog.pg_class AS c
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p')
  AND NOT c.relispartition
  AND pg_catalog.pg_table_is_visible(c.oid)
  AND c.relnamespace <> 'pg_catalog'::regnamespace
