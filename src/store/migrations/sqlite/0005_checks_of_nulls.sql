-- json_valid(NULL) is null in newer releases of SQLite and false in older ones, as in Debian 12: its shell
-- called rows with such nulls damaged, refused to change them, and lost them when it restored a dump.
-- Only the checks change, not what is stored, so that the text of the tables is all there is to change.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'CHECK (json_valid(trace_metadata))', 'CHECK (trace_metadata IS NULL OR json_valid(trace_metadata))')
WHERE type = 'table' AND name = 'provisioner_jobs';
UPDATE sqlite_schema SET sql = replace(replace(replace(replace(replace(sql,
    'CHECK (json_valid(environment_variables))', 'CHECK (environment_variables IS NULL OR json_valid(environment_variables))'),
    'CHECK (json_valid(instance_metadata))', 'CHECK (instance_metadata IS NULL OR json_valid(instance_metadata))'),
    'CHECK (json_valid(resource_metadata))', 'CHECK (resource_metadata IS NULL OR json_valid(resource_metadata))'),
    'CHECK (json_valid(subsystems))', 'CHECK (subsystems IS NULL OR json_valid(subsystems))'),
    'CHECK (json_valid(display_apps))', 'CHECK (display_apps IS NULL OR json_valid(display_apps))')
WHERE type = 'table' AND name = 'workspace_agents';
PRAGMA writable_schema = RESET;
-- Any change of the tables lets the other sessions read the schema anew.
CREATE TABLE changed (number INTEGER) STRICT;
DROP TABLE changed;
