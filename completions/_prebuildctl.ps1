
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
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Show the state of all pools')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what reconcile-once would do, and why')
            [CompletionResult]::new('reconcile-once', 'reconcile-once', [CompletionResultType]::ParameterValue, 'Do what plan shows, once')
            [CompletionResult]::new('cleanup', 'cleanup', [CompletionResultType]::ParameterValue, 'List leftover prebuilt workspaces and, with --yes, delete them')
            [CompletionResult]::new('invalidate', 'invalidate', [CompletionResultType]::ParameterValue, 'Have the running prebuilt workspaces of presets replaced')
            [CompletionResult]::new('reset-limit', 'reset-limit', [CompletionResultType]::ParameterValue, 'Let hard-limited presets, and those that failed validation, be tried again')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check connection, schema, rights, lock, clock and the health of the pools')
            [CompletionResult]::new('claim', 'claim', [CompletionResultType]::ParameterValue, 'Hand a ready prebuilt workspace to a person')
            [CompletionResult]::new('loop', 'loop', [CompletionResultType]::ParameterValue, 'Do what plan shows, again and again')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Pause reconciliation')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Resume reconciliation')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create the schema in an empty database, or bring it up to date')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Declare organizations, users, templates and presets in a TOML file')
            [CompletionResult]::new('provision', 'provision', [CompletionResultType]::ParameterValue, 'Run the queued builds of a database of our own')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Show the whole cycle on a new embedded database')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of a document')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the manual pages to a folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'prebuildctl;snapshot' {
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'The instant that the snapshot stands for; it decides which failures are recent')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Rest for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is given up; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;plan' {
            [CompletionResult]::new('--snapshot', '--snapshot', [CompletionResultType]::ParameterName, 'Plan a saved snapshot document (- for standard input) instead of a database')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Plan for another time')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Also write the plan document to FILE')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Plan a span of time from here; default: the present minute, or that of the snapshot')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'End of that span; default: 7 days later')
            [CompletionResult]::new('--step', '--step', [CompletionResultType]::ParameterName, 'Time between two plans of that span; default: 1m')
            [CompletionResult]::new('--set-desired', '--set-desired', [CompletionResultType]::ParameterName, 'Plan as if the preset wanted N workspaces outside its schedules; repeatable')
            [CompletionResult]::new('--promote', '--promote', [CompletionResultType]::ParameterName, 'Plan as if VERSION (a name or an id) were the template''s active one; repeatable')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Rest for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is given up; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('--detailed-exitcode', '--detailed-exitcode', [CompletionResultType]::ParameterName, 'Exit with 2 when the plan has changes')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Walk through the numbers of every preset in words, with the errors of failed builds')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;reconcile-once' {
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Carry out this approved plan document exactly, or nothing')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up, and undo everything, after this time')
            [CompletionResult]::new('--metrics-file', '--metrics-file', [CompletionResultType]::ParameterName, 'Also write metrics of the pools and the pass to FILE, for a textfile collector')
            [CompletionResult]::new('--wait-lock', '--wait-lock', [CompletionResultType]::ParameterName, 'Wait this long for a pass of somebody else to end')
            [CompletionResult]::new('--max-create', '--max-create', [CompletionResultType]::ParameterName, 'Refuse a plan that creates more workspaces')
            [CompletionResult]::new('--max-delete', '--max-delete', [CompletionResultType]::ParameterName, 'Refuse a plan that deletes more workspaces than N, or than P% of the running prebuilt ones')
            [CompletionResult]::new('--max-in-flight', '--max-in-flight', [CompletionResultType]::ParameterName, 'Put off creates beyond this many pending and running jobs')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Rest for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is given up; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('--fail-if-locked', '--fail-if-locked', [CompletionResultType]::ParameterName, 'Exit with 5 when somebody else holds the lock')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;cleanup' {
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Only workspaces in this state; repeatable [default: all but the last two]')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Only workspaces whose last build is longer ago, such as 2h or 7d')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until all is done, for at most DURATION')
            [CompletionResult]::new('--wait-lock', '--wait-lock', [CompletionResultType]::ParameterName, 'Wait this long for a pass to end')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete them; without this they are only listed')
            [CompletionResult]::new('--orphan', '--orphan', [CompletionResultType]::ParameterName, 'Delete without provisioner state: what exists outside stays there')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;invalidate' {
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'All presets of this template; repeatable')
            [CompletionResult]::new('--max-unavailable', '--max-unavailable', [CompletionResultType]::ParameterName, 'Replace at most N workspaces of a pool at once')
            [CompletionResult]::new('--before', '--before', [CompletionResultType]::ParameterName, 'Only workspaces created before this time [default: now]')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until all is done, for at most DURATION')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;reset-limit' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until all is done, for at most DURATION')
            [CompletionResult]::new('--wait-lock', '--wait-lock', [CompletionResultType]::ParameterName, 'Wait this long for a pass to end')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Rest for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is given up; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do it; without this it is only shown')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;doctor' {
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Rest for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is given up; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;claim' {
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Claim a workspace of this preset; a name is looked up in active versions')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Claim a workspace of this template''s largest preset that --param contains')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'A parameter value that the workspace is to have; repeatable')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Id or name of the user who gets it')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Its new name: up to 32 letters and digits, with single hyphens between them')
            [CompletionResult]::new('--autostart-schedule', '--autostart-schedule', [CompletionResultType]::ParameterName, 'Start it by itself, as in "30 9 * * 1-5"; CRON_TZ=ZONE may stand before')
            [CompletionResult]::new('--next-start-at', '--next-start-at', [CompletionResultType]::ParameterName, 'When that is next')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Stop it this long after a start; default: as the template says')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'Make the claims of a file, or of standard input')
            [CompletionResult]::new('--parallel', '--parallel', [CompletionResultType]::ParameterName, 'How many sessions a batch uses; default: 8 on PostgreSQL, 1 on SQLite')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;loop' {
            [CompletionResult]::new('--interval', '--interval', [CompletionResultType]::ParameterName, 'Time from one pass to the next; 0 and below means 5m')
            [CompletionResult]::new('--max-passes', '--max-passes', [CompletionResultType]::ParameterName, 'End after this many passes')
            [CompletionResult]::new('--metrics-addr', '--metrics-addr', [CompletionResultType]::ParameterName, 'Serve /metrics, /healthz and /readyz over HTTP on this address, such as 127.0.0.1:9464')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give a pass up, and undo all of it, after this time')
            [CompletionResult]::new('--wait-lock', '--wait-lock', [CompletionResultType]::ParameterName, 'Wait this long for a pass of somebody else to end')
            [CompletionResult]::new('--max-create', '--max-create', [CompletionResultType]::ParameterName, 'Refuse a plan that creates more workspaces')
            [CompletionResult]::new('--max-delete', '--max-delete', [CompletionResultType]::ParameterName, 'Refuse a plan that deletes more workspaces than N, or than P% of the running prebuilt ones')
            [CompletionResult]::new('--max-in-flight', '--max-in-flight', [CompletionResultType]::ParameterName, 'Put off creates beyond this many pending and running jobs')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Only presets of this organization; repeatable')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Only presets of this template; repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Only this preset; repeatable')
            [CompletionResult]::new('--backoff-interval', '--backoff-interval', [CompletionResultType]::ParameterName, 'Rest for each failed build')
            [CompletionResult]::new('--backoff-lookback', '--backoff-lookback', [CompletionResultType]::ParameterName, 'How far back failed builds count')
            [CompletionResult]::new('--failure-hard-limit', '--failure-hard-limit', [CompletionResultType]::ParameterName, 'Failed builds in a row until a preset is given up; 0 turns the limit off')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;pause' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;resume' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;init' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;apply' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;provision' {
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'Build with this command; comes last: all that follows belongs to it')
            [CompletionResult]::new('--parallel', '--parallel', [CompletionResultType]::ParameterName, 'Builds that run at once [default: processor cores, at least 2]')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Offer this tag; repeatable. Without any, jobs of all tags are taken')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'How often to look for jobs')
            [CompletionResult]::new('--stale-after', '--stale-after', [CompletionResultType]::ParameterName, 'Take over jobs whose worker gave no sign of life for this time')
            [CompletionResult]::new('--heartbeat', '--heartbeat', [CompletionResultType]::ParameterName, 'How often to give a sign of life')
            [CompletionResult]::new('--build-timeout', '--build-timeout', [CompletionResultType]::ParameterName, 'End a build that takes longer, and fail it')
            [CompletionResult]::new('--build-time', '--build-time', [CompletionResultType]::ParameterName, 'How long a build takes, or from how long to how long')
            [CompletionResult]::new('--failure-rate', '--failure-rate', [CompletionResultType]::ParameterName, 'Part of the builds that fail, from 0 to 1')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Makes durations and failures repeatable for the same jobs')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('--simulate', '--simulate', [CompletionResultType]::ParameterName, 'Build nothing: every build just takes --build-time')
            [CompletionResult]::new('--drain', '--drain', [CompletionResultType]::ParameterName, 'End when no jobs are left to take')
            [CompletionResult]::new('--until-idle', '--until-idle', [CompletionResultType]::ParameterName, 'End when no jobs are left to take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;demo' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;schema' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;completions' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;man' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'Database: postgres://..., postgresql://... or sqlite:PATH')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of log lines on standard error')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long opening a connection may take')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Don''t print status and progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; repeat for even more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'prebuildctl;help' {
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Show the state of all pools')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what reconcile-once would do, and why')
            [CompletionResult]::new('reconcile-once', 'reconcile-once', [CompletionResultType]::ParameterValue, 'Do what plan shows, once')
            [CompletionResult]::new('cleanup', 'cleanup', [CompletionResultType]::ParameterValue, 'List leftover prebuilt workspaces and, with --yes, delete them')
            [CompletionResult]::new('invalidate', 'invalidate', [CompletionResultType]::ParameterValue, 'Have the running prebuilt workspaces of presets replaced')
            [CompletionResult]::new('reset-limit', 'reset-limit', [CompletionResultType]::ParameterValue, 'Let hard-limited presets, and those that failed validation, be tried again')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check connection, schema, rights, lock, clock and the health of the pools')
            [CompletionResult]::new('claim', 'claim', [CompletionResultType]::ParameterValue, 'Hand a ready prebuilt workspace to a person')
            [CompletionResult]::new('loop', 'loop', [CompletionResultType]::ParameterValue, 'Do what plan shows, again and again')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Pause reconciliation')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Resume reconciliation')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create the schema in an empty database, or bring it up to date')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Declare organizations, users, templates and presets in a TOML file')
            [CompletionResult]::new('provision', 'provision', [CompletionResultType]::ParameterValue, 'Run the queued builds of a database of our own')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Show the whole cycle on a new embedded database')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of a document')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
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
        'prebuildctl;help;doctor' {
            break
        }
        'prebuildctl;help;claim' {
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
