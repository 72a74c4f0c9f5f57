-- The pairs of table and right ($1) that the role doesn't have. A right on a column stands as in a
-- grant: SELECT (name). Others are meant for the whole table, but to read some of its columns will
-- do, because no table is read whole. Tables that don't exist are left out, and so are columns.
SELECT w.wanted || ' on ' || w.table_name
FROM (
    SELECT n.pair ->> 0 AS table_name,
           n.pair ->> 1 AS wanted,
           split_part(n.pair ->> 1, ' (', 1) AS privilege,
           nullif(rtrim(split_part(n.pair ->> 1, ' (', 2), ')'), '') AS column_name,
           to_regclass(quote_ident(n.pair ->> 0)) AS relation
    FROM jsonb_array_elements(CAST($1 AS jsonb)) AS n (pair)
) AS w
WHERE w.relation IS NOT NULL
  AND CASE
      WHEN w.column_name IS NULL THEN
          NOT has_table_privilege(w.relation, w.privilege)
          AND NOT (w.privilege = 'SELECT' AND has_any_column_privilege(w.relation, 'SELECT'))
      ELSE EXISTS (
          SELECT FROM pg_catalog.pg_attribute AS a
          WHERE a.attrelid = w.relation
            AND a.attname = w.column_name
            AND NOT has_column_privilege(w.relation, a.attnum, w.privilege))
      END
ORDER BY w.table_name, w.wanted
