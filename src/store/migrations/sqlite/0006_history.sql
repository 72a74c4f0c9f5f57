-- What passes did, who paused them and why, and what became of pools. A table of our own, as its name says.
-- Names are as they were at the time, and nothing here refers to rows that may go. Whoever appends prunes, so
-- that it holds 10,000 entries of 90 days at most.
CREATE TABLE prebuildctl_history (
    id INTEGER NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    event TEXT NOT NULL, -- such as pass, pause or hard_limited
    actor TEXT NOT NULL, -- who did it; empty where nobody in particular did
    subject TEXT NOT NULL, -- organization/template/preset or a workspace; empty where it is about all
    message TEXT NOT NULL CHECK (length(message) <= 2000)
) STRICT;
CREATE INDEX prebuildctl_history_created_at_idx ON prebuildctl_history (created_at);
