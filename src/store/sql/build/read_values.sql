-- The parameter values of the builds $1.
SELECT n.id, {parameters n.id}
FROM ({ids $1}) AS n
