-- Which workspaces of $1 no other transaction changes, builds or locks at the moment.
SELECT w.id
FROM ({ids $1}) AS n
{look_up workspaces AS w ON w.id = n.id}
{lock w}
