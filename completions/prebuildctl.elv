
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
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand snapshot 'Show the state of all pools'
            cand plan 'Show what reconcile-once would do, and why'
            cand reconcile-once 'Do what plan shows, once'
            cand cleanup 'List leftover prebuilt workspaces and, with --yes, delete them'
            cand invalidate 'Have the running prebuilt workspaces of presets replaced'
            cand reset-limit 'Let hard-limited presets, and those that failed validation, be tried again'
            cand doctor 'Check connection, schema, rights, lock, clock and the health of the pools'
            cand claim 'Hand a ready prebuilt workspace to a person'
            cand loop 'Do what plan shows, again and again'
            cand pause 'Pause reconciliation'
            cand resume 'Resume reconciliation'
            cand init 'Create the schema in an empty database, or bring it up to date'
            cand apply 'Declare organizations, users, templates and presets in a TOML file'
            cand provision 'Run the queued builds of a database of our own'
            cand demo 'Show the whole cycle on a new embedded database'
            cand schema 'Print the JSON Schema of a document'
            cand completions 'Print the completion script of a shell'
            cand man 'Write the manual pages to a folder'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'prebuildctl;snapshot'= {
            cand --at 'The instant that the snapshot stands for; it decides which failures are recent'
            cand --organization 'Only presets of this organization; repeatable'
            cand --template 'Only presets of this template; repeatable'
            cand --preset 'Only this preset; repeatable'
            cand --backoff-interval 'Rest for each failed build'
            cand --backoff-lookback 'How far back failed builds count'
            cand --failure-hard-limit 'Failed builds in a row until a preset is given up; 0 turns the limit off'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;plan'= {
            cand --snapshot 'Plan a saved snapshot document (- for standard input) instead of a database'
            cand --at 'Plan for another time'
            cand --out 'Also write the plan document to FILE'
            cand --from 'Plan a span of time from here; default: the present minute, or that of the snapshot'
            cand --to 'End of that span; default: 7 days later'
            cand --step 'Time between two plans of that span; default: 1m'
            cand --set-desired 'Plan as if the preset wanted N workspaces outside its schedules; repeatable'
            cand --promote 'Plan as if VERSION (a name or an id) were the template''s active one; repeatable'
            cand --organization 'Only presets of this organization; repeatable'
            cand --template 'Only presets of this template; repeatable'
            cand --preset 'Only this preset; repeatable'
            cand --backoff-interval 'Rest for each failed build'
            cand --backoff-lookback 'How far back failed builds count'
            cand --failure-hard-limit 'Failed builds in a row until a preset is given up; 0 turns the limit off'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand --detailed-exitcode 'Exit with 2 when the plan has changes'
            cand --explain 'Walk through the numbers of every preset in words, with the errors of failed builds'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;reconcile-once'= {
            cand --plan 'Carry out this approved plan document exactly, or nothing'
            cand --timeout 'Give up, and undo everything, after this time'
            cand --metrics-file 'Also write metrics of the pools and the pass to FILE, for a textfile collector'
            cand --wait-lock 'Wait this long for a pass of somebody else to end'
            cand --max-create 'Refuse a plan that creates more workspaces'
            cand --max-delete 'Refuse a plan that deletes more workspaces than N, or than P% of the running prebuilt ones'
            cand --max-in-flight 'Put off creates beyond this many pending and running jobs'
            cand --organization 'Only presets of this organization; repeatable'
            cand --template 'Only presets of this template; repeatable'
            cand --preset 'Only this preset; repeatable'
            cand --backoff-interval 'Rest for each failed build'
            cand --backoff-lookback 'How far back failed builds count'
            cand --failure-hard-limit 'Failed builds in a row until a preset is given up; 0 turns the limit off'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand --fail-if-locked 'Exit with 5 when somebody else holds the lock'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;cleanup'= {
            cand --state 'Only workspaces in this state; repeatable [default: all but the last two]'
            cand --older-than 'Only workspaces whose last build is longer ago, such as 2h or 7d'
            cand --wait 'Wait until all is done, for at most DURATION'
            cand --wait-lock 'Wait this long for a pass to end'
            cand --organization 'Only presets of this organization; repeatable'
            cand --template 'Only presets of this template; repeatable'
            cand --preset 'Only this preset; repeatable'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand --yes 'Delete them; without this they are only listed'
            cand --orphan 'Delete without provisioner state: what exists outside stays there'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;invalidate'= {
            cand --template 'All presets of this template; repeatable'
            cand --max-unavailable 'Replace at most N workspaces of a pool at once'
            cand --before 'Only workspaces created before this time [default: now]'
            cand --wait 'Wait until all is done, for at most DURATION'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;reset-limit'= {
            cand --wait 'Wait until all is done, for at most DURATION'
            cand --wait-lock 'Wait this long for a pass to end'
            cand --backoff-interval 'Rest for each failed build'
            cand --backoff-lookback 'How far back failed builds count'
            cand --failure-hard-limit 'Failed builds in a row until a preset is given up; 0 turns the limit off'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand --yes 'Do it; without this it is only shown'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;doctor'= {
            cand --organization 'Only presets of this organization; repeatable'
            cand --template 'Only presets of this template; repeatable'
            cand --preset 'Only this preset; repeatable'
            cand --backoff-interval 'Rest for each failed build'
            cand --backoff-lookback 'How far back failed builds count'
            cand --failure-hard-limit 'Failed builds in a row until a preset is given up; 0 turns the limit off'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;claim'= {
            cand --preset 'Claim a workspace of this preset; a name is looked up in active versions'
            cand --template 'Claim a workspace of this template''s largest preset that --param contains'
            cand --param 'A parameter value that the workspace is to have; repeatable'
            cand --user 'Id or name of the user who gets it'
            cand --name 'Its new name: up to 32 letters and digits, with single hyphens between them'
            cand --autostart-schedule 'Start it by itself, as in "30 9 * * 1-5"; CRON_TZ=ZONE may stand before'
            cand --next-start-at 'When that is next'
            cand --ttl 'Stop it this long after a start; default: as the template says'
            cand --batch 'Make the claims of a file, or of standard input'
            cand --parallel 'How many sessions a batch uses; default: 8 on PostgreSQL, 1 on SQLite'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;loop'= {
            cand --interval 'Time from one pass to the next; 0 and below means 5m'
            cand --max-passes 'End after this many passes'
            cand --metrics-addr 'Serve /metrics, /healthz and /readyz over HTTP on this address, such as 127.0.0.1:9464'
            cand --timeout 'Give a pass up, and undo all of it, after this time'
            cand --wait-lock 'Wait this long for a pass of somebody else to end'
            cand --max-create 'Refuse a plan that creates more workspaces'
            cand --max-delete 'Refuse a plan that deletes more workspaces than N, or than P% of the running prebuilt ones'
            cand --max-in-flight 'Put off creates beyond this many pending and running jobs'
            cand --organization 'Only presets of this organization; repeatable'
            cand --template 'Only presets of this template; repeatable'
            cand --preset 'Only this preset; repeatable'
            cand --backoff-interval 'Rest for each failed build'
            cand --backoff-lookback 'How far back failed builds count'
            cand --failure-hard-limit 'Failed builds in a row until a preset is given up; 0 turns the limit off'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;pause'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;resume'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;init'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;apply'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;provision'= {
            cand --exec 'Build with this command; comes last: all that follows belongs to it'
            cand --parallel 'Builds that run at once [default: processor cores, at least 2]'
            cand --tag 'Offer this tag; repeatable. Without any, jobs of all tags are taken'
            cand --poll-interval 'How often to look for jobs'
            cand --stale-after 'Take over jobs whose worker gave no sign of life for this time'
            cand --heartbeat 'How often to give a sign of life'
            cand --build-timeout 'End a build that takes longer, and fail it'
            cand --build-time 'How long a build takes, or from how long to how long'
            cand --failure-rate 'Part of the builds that fail, from 0 to 1'
            cand --seed 'Makes durations and failures repeatable for the same jobs'
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand --simulate 'Build nothing: every build just takes --build-time'
            cand --drain 'End when no jobs are left to take'
            cand --until-idle 'End when no jobs are left to take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;demo'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;schema'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;completions'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;man'= {
            cand --database-url 'Database: postgres://..., postgresql://... or sqlite:PATH'
            cand --format 'Form of the data on standard output'
            cand --color 'When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded'
            cand --log-format 'Form of log lines on standard error'
            cand --connect-timeout 'How long opening a connection may take'
            cand -q 'Don''t print status and progress'
            cand --quiet 'Don''t print status and progress'
            cand -v 'Say more; repeat for even more'
            cand --verbose 'Say more; repeat for even more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'prebuildctl;help'= {
            cand snapshot 'Show the state of all pools'
            cand plan 'Show what reconcile-once would do, and why'
            cand reconcile-once 'Do what plan shows, once'
            cand cleanup 'List leftover prebuilt workspaces and, with --yes, delete them'
            cand invalidate 'Have the running prebuilt workspaces of presets replaced'
            cand reset-limit 'Let hard-limited presets, and those that failed validation, be tried again'
            cand doctor 'Check connection, schema, rights, lock, clock and the health of the pools'
            cand claim 'Hand a ready prebuilt workspace to a person'
            cand loop 'Do what plan shows, again and again'
            cand pause 'Pause reconciliation'
            cand resume 'Resume reconciliation'
            cand init 'Create the schema in an empty database, or bring it up to date'
            cand apply 'Declare organizations, users, templates and presets in a TOML file'
            cand provision 'Run the queued builds of a database of our own'
            cand demo 'Show the whole cycle on a new embedded database'
            cand schema 'Print the JSON Schema of a document'
            cand completions 'Print the completion script of a shell'
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
