-- Requests that found nothing to claim, for `demand` and `recommend`. A table of our own, as its name says.
-- Nothing here refers to rows that may go. Whoever appends prunes now and then, so that it holds some 100,000
-- requests of about 90 days. That one is missing before this version was installed means nothing.
CREATE TABLE prebuildctl_misses (
    id bigserial NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL, -- when the answer was known
    asked_at timestamptz NOT NULL, -- earlier where somebody waited
    preset_id uuid NOT NULL,
    user_id uuid NOT NULL, -- who was to own the workspace
    workspace_name text NOT NULL,
    CONSTRAINT prebuildctl_misses_length CHECK (length(workspace_name) <= 64)
);
CREATE INDEX prebuildctl_misses_created_at_idx ON prebuildctl_misses (created_at);
CREATE INDEX prebuildctl_misses_request_idx ON prebuildctl_misses (user_id, workspace_name);
