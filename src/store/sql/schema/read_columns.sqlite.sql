-- Every table with its columns, from SQLite's catalogue. Generated columns (hidden 2 and 3) are never given.
SELECT m.name AS table_name,
       c.name AS column_name,
       c.type AS type_name,
       c."notnull" = 1 AND c.dflt_value IS NULL AND c.hidden = 0 AS must_be_given
FROM sqlite_schema AS m
JOIN pragma_table_xinfo(m.name) AS c
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\'
