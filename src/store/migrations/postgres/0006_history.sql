-- What passes did, who paused them and why, and what became of pools. A table of our own, as its name says.
-- Names are as they were at the time, and nothing here refers to rows that may go. Whoever appends prunes, so
-- that it holds 10,000 entries of 90 days at most.
CREATE TABLE prebuildctl_history (
    id bigserial NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL,
    event text NOT NULL, -- such as pass, pause or hard_limited
    actor text NOT NULL, -- who did it; empty where nobody in particular did
    subject text NOT NULL, -- organization/template/preset or a workspace; empty where it is about all
    message text NOT NULL,
    CONSTRAINT prebuildctl_history_length CHECK (length(message) <= 2000)
);
CREATE INDEX prebuildctl_history_created_at_idx ON prebuildctl_history (created_at);
