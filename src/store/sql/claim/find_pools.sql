-- The pools that the names of $1 ask for: a preset by its name, and that of its template where one is
-- given; or a template by its name, with all presets of its active version or with a row that has none.
-- Names stand for presets of active versions. A template's name may have that of its organization
-- in front.
WITH asked AS (
    SELECT n.preset, n.template
    FROM {rows $1 n: preset text, template text}
),
named AS (
    SELECT t.id, t.active_version_id, t.name AS path
    FROM templates AS t
    UNION ALL
    SELECT t.id, t.active_version_id, o.name || '/' || t.name
    FROM templates AS t
    JOIN organizations AS o ON o.id = t.organization_id
),
found AS (
    SELECT p.template_version_id, p.id AS preset_id
    FROM asked
    JOIN template_version_presets AS p ON p.name = asked.preset
    JOIN templates AS t ON t.active_version_id = p.template_version_id
    WHERE asked.template IS NULL
    UNION
    SELECT p.template_version_id, p.id
    FROM asked
    JOIN named ON named.path = asked.template
    JOIN template_version_presets AS p
        ON p.name = asked.preset AND p.template_version_id = named.active_version_id
    UNION
    SELECT named.active_version_id, p.id
    FROM asked
    JOIN named ON named.path = asked.template
    LEFT JOIN template_version_presets AS p ON p.template_version_id = named.active_version_id
    WHERE asked.preset IS NULL
)
SELECT {pool_row p}
FROM found
JOIN template_versions AS v ON v.id = found.template_version_id
JOIN templates AS t ON t.id = v.template_id
JOIN organizations AS o ON o.id = t.organization_id
LEFT JOIN template_version_presets AS p ON p.id = found.preset_id
ORDER BY o.name, t.name, p.name, p.id
