-- Every table, and the columns of the tables $1, from SQLite's catalogue, where everybody may do everything.
-- Generated columns (hidden 2 and 3) are never given.
SELECT m.name AS table_name,
       true AS can_insert,
       true AS can_update,
       true AS can_delete,
       c.name AS column_name,
       c.type AS type_name,
       c."notnull" = 1 AND c.dflt_value IS NULL AND c.hidden = 0 AS must_be_given,
       true AS can_select
FROM sqlite_schema AS m
LEFT JOIN pragma_table_xinfo(m.name) AS c ON m.name IN ({texts $1})
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\'
