-- Requests that found nothing to claim, for `demand` and `recommend`. A table of our own, as its name says.
-- Nothing here refers to rows that may go. Whoever appends prunes now and then, so that it holds some 100,000
-- requests of about 90 days. That one is missing before this version was installed means nothing.
CREATE TABLE prebuildctl_misses (
    id INTEGER NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27), -- when the answer was known
    asked_at TEXT NOT NULL CHECK (length(asked_at) = 27), -- earlier where somebody waited
    preset_id TEXT NOT NULL,
    user_id TEXT NOT NULL, -- who was to own the workspace
    workspace_name TEXT NOT NULL CHECK (length(workspace_name) <= 64)
) STRICT;
CREATE INDEX prebuildctl_misses_created_at_idx ON prebuildctl_misses (created_at);
CREATE INDEX prebuildctl_misses_request_idx ON prebuildctl_misses (user_id, workspace_name);
