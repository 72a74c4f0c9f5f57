-- Claims look for the oldest workspaces of a template that are still to be claimed.
CREATE INDEX workspaces_unclaimed_idx ON workspaces (template_id, created_at, id)
WHERE owner_id = 'c42fdf75-3097-471c-8c33-fb52454d81c0' AND NOT deleted;
