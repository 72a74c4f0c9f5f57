
use builtin;
use str;

set edit:completion:arg-completer[prebuildctl] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'prebuildctl'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'prebuildctl'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand snapshot 'Show the state of all pools'
            cand plan 'Show what reconcile-once would do, and why'
            cand reconcile-once 'Do what plan shows, once'
            cand cleanup 'List leftover prebuilt workspaces and, with --yes, delete them'
            cand invalidate 'Mark the running prebuilt workspaces of presets for replacement'
            cand reset-limit 'Reset presets that are hard limited or failed validation, so that they are tried again'
            cand render 'Show the parameters and provisioner tags that a build gets'
            cand doctor 'Check connection, schema, rights, lock, clock and the health of the pools'
            cand claim 'Hand a ready prebuilt workspace to a user'
            cand loop 'Do what plan shows, again and again'
            cand pause 'Pause reconciliation'
            cand resume 'Resume reconciliation'
            cand init 'Create the schema in an empty database, or update it'
            cand apply 'Declare organizations, users, templates and presets in a TOML file'
            cand provision 'Run the queued builds of a database created by prebuildctl'
            cand demo 'Show the whole cycle on a new embedded database'
            cand schema 'Print the JSON Schema of a document'
            cand completions 'Print the completion script for a shell'
            cand man 'Write the manual pages to a folder'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'prebuildctl;snapshot'= {
            cand --at 'Time of the snapshot; decides which failures are recent'
            cand --organization 'Only presets of this organization; repeatable'
            cand --template 'Only presets of this template; repeatable'
            cand --preset 'Only this preset; repeatable'
            cand --backoff-interval 'Back-off for each failed build'
            cand --backoff-lookback 'How far back failed builds count'
            cand --failure-hard-limit 'Failed builds in a row until a preset is hard limited; 0 turns the limit off'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;plan'= {
            cand --snapshot 'Plan a saved snapshot document (- for standard input) instead of a database'
            cand --at 'Plan for another time'
            cand --out 'Also write the plan document to FILE'
            cand --for 'With --explain: show the build of a claim by this user, by id or name'
            cand --from 'Start of a timetable [default: this minute, or that of the saved snapshot]'
            cand --to 'End of the timetable [default: 7 days after --from]'
            cand --step 'Time between two plans of the timetable [default: 1m]'
            cand --set-desired 'Plan as if N instances of the preset were desired outside its schedules; repeatable'
            cand --promote 'Plan as if VERSION (a name or an id) were the template''s active one; repeatable'
            cand --organization 'Only presets of this organization; repeatable'
            cand --template 'Only presets of this template; repeatable'
            cand --preset 'Only this preset; repeatable'
            cand --backoff-interval 'Back-off for each failed build'
            cand --backoff-lookback 'How far back failed builds count'
            cand --failure-hard-limit 'Failed builds in a row until a preset is hard limited; 0 turns the limit off'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand --detailed-exitcode 'Exit with 2 when the plan has changes'
            cand --explain 'Explain the numbers and the build of every preset, with the errors of failed builds'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;reconcile-once'= {
            cand --plan 'Carry out exactly this approved plan, or nothing'
            cand --timeout 'Roll back and fail after this time'
            cand --metrics-file 'Also write metrics of the pools and the pass to FILE, for a textfile collector'
            cand --wait-lock 'Longest wait for another pass to end'
            cand --max-create 'Refuse a plan that creates more than N workspaces'
            cand --max-delete 'Refuse a plan that deletes more than N workspaces, or than P% of the running prebuilt ones'
            cand --max-in-flight 'Defer creates beyond N pending and running jobs'
            cand --organization 'Only presets of this organization; repeatable'
            cand --template 'Only presets of this template; repeatable'
            cand --preset 'Only this preset; repeatable'
            cand --backoff-interval 'Back-off for each failed build'
            cand --backoff-lookback 'How far back failed builds count'
            cand --failure-hard-limit 'Failed builds in a row until a preset is hard limited; 0 turns the limit off'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand --fail-if-locked 'Exit with 5 when another process holds the lock'
            cand --any-clock 'Run although this machine''s clock differs from the server''s by more than a minute'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;cleanup'= {
            cand --state 'Only workspaces in this state; repeatable [default: all but the last two]'
            cand --older-than 'Only workspaces whose last build is older, such as 2h or 7d'
            cand --wait 'Wait until everything is done, at most DURATION'
            cand --wait-lock 'Longest wait for a running pass to end'
            cand --organization 'Only presets of this organization; repeatable'
            cand --template 'Only presets of this template; repeatable'
            cand --preset 'Only this preset; repeatable'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand --yes 'Delete the workspaces instead of only listing them'
            cand --orphan 'Delete without provisioner state: resources stay'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;invalidate'= {
            cand --template 'All presets of this template; repeatable'
            cand --max-unavailable 'Replace at most N workspaces of a pool at once'
            cand --before 'Only workspaces created before this time [default: now]'
            cand --wait 'Wait until everything is done, at most DURATION'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;reset-limit'= {
            cand --wait 'Wait until everything is done, at most DURATION'
            cand --wait-lock 'Longest wait for a running pass to end'
            cand --backoff-interval 'Back-off for each failed build'
            cand --backoff-lookback 'How far back failed builds count'
            cand --failure-hard-limit 'Failed builds in a row until a preset is hard limited; 0 turns the limit off'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand --yes 'Reset the limits instead of only showing them'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;render'= {
            cand --for 'Render for this user, by id or name [default: the prebuilds user]'
            cand --param 'Value that a person gives for a parameter; repeatable'
            cand --previous 'Value of the workspace''s last build, as for a claim; repeatable'
            cand --dir 'Render the Terraform files of this folder instead of a database''s template'
            cand --owner 'Owner to render the folder for, as JSON: id, name, full_name, email, login_type, groups'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand --detailed-exitcode 'Exit with 2 when a build would be refused'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;doctor'= {
            cand --organization 'Only presets of this organization; repeatable'
            cand --template 'Only presets of this template; repeatable'
            cand --preset 'Only this preset; repeatable'
            cand --backoff-interval 'Back-off for each failed build'
            cand --backoff-lookback 'How far back failed builds count'
            cand --failure-hard-limit 'Failed builds in a row until a preset is hard limited; 0 turns the limit off'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;claim'= {
            cand --preset 'Claim a workspace of this preset; names are looked up in active versions'
            cand --template 'Claim a workspace of this template''s largest preset whose parameters --param contains'
            cand --param 'Value of a parameter of the workspace; repeatable'
            cand --user 'Id or name of the new owner'
            cand --name 'New name of the workspace: up to 32 letters and digits, with single hyphens between them'
            cand --autostart-schedule 'Autostart schedule, such as "30 9 * * 1-5"; CRON_TZ=ZONE may come first'
            cand --next-start-at 'Time of the next autostart'
            cand --ttl 'Stop the workspace this long after a start [default: the template''s]'
            cand --batch 'Make the claims of a file or of standard input'
            cand --parallel 'Number of database sessions of a batch [default: 8 on PostgreSQL, 1 on SQLite]'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;loop'= {
            cand --interval 'Time between passes; 0 or less means 5m'
            cand --max-passes 'Exit after N passes'
            cand --metrics-addr 'Serve /metrics, /healthz and /readyz over HTTP on this address, such as 127.0.0.1:9464'
            cand --timeout 'Roll back and fail a pass after this time'
            cand --wait-lock 'Longest wait for another pass to end'
            cand --max-create 'Refuse a plan that creates more than N workspaces'
            cand --max-delete 'Refuse a plan that deletes more than N workspaces, or than P% of the running prebuilt ones'
            cand --max-in-flight 'Defer creates beyond N pending and running jobs'
            cand --organization 'Only presets of this organization; repeatable'
            cand --template 'Only presets of this template; repeatable'
            cand --preset 'Only this preset; repeatable'
            cand --backoff-interval 'Back-off for each failed build'
            cand --backoff-lookback 'How far back failed builds count'
            cand --failure-hard-limit 'Failed builds in a row until a preset is hard limited; 0 turns the limit off'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand --any-clock 'Run although this machine''s clock differs from the server''s by more than a minute'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;pause'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;resume'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;init'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;apply'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;provision'= {
            cand --exec 'Build with this command; must come last: everything after it belongs to it'
            cand --parallel 'Number of builds at once [default: processor cores, at least 2]'
            cand --tag 'Offer this tag; repeatable. Without tags, takes all jobs'
            cand --poll-interval 'How often to look for jobs'
            cand --stale-after 'Take over jobs of a worker without a heartbeat for this time'
            cand --heartbeat 'Time between heartbeats'
            cand --build-timeout 'End and fail a build that takes longer'
            cand --build-time 'Duration of a build, or its range'
            cand --failure-rate 'Share of builds that fail, from 0 to 1'
            cand --seed 'Make durations and failures repeatable for the same jobs'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand --simulate 'Simulate builds: each just takes --build-time'
            cand --drain 'Exit when no job is left to take'
            cand --until-idle 'Exit when no job is left to take'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;demo'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;schema'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;completions'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;man'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Output format'
            cand --color 'When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE'
            cand --log-format 'Format of log lines on standard error'
            cand --connect-timeout 'Timeout for opening a connection'
            cand -q 'Hide status and progress'
            cand --quiet 'Hide status and progress'
            cand -v 'Log more, and show presets that are out of use; repeatable'
            cand --verbose 'Log more, and show presets that are out of use; repeatable'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;help'= {
            cand snapshot 'Show the state of all pools'
            cand plan 'Show what reconcile-once would do, and why'
            cand reconcile-once 'Do what plan shows, once'
            cand cleanup 'List leftover prebuilt workspaces and, with --yes, delete them'
            cand invalidate 'Mark the running prebuilt workspaces of presets for replacement'
            cand reset-limit 'Reset presets that are hard limited or failed validation, so that they are tried again'
            cand render 'Show the parameters and provisioner tags that a build gets'
            cand doctor 'Check connection, schema, rights, lock, clock and the health of the pools'
            cand claim 'Hand a ready prebuilt workspace to a user'
            cand loop 'Do what plan shows, again and again'
            cand pause 'Pause reconciliation'
            cand resume 'Resume reconciliation'
            cand init 'Create the schema in an empty database, or update it'
            cand apply 'Declare organizations, users, templates and presets in a TOML file'
            cand provision 'Run the queued builds of a database created by prebuildctl'
            cand demo 'Show the whole cycle on a new embedded database'
            cand schema 'Print the JSON Schema of a document'
            cand completions 'Print the completion script for a shell'
            cand man 'Write the manual pages to a folder'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'prebuildctl;help;snapshot'= {
        }
        &'prebuildctl;help;plan'= {
        }
        &'prebuildctl;help;reconcile-once'= {
        }
        &'prebuildctl;help;cleanup'= {
        }
        &'prebuildctl;help;invalidate'= {
        }
        &'prebuildctl;help;reset-limit'= {
        }
        &'prebuildctl;help;render'= {
        }
        &'prebuildctl;help;doctor'= {
        }
        &'prebuildctl;help;claim'= {
        }
        &'prebuildctl;help;loop'= {
        }
        &'prebuildctl;help;pause'= {
        }
        &'prebuildctl;help;resume'= {
        }
        &'prebuildctl;help;init'= {
        }
        &'prebuildctl;help;apply'= {
        }
        &'prebuildctl;help;provision'= {
        }
        &'prebuildctl;help;demo'= {
        }
        &'prebuildctl;help;schema'= {
        }
        &'prebuildctl;help;completions'= {
        }
        &'prebuildctl;help;man'= {
        }
        &'prebuildctl;help;help'= {
        }
    ]
    $completions[$command]
}
