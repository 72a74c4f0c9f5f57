-- Which of the pairs of $1 are logins: whom coderd has a token for, at which provider. One that the provider
-- has refused is none. Older releases don't keep that: the name without a table in front then means the
-- column of `older`.
SELECT n.user_id, n.provider_id
FROM {rows $1 n: user_id uuid, provider_id text}
CROSS JOIN (SELECT '' AS oauth_refresh_failure_reason) AS older
CROSS JOIN LATERAL (
    SELECT oauth_refresh_failure_reason AS refused
    FROM external_auth_links AS l
    WHERE l.user_id = n.user_id AND l.provider_id = n.provider_id
    OFFSET 0
) AS login
WHERE login.refused = ''
