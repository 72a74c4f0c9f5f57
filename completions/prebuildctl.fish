# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_prebuildctl_global_optspecs
    string join \n database-url= o/format= no-headers columns= sort= no-pager color= q/quiet v/verbose log-format= connect-timeout= timeout= h/help V/version
end

function __fish_prebuildctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_prebuildctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_prebuildctl_using_subcommand
    set -l cmd (__fish_prebuildctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -s V -l version -d 'Print version'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "snapshot" -d 'Show the state of all pools'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "plan" -d 'Show what reconcile-once would do, and why'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "reconcile-once" -d 'Do what plan shows, once'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "cleanup" -d 'List leftover prebuilt workspaces and, with --yes, delete them'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "invalidate" -d 'Mark the running prebuilt workspaces of presets for replacement'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "reset-limit" -d 'Reset presets that are hard limited or failed validation, so that they are tried again'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "render" -d 'Show the parameters and provisioner tags that a build gets'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "list" -d 'List workspaces, claimed or not, with their state'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "show" -d 'Show one workspace: its state, builds, parameters and agents'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "logs" -d 'Print the log of a workspace\'s latest build, or of a job'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "history" -d 'Show what happened: passes, claims, failed builds, pauses and changes of pools'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "doctor" -d 'Check connection, schema, rights, lock, clock and the health of the pools'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "wait" -d 'Wait until pools are full on the active version'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "claim" -d 'Hand a ready prebuilt workspace to a user'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "start" -d 'Start claimed workspaces'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "stop" -d 'Stop claimed workspaces'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "retry" -d 'Make failed builds of claimed workspaces once more'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "delete" -d 'List claimed workspaces and, with --yes, delete them'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "users" -d 'List the users of a database of your own, hand over their workspaces, or remove them'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "loop" -d 'Do what plan shows, again and again'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "pause" -d 'Pause reconciliation'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "resume" -d 'Resume reconciliation'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "init" -d 'Create the schema in an empty database, or update it'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "apply" -d 'Declare organizations, users, templates and presets in a TOML file'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "export" -d 'Write what a database declares as a file for apply'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "promote" -d 'Make a version of a template its active one'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "scale" -d 'Set the desired instances of a pool'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "provision" -d 'Run the queued builds of a database created by prebuildctl'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "demo" -d 'Show the whole cycle on a new embedded database'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "schema" -d 'Print the JSON Schema of a document'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "man" -d 'Write the manual pages to a folder'
complete -c prebuildctl -n "__fish_prebuildctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l at -d 'Time of the snapshot; decides which failures are recent' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l group-by -d 'A row for each template or organization, with sums' -r -f -a "template\t''
organization\t''"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l watch -d 'Draw the result in place every DURATION [default: 2s], until Ctrl-C' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l organization -d 'Only presets of this organization; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l template -d 'Only presets of this template; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l preset -d 'Only this preset; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l backoff-interval -d 'Back-off for each failed build' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l backoff-lookback -d 'How far back failed builds count' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l failure-hard-limit -d 'Failed builds in a row until a preset is hard limited; 0 turns the limit off' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l problems -d 'Only presets that somebody has to look at'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand snapshot" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l snapshot -d 'Plan a saved snapshot document (- for standard input) instead of a database' -r -F
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l at -d 'Plan for another time' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l out -d 'Also write the plan document to FILE' -r -F
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l for -d 'With --explain: show the build of a claim by this user, by id or name' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l group-by -d 'A row for each template or organization, with sums' -r -f -a "template\t''
organization\t''"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l from -d 'Start of a timetable [default: this minute, or that of the saved snapshot]' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l to -d 'End of the timetable [default: 7 days after --from]' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l step -d 'Time between two plans of the timetable [default: 1m]' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l set-desired -d 'Plan as if N instances of the preset were desired outside its schedules; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l promote -d 'Plan as if VERSION (a name or an id) were the template\'s active one; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l watch -d 'Draw the result in place every DURATION [default: 2s], until Ctrl-C' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l organization -d 'Only presets of this organization; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l template -d 'Only presets of this template; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l preset -d 'Only this preset; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l backoff-interval -d 'Back-off for each failed build' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l backoff-lookback -d 'How far back failed builds count' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l failure-hard-limit -d 'Failed builds in a row until a preset is hard limited; 0 turns the limit off' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l detailed-exitcode -d 'Exit with 2 when the plan has changes'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l explain -d 'Explain the numbers and the build of every preset, with the errors of failed builds'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l all -d 'Also show presets with nothing to do'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l problems -d 'Only presets that somebody has to look at'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l plan -d 'Carry out exactly this approved plan, or nothing' -r -F
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l metrics-file -d 'Also write metrics of the pools and the pass to FILE, for a textfile collector' -r -F
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l wait-lock -d 'Longest wait for another pass to end' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l max-create -d 'Refuse a plan that creates more than N workspaces' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l max-delete -d 'Refuse a plan that deletes more than N workspaces, or than P% of the running prebuilt ones' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l max-in-flight -d 'Defer creates beyond N pending and running jobs' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l max-unavailable -d 'With --keep-until-ready: how many workspaces a pool may be short of meanwhile' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l organization -d 'Only presets of this organization; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l template -d 'Only presets of this template; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l preset -d 'Only this preset; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l backoff-interval -d 'Back-off for each failed build' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l backoff-lookback -d 'How far back failed builds count' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l failure-hard-limit -d 'Failed builds in a row until a preset is hard limited; 0 turns the limit off' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l fail-if-locked -d 'Exit with 5 when another process holds the lock'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l any-clock -d 'Run although this machine\'s clock differs from the server\'s by more than a minute'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l keep-until-ready -d 'Delete members of superseded versions only as those of the active one get ready'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reconcile-once" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l state -d 'Only workspaces in this state; repeatable [default: all but the last two]' -r -f -a "failed\t'The last start or stop failed'
stopped\t'Stopped by a user'
cancelled\t'The last start or stop was cancelled'
without-build\t'There is no build at all'
failed-delete\t'It was to be deleted, and is still there'
stuck-agents\t'Running, but not ready or out of contact with an agent for longer than --older-than, or 30m; only when named'
without-preset\t'Its preset has no pool configured any more; only when named'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l older-than -d 'Only workspaces whose last build is older, such as 2h or 7d' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l wait -d 'Wait until everything is done, at most DURATION' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l wait-lock -d 'Longest wait for a running pass to end' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l organization -d 'Only presets of this organization; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l template -d 'Only presets of this template; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l preset -d 'Only this preset; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l yes -d 'Delete the workspaces instead of only listing them'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l orphan -d 'Delete without provisioner state: resources stay'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand cleanup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l template -d 'All presets of this template; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l max-unavailable -d 'Replace at most N workspaces of a pool at once' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l before -d 'Only workspaces created before this time [default: now]' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l wait -d 'Wait until everything is done, at most DURATION' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l yes -d 'Mark them instead of only showing them'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand invalidate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l wait -d 'Wait until everything is done, at most DURATION' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l wait-lock -d 'Longest wait for a running pass to end' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l backoff-interval -d 'Back-off for each failed build' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l backoff-lookback -d 'How far back failed builds count' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l failure-hard-limit -d 'Failed builds in a row until a preset is hard limited; 0 turns the limit off' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l yes -d 'Reset the limits instead of only showing them'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand reset-limit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l for -d 'Render for this user, by id or name [default: the prebuilds user]' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l param -d 'Value that a person gives for a parameter; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l previous -d 'Value of the workspace\'s last build, as for a claim; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l dir -d 'Render the Terraform files of this folder instead of a database\'s template' -r -F
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l owner -d 'Owner to render the folder for, as JSON: id, name, full_name, email, login_type, groups' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l detailed-exitcode -d 'Exit with 2 when a build would be refused'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand render" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l owner -d 'Only workspaces of this user, by id or name' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l state -d 'Only workspaces in this state; repeatable' -r -f -a "running\t''
starting\t''
stopping\t''
stopped\t''
deleting\t''
failed\t''
cancelled\t''
without-build\t''
unknown\t''"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l older-than -d 'Only workspaces created longer ago, such as 2h or 7d' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l younger-than -d 'Only workspaces created since, such as 2h or 7d ago' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l on-version -d 'Only workspaces whose latest build is on this template version: active, inactive or a name' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l organization -d 'Only presets of this organization; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l template -d 'Only presets of this template; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l preset -d 'Only this preset; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l unclaimed -d 'Only workspaces of pools, which nobody has claimed'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l claimed -d 'Only workspaces that came from a pool and were claimed'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -l job -d 'Id of a job, as show prints it' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -l build -d 'Number of the workspace\'s build [default: the latest]' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -s f -l follow -d 'Wait for more lines until the build has ended'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l since -d 'How far back: 2h, yesterday 18:00, 2026-11-26, or an RFC 3339 time [default: 1d]' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l event -d 'Only entries of this event, such as pass, claim, build_failed, pause or hard_limited; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -s n -l limit -d 'Only the newest N entries' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l organization -d 'Only presets of this organization; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l template -d 'Only presets of this template; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l preset -d 'Only this preset; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l watch -d 'Draw the result in place every DURATION [default: 2s], until Ctrl-C' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l organization -d 'Only presets of this organization; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l template -d 'Only presets of this template; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l preset -d 'Only this preset; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l backoff-interval -d 'Back-off for each failed build' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l backoff-lookback -d 'How far back failed builds count' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l failure-hard-limit -d 'Failed builds in a row until a preset is hard limited; 0 turns the limit off' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l problems -d 'Leave out what is as it should be'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l for -d 'Wait no longer than this' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l organization -d 'Only presets of this organization; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l template -d 'Only presets of this template; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l preset -d 'Only this preset; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l backoff-interval -d 'Back-off for each failed build' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l backoff-lookback -d 'How far back failed builds count' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l failure-hard-limit -d 'Failed builds in a row until a preset is hard limited; 0 turns the limit off' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l ready -d 'Wait until the pools are full, which is all that can be waited for so far'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l preset -d 'Claim a workspace of this preset; names are looked up in active versions' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l template -d 'Claim a workspace of this template\'s largest preset whose parameters --param contains' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l param -d 'Value of a parameter of the workspace; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l user -d 'Id or name of the new owner' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l name -d 'New name of the workspace: up to 32 letters and digits, with single hyphens between them' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l autostart-schedule -d 'Autostart schedule, such as "30 9 * * 1-5"; CRON_TZ=ZONE may come first' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l next-start-at -d 'Time of the next autostart, whatever the schedule says' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l ttl -d 'Stop the workspace this long after a start [default: the template\'s]' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l wait-available -d 'Wait until a workspace can be claimed, at most DURATION' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l wait -d 'Wait until everything is done, at most DURATION' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l batch -d 'Make the claims of a file or of standard input' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l parallel -d 'Number of database sessions of a batch [default: 8 on PostgreSQL, 1 on SQLite]' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l skip-external-auth -d 'Don\'t ask for the logins at external authentications that the template requires'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand claim" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -l owner -d 'Only workspaces of this user' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -l wait -d 'Wait until everything is done, at most DURATION' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -l all -d 'All workspaces of the owner'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -l owner -d 'Only workspaces of this user' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -l wait -d 'Wait until everything is done, at most DURATION' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -l all -d 'All workspaces of the owner'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -l owner -d 'Only workspaces of this user' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -l wait -d 'Wait until everything is done, at most DURATION' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -l all -d 'All workspaces of the owner'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand retry" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l owner -d 'Only workspaces of this user' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l wait -d 'Wait until everything is done, at most DURATION' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l all -d 'All workspaces of the owner'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l yes -d 'Delete the workspaces instead of only listing them'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -f -a "list" -d 'List the users with the number of their workspaces, as without a subcommand'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -f -a "transfer" -d 'Give a user\'s workspaces to another user'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -f -a "remove" -d 'Show what removing a user takes and, with --yes, remove the user'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and not __fish_seen_subcommand_from list transfer remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -l wait -d 'Wait until everything is done, at most DURATION' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from transfer" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -l wait -d 'Wait until everything is done, at most DURATION' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -l delete-workspaces -d 'Delete the user\'s workspaces'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -l yes -d 'Remove the user instead of only showing what that takes'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the users with the number of their workspaces, as without a subcommand'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "transfer" -d 'Give a user\'s workspaces to another user'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Show what removing a user takes and, with --yes, remove the user'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l interval -d 'Time between passes; 0 or less means 5m' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l max-passes -d 'Exit after N passes' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l metrics-addr -d 'Serve /metrics, /healthz and /readyz over HTTP on this address, such as 0.0.0.0:9464' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l on-event -d 'Give every event to a shell command on standard input, or POST it to an http or https address' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l wait-lock -d 'Longest wait for another pass to end' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l max-create -d 'Refuse a plan that creates more than N workspaces' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l max-delete -d 'Refuse a plan that deletes more than N workspaces, or than P% of the running prebuilt ones' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l max-in-flight -d 'Defer creates beyond N pending and running jobs' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l max-unavailable -d 'With --keep-until-ready: how many workspaces a pool may be short of meanwhile' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l organization -d 'Only presets of this organization; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l template -d 'Only presets of this template; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l preset -d 'Only this preset; repeatable' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l backoff-interval -d 'Back-off for each failed build' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l backoff-lookback -d 'How far back failed builds count' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l failure-hard-limit -d 'Failed builds in a row until a preset is hard limited; 0 turns the limit off' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l any-clock -d 'Run although this machine\'s clock differs from the server\'s by more than a minute'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l keep-until-ready -d 'Delete members of superseded versions only as those of the active one get ready'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand loop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -l reason -d 'Why, for whoever finds the pools paused' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -l for -d 'End the pause after this time: the first pass of prebuildctl from then on ends it; coderd doesn\'t' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand pause" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l backoff-interval -d 'Back-off for each failed build' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l backoff-lookback -d 'How far back failed builds count' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l failure-hard-limit -d 'Failed builds in a row until a preset is hard limited; 0 turns the limit off' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l dry-run -d 'Show the changes and what the next pass would do then; write nothing'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l prune -d 'Remove what the file doesn\'t hold; without --yes only shown'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l yes -d 'Remove what --prune shows'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand promote" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -l for -d 'Only for this time, whatever the schedules say' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand scale" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l exec -d 'Build with this command; must come last: everything after it belongs to it' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l parallel -d 'Number of builds at once [default: processor cores, at least 2]' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l tag -d 'Offer this tag; repeatable. Without tags, takes all jobs' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l poll-interval -d 'How often to look for jobs' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l stale-after -d 'Take over jobs of a worker without a heartbeat for this time' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l heartbeat -d 'Time between heartbeats' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l build-timeout -d 'End and fail a build that takes longer' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l grace -d 'How long running builds may go on after SIGINT or SIGTERM' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l build-time -d 'Duration of a build, or its range' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l failure-rate -d 'Share of builds that fail, from 0 to 1' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l seed -d 'Make durations and failures repeatable for the same jobs' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l simulate -d 'Simulate builds: each just takes --build-time'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l drain -l until-idle -d 'Exit when no job is left to take'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l show-output -d 'Also print what builds print, each line behind the name of its workspace'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand provision" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -l database-url -d 'Database: postgres://..., postgresql://... or sqlite:PATH' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -s o -l format -d 'Output format' -r -f -a "table\t'Tables and sentences'
wide\t'Tables with more columns'
json\t'Documents for programs'
yaml\t'The same documents as YAML'
csv\t'Tables as comma-separated values'
tsv\t'Tables with tabs between values'
name\t'What the rows of tables are about, a line each'
markdown\t'Tables for job summaries and pull-request comments'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -l columns -d 'Columns of tables, in this order' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -l sort -d 'Column to order the rows of tables by; -COLUMN for the reverse' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -l color -d 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -l log-format -d 'Format of log lines on standard error' -r -f -a "text\t'Lines of text'
json\t'A JSON object a line'"
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -l connect-timeout -d 'Timeout for opening a connection' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -l timeout -d 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database' -r
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -l no-headers -d 'Leave out the headings of tables'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -l no-pager -d 'Print long tables without a pager'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -s q -l quiet -d 'Hide status and progress'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -s v -l verbose -d 'Log more, and show presets that are out of use; repeatable'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "snapshot" -d 'Show the state of all pools'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "plan" -d 'Show what reconcile-once would do, and why'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "reconcile-once" -d 'Do what plan shows, once'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "cleanup" -d 'List leftover prebuilt workspaces and, with --yes, delete them'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "invalidate" -d 'Mark the running prebuilt workspaces of presets for replacement'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "reset-limit" -d 'Reset presets that are hard limited or failed validation, so that they are tried again'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "render" -d 'Show the parameters and provisioner tags that a build gets'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "list" -d 'List workspaces, claimed or not, with their state'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "show" -d 'Show one workspace: its state, builds, parameters and agents'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "logs" -d 'Print the log of a workspace\'s latest build, or of a job'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "history" -d 'Show what happened: passes, claims, failed builds, pauses and changes of pools'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "doctor" -d 'Check connection, schema, rights, lock, clock and the health of the pools'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "wait" -d 'Wait until pools are full on the active version'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "claim" -d 'Hand a ready prebuilt workspace to a user'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "start" -d 'Start claimed workspaces'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "stop" -d 'Stop claimed workspaces'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "retry" -d 'Make failed builds of claimed workspaces once more'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "delete" -d 'List claimed workspaces and, with --yes, delete them'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "users" -d 'List the users of a database of your own, hand over their workspaces, or remove them'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "loop" -d 'Do what plan shows, again and again'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "pause" -d 'Pause reconciliation'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "resume" -d 'Resume reconciliation'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "init" -d 'Create the schema in an empty database, or update it'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "apply" -d 'Declare organizations, users, templates and presets in a TOML file'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "export" -d 'Write what a database declares as a file for apply'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "promote" -d 'Make a version of a template its active one'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "scale" -d 'Set the desired instances of a pool'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "provision" -d 'Run the queued builds of a database created by prebuildctl'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "demo" -d 'Show the whole cycle on a new embedded database'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "schema" -d 'Print the JSON Schema of a document'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "completions" -d 'Print the completion script for a shell'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "man" -d 'Write the manual pages to a folder'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and not __fish_seen_subcommand_from snapshot plan reconcile-once cleanup invalidate reset-limit render list show logs history doctor wait claim start stop retry delete users loop pause resume init apply export promote scale provision demo schema completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "list" -d 'List the users with the number of their workspaces, as without a subcommand'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "transfer" -d 'Give a user\'s workspaces to another user'
complete -c prebuildctl -n "__fish_prebuildctl_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "remove" -d 'Show what removing a user takes and, with --yes, remove the user'
