#!/bin/sh
# Builds workspaces as worktrees of a git repository, with nothing but git:
#
#     prebuildctl provision --exec examples/git-worktree.sh
#
# The template needs a parameter "repository", the path of a git repository on this machine, and may
# have another, "revision", which is checked out (HEAD by default). Worktrees stand at
# $PREBUILDCTL_WORKTREES/OWNER/WORKSPACE, ~/worktrees/OWNER/WORKSPACE by default; a claim moves one
# to its new owner, with all that was built in it.
#
# The state that is handed from build to build is the path of the worktree. Every step can be run
# again after it was cut off half way, which a worker that takes over a job does. A failed step may have
# moved the worktree and not said so: a delete then finds it where it is to be.

set -eu

repository=${PREBUILDCTL_PARAMETER_REPOSITORY:?the template has no parameter named repository}
revision=${PREBUILDCTL_PARAMETER_REVISION:-HEAD}
root=${PREBUILDCTL_WORKTREES:-$HOME/worktrees}
place=$root/$PREBUILDCTL_OWNER_NAME/$PREBUILDCTL_WORKSPACE_NAME
before=$(cat "$PREBUILDCTL_STATE_FILE")

# Moves the worktree to its owner's folder, where it was handed over.
move() {
    if [ -n "$before" ] && [ "$before" != "$place" ] && [ -d "$before" ]; then
        if [ -e "$place" ]; then
            echo "$place is in use" >&2
            exit 1
        fi
        mkdir -p "$(dirname "$place")"
        git -C "$repository" worktree move "$before" "$place"
    fi
}

start() {
    move
    if [ -z "$before" ] || [ ! -d "$place" ]; then
        # What may be there is half done: no build has succeeded yet.
        rm -rf "$place"
        git -C "$repository" worktree add --force --force --detach "$place" "$revision"
    fi
    printf '%s' "$place" >"$PREBUILDCTL_STATE_FILE"
    directory=$(printf '%s' "$place" | sed 's/[\\"]/\\&/g')
    printf '{"resources": [{"type": "git_worktree", "name": "main", "agents": [
        {"name": "main", "directory": "%s"}]}]}' "$directory" >"$PREBUILDCTL_RESOURCES_FILE"
}

delete() {
    if [ -z "$before" ] || [ ! -d "$before" ]; then
        before=$place
    fi
    rm -rf "$before"
    git -C "$repository" worktree prune
    : >"$PREBUILDCTL_STATE_FILE"
}

case $PREBUILDCTL_TRANSITION in
start) start ;;
stop) # the files stay
    move
    if [ -n "$before" ]; then
        printf '%s' "$place" >"$PREBUILDCTL_STATE_FILE"
    fi
    ;;
delete) delete ;;
esac
