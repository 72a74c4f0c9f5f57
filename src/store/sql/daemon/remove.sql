DELETE FROM provisioner_daemons
WHERE name = $2
  AND key_id IN (SELECT id FROM provisioner_keys WHERE lower(name) = $1)
