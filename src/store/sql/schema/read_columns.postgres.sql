-- Every table on the search path with what the role may do with its rows, and the columns of the tables $1,
-- from PostgreSQL's catalogue. A table that isn't among them, or has no columns, gives one row.
-- Partitions, views and foreign tables are left out; so are dropped and system columns.
SELECT CAST(c.relname AS text) AS table_name,
       c.can_insert,
       c.can_update,
       c.can_delete,
       a.*
FROM (SELECT oid,
             relname,
             relname IN ({texts $1}) AS is_known,
             has_table_privilege(oid, 'SELECT') AS can_select,
             has_table_privilege(oid, 'INSERT') AS can_insert,
             has_table_privilege(oid, 'UPDATE') AS can_update,
             has_table_privilege(oid, 'DELETE') AS can_delete
      FROM pg_catalog.pg_class
      WHERE relkind IN ('r', 'p')
        AND NOT relispartition
        AND pg_catalog.pg_table_is_visible(oid)
        AND relnamespace <> 'pg_catalog'::regnamespace
      OFFSET 0) AS c
LEFT JOIN LATERAL (
    SELECT CAST(attname AS text) AS column_name,
           format_type(atttypid, atttypmod) AS type_name,
           attnotnull AND NOT atthasdef AND attidentity = '' AND attgenerated = '' AS must_be_given,
           c.can_select OR has_column_privilege(c.oid, attnum, 'SELECT') AS can_select
    FROM pg_catalog.pg_attribute
    WHERE c.is_known AND attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    OFFSET 0
) AS a ON true
