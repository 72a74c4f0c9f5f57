-- The pairs of table and right ($1) that the role doesn't have on the whole table. To read some of
-- a table's columns will do, because no table is read whole. Tables that don't exist are left out.
SELECT (n.pair ->> 1) || ' on ' || (n.pair ->> 0)
FROM jsonb_array_elements(CAST($1 AS jsonb)) AS n (pair)
WHERE to_regclass(quote_ident(n.pair ->> 0)) IS NOT NULL
  AND NOT has_table_privilege(to_regclass(quote_ident(n.pair ->> 0)), n.pair ->> 1)
  AND NOT (n.pair ->> 1 = 'SELECT'
           AND has_any_column_privilege(to_regclass(quote_ident(n.pair ->> 0)), 'SELECT'))
ORDER BY n.pair ->> 0, n.pair ->> 1
