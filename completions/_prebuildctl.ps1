
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'prebuildctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'prebuildctl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'prebuildctl' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Show the state of all pools')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what reconcile-once would do, and why')
            [CompletionResult]::new('reconcile-once', 'reconcile-once', [CompletionResultType]::ParameterValue, 'Do what plan shows, once')
            [CompletionResult]::new('cleanup', 'cleanup', [CompletionResultType]::ParameterValue, 'List leftover prebuilt workspaces and, with --yes, delete them')
            [CompletionResult]::new('invalidate', 'invalidate', [CompletionResultType]::ParameterValue, 'Mark the running prebuilt workspaces of presets for replacement')
            [CompletionResult]::new('reset-limit', 'reset-limit', [CompletionResultType]::ParameterValue, 'Reset presets that are hard limited or failed validation, so that they are tried again')
            [CompletionResult]::new('render', 'render', [CompletionResultType]::ParameterValue, 'Show the parameters and provisioner tags that a build gets')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List workspaces, claimed or not, with their state')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one workspace: its state, builds, parameters and agents')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print the log of a workspace''s latest build, or of a job')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show what happened: passes, claims, failed builds, pauses and changes of pools')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check connection, schema, rights, lock, clock and the health of the pools')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until pools are full on the active version')
            [CompletionResult]::new('claim', 'claim', [CompletionResultType]::ParameterValue, 'Hand a ready prebuilt workspace to a user')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start claimed workspaces')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop claimed workspaces')
            [CompletionResult]::new('retry', 'retry', [CompletionResultType]::ParameterValue, 'Make failed builds of claimed workspaces once more')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'List claimed workspaces and, with --yes, delete them')
            [CompletionResult]::new('users', 'users', [CompletionResultType]::ParameterValue, 'List the users of a database of your own, hand over their workspaces, or remove them')
            [CompletionResult]::new('loop', 'loop', [CompletionResultType]::ParameterValue, 'Do what plan shows, again and again')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Pause reconciliation')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Resume reconciliation')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create the schema in an empty database, or update it')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Declare organizations, users, templates and presets in a TOML file')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write what a database declares as a file for apply')
            [CompletionResult]::new('promote', 'promote', [CompletionResultType]::ParameterValue, 'Make a version of a template its active one')
            [CompletionResult]::new('scale', 'scale', [CompletionResultType]::ParameterValue, 'Set the desired instances of a pool')
            [CompletionResult]::new('provision', 'provision', [CompletionResultType]::ParameterValue, 'Run the queued builds of a database created by prebuildctl')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Show the whole cycle on a new embedded database')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of a document')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the manual pages to a folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'prebuildctl;snapshot' {
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Time of the snapshot; decides which failures are recent')
            [CompletionResult]::new('--group-by', '--group-by', [CompletionResultType]::ParameterName, 'A row for each template or organization, with sums')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Draw the result in place every DURATION [default: 2s], until Ctrl-C')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Back-off for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is hard limited; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--problems', '--problems', [CompletionResultType]::ParameterName, 'Only presets that somebody has to look at')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;plan' {
            [CompletionResult]::new('--snapshot', '--snapshot', [CompletionResultType]::ParameterName, 'Plan a saved snapshot document (- for standard input) instead of a database')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Plan for another time')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Also write the plan document to FILE')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'With --explain: show the build of a claim by this user, by id or name')
            [CompletionResult]::new('--group-by', '--group-by', [CompletionResultType]::ParameterName, 'A row for each template or organization, with sums')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Start of a timetable [default: this minute, or that of the saved snapshot]')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'End of the timetable [default: 7 days after --from]')
            [CompletionResult]::new('--step', '--step', [CompletionResultType]::ParameterName, 'Time between two plans of the timetable [default: 1m]')
            [CompletionResult]::new('--set-desired', '--set-desired', [CompletionResultType]::ParameterName, 'Plan as if N instances of the preset were desired outside its schedules; repeatable')
            [CompletionResult]::new('--promote', '--promote', [CompletionResultType]::ParameterName, 'Plan as if VERSION (a name or an id) were the template''s active one; repeatable')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Draw the result in place every DURATION [default: 2s], until Ctrl-C')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Back-off for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is hard limited; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--detailed-exitcode', '--detailed-exitcode', [CompletionResultType]::ParameterName, 'Exit with 2 when the plan has changes')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Explain the numbers and the build of every preset, with the errors of failed builds')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also show presets with nothing to do')
            [CompletionResult]::new('--problems', '--problems', [CompletionResultType]::ParameterName, 'Only presets that somebody has to look at')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;reconcile-once' {
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Carry out exactly this approved plan, or nothing')
            [CompletionResult]::new('--metrics-file', '--metrics-file', [CompletionResultType]::ParameterName, 'Also write metrics of the pools and the pass to FILE, for a textfile collector')
            [CompletionResult]::new('--wait-lock', '--wait-lock', [CompletionResultType]::ParameterName, 'Longest wait for another pass to end')
            [CompletionResult]::new('--max-create', '--max-create', [CompletionResultType]::ParameterName, 'Refuse a plan that creates more than N workspaces')
            [CompletionResult]::new('--max-delete', '--max-delete', [CompletionResultType]::ParameterName, 'Refuse a plan that deletes more than N workspaces, or than P% of the running prebuilt ones')
            [CompletionResult]::new('--max-in-flight', '--max-in-flight', [CompletionResultType]::ParameterName, 'Defer creates beyond N pending and running jobs')
            [CompletionResult]::new('--max-unavailable', '--max-unavailable', [CompletionResultType]::ParameterName, 'With --keep-until-ready: how many workspaces a pool may be short of meanwhile')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Back-off for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is hard limited; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--fail-if-locked', '--fail-if-locked', [CompletionResultType]::ParameterName, 'Exit with 5 when another process holds the lock')
            [CompletionResult]::new('--any-clock', '--any-clock', [CompletionResultType]::ParameterName, 'Run although this machine''s clock differs from the server''s by more than a minute')
            [CompletionResult]::new('--keep-until-ready', '--keep-until-ready', [CompletionResultType]::ParameterName, 'Delete members of superseded versions only as those of the active one get ready')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;cleanup' {
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Only workspaces in this state; repeatable [default: all but the last two]')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Only workspaces whose last build is older, such as 2h or 7d')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is done, at most DURATION')
            [CompletionResult]::new('--wait-lock', '--wait-lock', [CompletionResultType]::ParameterName, 'Longest wait for a running pass to end')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete the workspaces instead of only listing them')
            [CompletionResult]::new('--orphan', '--orphan', [CompletionResultType]::ParameterName, 'Delete without provisioner state: resources stay')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;invalidate' {
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'All presets of this template; repeatable')
            [CompletionResult]::new('--max-unavailable', '--max-unavailable', [CompletionResultType]::ParameterName, 'Replace at most N workspaces of a pool at once')
            [CompletionResult]::new('--before', '--before', [CompletionResultType]::ParameterName, 'Only workspaces created before this time [default: now]')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is done, at most DURATION')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Mark them instead of only showing them')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;reset-limit' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is done, at most DURATION')
            [CompletionResult]::new('--wait-lock', '--wait-lock', [CompletionResultType]::ParameterName, 'Longest wait for a running pass to end')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Back-off for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is hard limited; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Reset the limits instead of only showing them')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;render' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Render for this user, by id or name [default: the prebuilds user]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Value that a person gives for a parameter; repeatable')
            [CompletionResult]::new('--previous', '--previous', [CompletionResultType]::ParameterName, 'Value of the workspace''s last build, as for a claim; repeatable')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Render the Terraform files of this folder instead of a database''s template')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owner to render the folder for, as JSON: id, name, full_name, email, login_type, groups')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--detailed-exitcode', '--detailed-exitcode', [CompletionResultType]::ParameterName, 'Exit with 2 when a build would be refused')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;list' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Only workspaces of this user, by id or name')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Only workspaces in this state; repeatable')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Only workspaces created longer ago, such as 2h or 7d')
            [CompletionResult]::new('--younger-than', '--younger-than', [CompletionResultType]::ParameterName, 'Only workspaces created since, such as 2h or 7d ago')
            [CompletionResult]::new('--on-version', '--on-version', [CompletionResultType]::ParameterName, 'Only workspaces whose latest build is on this template version: active, inactive or a name')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--unclaimed', '--unclaimed', [CompletionResultType]::ParameterName, 'Only workspaces of pools, which nobody has claimed')
            [CompletionResult]::new('--claimed', '--claimed', [CompletionResultType]::ParameterName, 'Only workspaces that came from a pool and were claimed')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;show' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;logs' {
            [CompletionResult]::new('--job', '--job', [CompletionResultType]::ParameterName, 'Id of a job, as show prints it')
            [CompletionResult]::new('--build', '--build', [CompletionResultType]::ParameterName, 'Number of the workspace''s build [default: the latest]')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Wait for more lines until the build has ended')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Wait for more lines until the build has ended')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;history' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'How far back: 2h, yesterday 18:00, 2026-11-26, or an RFC 3339 time [default: 1d]')
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'Only entries of this event, such as pass, claim, build_failed, pause or hard_limited; repeatable')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only the newest N entries')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Only the newest N entries')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;doctor' {
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Draw the result in place every DURATION [default: 2s], until Ctrl-C')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Back-off for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is hard limited; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--problems', '--problems', [CompletionResultType]::ParameterName, 'Leave out what is as it should be')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;wait' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Wait no longer than this')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Back-off for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is hard limited; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--ready', '--ready', [CompletionResultType]::ParameterName, 'Wait until the pools are full, which is all that can be waited for so far')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;claim' {
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Claim a workspace of this preset; names are looked up in active versions')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Claim a workspace of this template''s largest preset whose parameters --param contains')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Value of a parameter of the workspace; repeatable')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Id or name of the new owner')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'New name of the workspace: up to 32 letters and digits, with single hyphens between them')
            [CompletionResult]::new('--autostart-schedule', '--autostart-schedule', [CompletionResultType]::ParameterName, 'Autostart schedule, such as "30 9 * * 1-5"; CRON_TZ=ZONE may come first')
            [CompletionResult]::new('--next-start-at', '--next-start-at', [CompletionResultType]::ParameterName, 'Time of the next autostart, whatever the schedule says')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Stop the workspace this long after a start [default: the template''s]')
            [CompletionResult]::new('--wait-available', '--wait-available', [CompletionResultType]::ParameterName, 'Wait until a workspace can be claimed, at most DURATION')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is done, at most DURATION')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'Make the claims of a file or of standard input')
            [CompletionResult]::new('--parallel', '--parallel', [CompletionResultType]::ParameterName, 'Number of database sessions of a batch [default: 8 on PostgreSQL, 1 on SQLite]')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--skip-external-auth', '--skip-external-auth', [CompletionResultType]::ParameterName, 'Don''t ask for the logins at external authentications that the template requires')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;start' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Only workspaces of this user')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is done, at most DURATION')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All workspaces of the owner')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;stop' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Only workspaces of this user')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is done, at most DURATION')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All workspaces of the owner')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;retry' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Only workspaces of this user')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is done, at most DURATION')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All workspaces of the owner')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;delete' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Only workspaces of this user')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is done, at most DURATION')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All workspaces of the owner')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete the workspaces instead of only listing them')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;users' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the users with the number of their workspaces, as without a subcommand')
            [CompletionResult]::new('transfer', 'transfer', [CompletionResultType]::ParameterValue, 'Give a user''s workspaces to another user')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Show what removing a user takes and, with --yes, remove the user')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'prebuildctl;users;list' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;users;transfer' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is done, at most DURATION')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;users;remove' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is done, at most DURATION')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--delete-workspaces', '--delete-workspaces', [CompletionResultType]::ParameterName, 'Delete the user''s workspaces')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Remove the user instead of only showing what that takes')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;users;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the users with the number of their workspaces, as without a subcommand')
            [CompletionResult]::new('transfer', 'transfer', [CompletionResultType]::ParameterValue, 'Give a user''s workspaces to another user')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Show what removing a user takes and, with --yes, remove the user')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'prebuildctl;users;help;list' {
            break
        }
        'prebuildctl;users;help;transfer' {
            break
        }
        'prebuildctl;users;help;remove' {
            break
        }
        'prebuildctl;users;help;help' {
            break
        }
        'prebuildctl;loop' {
            [CompletionResult]::new('--interval', '--interval', [CompletionResultType]::ParameterName, 'Time between passes; 0 or less means 5m')
            [CompletionResult]::new('--max-passes', '--max-passes', [CompletionResultType]::ParameterName, 'Exit after N passes')
            [CompletionResult]::new('--metrics-addr', '--metrics-addr', [CompletionResultType]::ParameterName, 'Serve /metrics, /healthz and /readyz over HTTP on this address, such as 0.0.0.0:9464')
            [CompletionResult]::new('--on-event', '--on-event', [CompletionResultType]::ParameterName, 'Give every event to a shell command on standard input, or POST it to an http or https address')
            [CompletionResult]::new('--wait-lock', '--wait-lock', [CompletionResultType]::ParameterName, 'Longest wait for another pass to end')
            [CompletionResult]::new('--max-create', '--max-create', [CompletionResultType]::ParameterName, 'Refuse a plan that creates more than N workspaces')
            [CompletionResult]::new('--max-delete', '--max-delete', [CompletionResultType]::ParameterName, 'Refuse a plan that deletes more than N workspaces, or than P% of the running prebuilt ones')
            [CompletionResult]::new('--max-in-flight', '--max-in-flight', [CompletionResultType]::ParameterName, 'Defer creates beyond N pending and running jobs')
            [CompletionResult]::new('--max-unavailable', '--max-unavailable', [CompletionResultType]::ParameterName, 'With --keep-until-ready: how many workspaces a pool may be short of meanwhile')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Back-off for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is hard limited; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--any-clock', '--any-clock', [CompletionResultType]::ParameterName, 'Run although this machine''s clock differs from the server''s by more than a minute')
            [CompletionResult]::new('--keep-until-ready', '--keep-until-ready', [CompletionResultType]::ParameterName, 'Delete members of superseded versions only as those of the active one get ready')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;pause' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for whoever finds the pools paused')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'End the pause after this time: the first pass of prebuildctl from then on ends it; coderd doesn''t')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;resume' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;init' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;apply' {
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Back-off for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is hard limited; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the changes and what the next pass would do then; write nothing')
            [CompletionResult]::new('--prune', '--prune', [CompletionResultType]::ParameterName, 'Remove what the file doesn''t hold; without --yes only shown')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Remove what --prune shows')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;export' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;promote' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;scale' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Only for this time, whatever the schedules say')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;provision' {
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'Build with this command; must come last: everything after it belongs to it')
            [CompletionResult]::new('--parallel', '--parallel', [CompletionResultType]::ParameterName, 'Number of builds at once [default: processor cores, at least 2]')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Offer this tag; repeatable. Without tags, takes all jobs')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'How often to look for jobs')
            [CompletionResult]::new('--stale-after', '--stale-after', [CompletionResultType]::ParameterName, 'Take over jobs of a worker without a heartbeat for this time')
            [CompletionResult]::new('--heartbeat', '--heartbeat', [CompletionResultType]::ParameterName, 'Time between heartbeats')
            [CompletionResult]::new('--build-timeout', '--build-timeout', [CompletionResultType]::ParameterName, 'End and fail a build that takes longer')
            [CompletionResult]::new('--grace', '--grace', [CompletionResultType]::ParameterName, 'How long running builds may go on after SIGINT or SIGTERM')
            [CompletionResult]::new('--build-time', '--build-time', [CompletionResultType]::ParameterName, 'Duration of a build, or its range')
            [CompletionResult]::new('--failure-rate', '--failure-rate', [CompletionResultType]::ParameterName, 'Share of builds that fail, from 0 to 1')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Make durations and failures repeatable for the same jobs')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--simulate', '--simulate', [CompletionResultType]::ParameterName, 'Simulate builds: each just takes --build-time')
            [CompletionResult]::new('--drain', '--drain', [CompletionResultType]::ParameterName, 'Exit when no job is left to take')
            [CompletionResult]::new('--until-idle', '--until-idle', [CompletionResultType]::ParameterName, 'Exit when no job is left to take')
            [CompletionResult]::new('--show-output', '--show-output', [CompletionResultType]::ParameterName, 'Also print what builds print, each line behind the name of its workspace')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;demo' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;schema' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;completions' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;man' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of tables, in this order')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Column to order the rows of tables by; -COLUMN for the reverse')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for opening a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and roll back, after this time: a pass, or a wait for any answer of the database')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the headings of tables')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long tables without a pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Hide status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more, and show presets that are out of use; repeatable')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;help' {
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Show the state of all pools')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what reconcile-once would do, and why')
            [CompletionResult]::new('reconcile-once', 'reconcile-once', [CompletionResultType]::ParameterValue, 'Do what plan shows, once')
            [CompletionResult]::new('cleanup', 'cleanup', [CompletionResultType]::ParameterValue, 'List leftover prebuilt workspaces and, with --yes, delete them')
            [CompletionResult]::new('invalidate', 'invalidate', [CompletionResultType]::ParameterValue, 'Mark the running prebuilt workspaces of presets for replacement')
            [CompletionResult]::new('reset-limit', 'reset-limit', [CompletionResultType]::ParameterValue, 'Reset presets that are hard limited or failed validation, so that they are tried again')
            [CompletionResult]::new('render', 'render', [CompletionResultType]::ParameterValue, 'Show the parameters and provisioner tags that a build gets')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List workspaces, claimed or not, with their state')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one workspace: its state, builds, parameters and agents')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print the log of a workspace''s latest build, or of a job')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show what happened: passes, claims, failed builds, pauses and changes of pools')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check connection, schema, rights, lock, clock and the health of the pools')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until pools are full on the active version')
            [CompletionResult]::new('claim', 'claim', [CompletionResultType]::ParameterValue, 'Hand a ready prebuilt workspace to a user')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start claimed workspaces')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop claimed workspaces')
            [CompletionResult]::new('retry', 'retry', [CompletionResultType]::ParameterValue, 'Make failed builds of claimed workspaces once more')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'List claimed workspaces and, with --yes, delete them')
            [CompletionResult]::new('users', 'users', [CompletionResultType]::ParameterValue, 'List the users of a database of your own, hand over their workspaces, or remove them')
            [CompletionResult]::new('loop', 'loop', [CompletionResultType]::ParameterValue, 'Do what plan shows, again and again')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Pause reconciliation')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Resume reconciliation')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create the schema in an empty database, or update it')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Declare organizations, users, templates and presets in a TOML file')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write what a database declares as a file for apply')
            [CompletionResult]::new('promote', 'promote', [CompletionResultType]::ParameterValue, 'Make a version of a template its active one')
            [CompletionResult]::new('scale', 'scale', [CompletionResultType]::ParameterValue, 'Set the desired instances of a pool')
            [CompletionResult]::new('provision', 'provision', [CompletionResultType]::ParameterValue, 'Run the queued builds of a database created by prebuildctl')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Show the whole cycle on a new embedded database')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of a document')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the manual pages to a folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'prebuildctl;help;snapshot' {
            break
        }
        'prebuildctl;help;plan' {
            break
        }
        'prebuildctl;help;reconcile-once' {
            break
        }
        'prebuildctl;help;cleanup' {
            break
        }
        'prebuildctl;help;invalidate' {
            break
        }
        'prebuildctl;help;reset-limit' {
            break
        }
        'prebuildctl;help;render' {
            break
        }
        'prebuildctl;help;list' {
            break
        }
        'prebuildctl;help;show' {
            break
        }
        'prebuildctl;help;logs' {
            break
        }
        'prebuildctl;help;history' {
            break
        }
        'prebuildctl;help;doctor' {
            break
        }
        'prebuildctl;help;wait' {
            break
        }
        'prebuildctl;help;claim' {
            break
        }
        'prebuildctl;help;start' {
            break
        }
        'prebuildctl;help;stop' {
            break
        }
        'prebuildctl;help;retry' {
            break
        }
        'prebuildctl;help;delete' {
            break
        }
        'prebuildctl;help;users' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the users with the number of their workspaces, as without a subcommand')
            [CompletionResult]::new('transfer', 'transfer', [CompletionResultType]::ParameterValue, 'Give a user''s workspaces to another user')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Show what removing a user takes and, with --yes, remove the user')
            break
        }
        'prebuildctl;help;users;list' {
            break
        }
        'prebuildctl;help;users;transfer' {
            break
        }
        'prebuildctl;help;users;remove' {
            break
        }
        'prebuildctl;help;loop' {
            break
        }
        'prebuildctl;help;pause' {
            break
        }
        'prebuildctl;help;resume' {
            break
        }
        'prebuildctl;help;init' {
            break
        }
        'prebuildctl;help;apply' {
            break
        }
        'prebuildctl;help;export' {
            break
        }
        'prebuildctl;help;promote' {
            break
        }
        'prebuildctl;help;scale' {
            break
        }
        'prebuildctl;help;provision' {
            break
        }
        'prebuildctl;help;demo' {
            break
        }
        'prebuildctl;help;schema' {
            break
        }
        'prebuildctl;help;completions' {
            break
        }
        'prebuildctl;help;man' {
            break
        }
        'prebuildctl;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
