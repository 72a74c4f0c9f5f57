use clap::{CommandFactory as _, FromArgMatches as _, Parser};

use super::*;
use crate::cli::{FilterArgs, GlobalArgs, TuningArgs};

#[derive(Debug, Parser)]
#[command(name = "x")]
struct Line {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    Look {
        #[command(flatten)]
        filter: FilterArgs,
        #[command(flatten)]
        tuning: TuningArgs,
    },
    /// Has a flag of the name of a filter that is none.
    Take {
        #[arg(long)]
        preset: Option<String>,
    },
}

fn mistakes(text: &str) -> String {
    let read = parse(text, &settings(&Line::command()));
    read.map_or_else(|error| error.to_string(), |_| String::new())
}

/// The line as it is read with the profile behind it.
fn read(text: &str, profile: Option<&str>, words: &[&str]) -> Line {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let profile = Profile::read(&Line::command(), Some(file.path()), profile).unwrap();
    let matches = profile
        .set_defaults(Line::command())
        .try_get_matches_from(words)
        .unwrap();
    let mut line = Line::from_arg_matches(&matches).unwrap();
    line.global.profile = profile;
    line
}

const TWO: &str = "
timeout = '1m'
preset = ['small']
failure_hard_limit = 5

[profiles.prod]
timeout = '2m'
preset = ['large', 'web/*']
";

#[test]
fn a_flag_goes_before_the_profile_and_the_profile_before_what_holds_for_all() {
    let timeout = |profile, words: &[&str]| read(TWO, profile, words).global.timeout;
    assert_eq!(timeout(None, &["x", "look"]).unwrap().as_secs(), 60);
    assert_eq!(
        timeout(Some("prod"), &["x", "look"]).unwrap().as_secs(),
        120
    );
    let given = timeout(Some("prod"), &["x", "look", "--timeout=3m"]);
    assert_eq!(given.unwrap().as_secs(), 180);
}

#[test]
fn values_reach_the_flags_of_their_section_and_no_others_of_their_name() {
    let Sub::Look { filter, tuning } = read(TWO, Some("prod"), &["x", "look"]).command else {
        panic!("another command");
    };
    assert_eq!(filter.selection().presets, ["large", "web/*"]);
    assert_eq!(tuning.tuning().failure_hard_limit, 5);
    let Sub::Take { preset } = read(TWO, Some("prod"), &["x", "take"]).command else {
        panic!("another command");
    };
    assert_eq!(preset, None);
    let Sub::Look { filter, .. } = read(TWO, None, &["x", "look", "--preset=one"]).command else {
        panic!("another command");
    };
    assert_eq!(filter.selection().presets, ["one"]);
}

#[test]
fn a_profile_names_another_database_in_either_way() {
    let text =
        "database_url = 'sqlite:a.db'\n[profiles.b]\ndatabase_url_file = '/run/b'\n[profiles.c]\n";
    let database = |profile| {
        let profile = read(text, profile, &["x", "look"]).global.profile;
        let is_file = profile.names_url_file();
        (profile.database().unwrap().words.clone(), is_file)
    };
    assert_eq!(database(None), (vec!["sqlite:a.db".to_owned()], false));
    assert_eq!(database(Some("b")), (vec!["/run/b".to_owned()], true));
    assert_eq!(database(Some("c")), (vec!["sqlite:a.db".to_owned()], false));
}

#[test]
fn every_mistake_is_named_with_its_line() {
    let text = "formt = 'json'\nformat = 'xml'\n\n[profiles.prod]\nno_pager = 'yes'\nfailure_hard_limit = -1\n\
                preset = [1.5]\ntimeout = 5\nquiet = true\n";
    let found = mistakes(text);
    let expected = [
        "line 1, column 1: there is no setting \"formt\"; known are, among others: \"format\"",
        "line 2, column 10: format: invalid value 'xml'",
        "line 5, column 12: no_pager: write true or false",
        "line 6, column 22: failure_hard_limit: invalid value '-1'",
        "line 7, column 10: preset: write a list of texts",
        "line 8, column 11: timeout: invalid value '5'",
        "line 9, column 1: there is no setting \"quiet\"",
    ];
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{found}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}");
    }
    assert!(mistakes("format = \n").starts_with("line 1"));
    assert!(mistakes("profiles = 1").contains("[profiles.NAME]"));
    assert!(mistakes("[profiles]\nprod = 1").contains("[profiles.NAME]"));
    let both = "database_url = 'sqlite:a'\ndatabase_url_file = 'b'";
    assert!(mistakes(both).starts_with("line 2, column 1: database_url is given as well"));
}

#[test]
fn files_that_are_changed_at_random_do_no_harm() {
    let settings = settings(&Line::command());
    crate::model::testing::parse_mutated(&[TWO.as_bytes()], |input| {
        let text = String::from_utf8_lossy(input);
        let _read = parse(&text, &settings);
    });
}
