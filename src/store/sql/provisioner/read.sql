-- The daemons that were seen since $1. SQLite holds the array as JSON.
SELECT organization_id,
       name,
       {either CAST(to_jsonb(provisioners) AS text) | provisioners} AS types,
       CAST(tags AS text) AS tags
FROM provisioner_daemons
WHERE last_seen_at >= $1
