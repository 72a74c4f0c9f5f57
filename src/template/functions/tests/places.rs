//! Functions on networks, times and paths.

use super::check;

#[test]
fn networks_are_divided() {
    check(&[
        (r#"cidrhost("10.0.0.0/8", 5)"#, r#""10.0.0.5""#),
        (r#"cidrhost("10.0.0.0/8", -1)"#, r#""10.255.255.255""#),
        (r#"cidrhost("10.0.0.0/30", 4)"#, "refused"),
        (r#"cidrhost("10.0.0.0/30", -5)"#, "refused"),
        (r#"cidrhost("10.0.0.0/30", -4)"#, r#""10.0.0.0""#),
        (r#"cidrhost("10.0.0.0/32", 0)"#, r#""10.0.0.0""#),
        (r#"cidrhost("10.0.0.0/32", 1)"#, "refused"),
        (
            r#"cidrhost("10.0.0.0/0", 4294967295)"#,
            r#""255.255.255.255""#,
        ),
        (r#"cidrhost("fd00::/64", 258)"#, r#""fd00::102""#),
        (
            r#"cidrhost("fd00::/64", -1)"#,
            r#""fd00::ffff:ffff:ffff:ffff""#,
        ),
        (r#"cidrhost("2001:db8::/32", 1.5)"#, "refused"),
        (r#"cidrhost("10.0.0.0", 1)"#, "refused"),
        (r#"cidrhost("10.1.2.3/24", 1)"#, r#""10.1.2.1""#),
        (r#"cidrhost("10.01.002.0/24", 1)"#, r#""10.1.2.1""#),
        (r#"cidrhost("256.0.0.0/8", 1)"#, "refused"),
        (r#"cidrnetmask("10.0.0.0/12")"#, r#""255.240.0.0""#),
        (r#"cidrnetmask("fd00::/64")"#, "refused"),
        (r#"cidrnetmask("0.0.0.0/0")"#, r#""0.0.0.0""#),
        (r#"cidrnetmask("10.0.0.0/+8")"#, "refused"),
        (r#"cidrnetmask("10.0.0.0/08")"#, r#""255.0.0.0""#),
        (r#"cidrsubnet("10.0.0.0/8", 8, 2)"#, r#""10.2.0.0/16""#),
        (r#"cidrsubnet("10.0.0.0/8", 8, 256)"#, "refused"),
        (r#"cidrsubnet("10.0.0.0/8", 25, 0)"#, "refused"),
        (
            r#"cidrsubnet("10.0.0.0/8", 24, 16777215)"#,
            r#""10.255.255.255/32""#,
        ),
        (
            r#"cidrsubnet("fd00::/48", 16, 65535)"#,
            r#""fd00:0:0:ffff::/64""#,
        ),
        (
            r#"cidrsubnet("fd00::/8", 64, 5)"#,
            r#""fd00::500:0:0:0/72""#,
        ),
        (r#"cidrsubnet("fd00::/8", 120, 5)"#, r#""fd00::5/128""#),
        (r#"cidrsubnet("10.0.0.0/8", 0, 0)"#, r#""10.0.0.0/8""#),
        (r#"cidrsubnet("10.0.0.0/8", -8, 0)"#, r#""10.0.0.0/0""#),
        (r#"cidrsubnet("10.0.0.0/8", 1.5, 0)"#, "refused"),
        (r#"cidrsubnets("10.0.0.0/8")"#, "[]"),
        (
            r#"cidrsubnets("10.0.0.0/8", 1, 1)"#,
            r#"["10.0.0.0/9","10.128.0.0/9"]"#,
        ),
        (r#"cidrsubnets("10.0.0.0/8", 1, 1, 1)"#, "refused"),
        (r#"cidrsubnets("10.0.0.0/8", 0)"#, "refused"),
        (
            r#"cidrsubnets("fd00::/56", 8, 8)"#,
            r#"["fd00::/64","fd00:0:0:1::/64"]"#,
        ),
        (r#"cidrsubnets("fd00::/8", 60)"#, "refused"),
        (r#"cidrsubnets("255.255.255.0/24", 1, 1, 8)"#, "refused"),
    ]);
}

#[test]
fn times_are_shifted_and_written() {
    check(&[
        (
            r#"formatdate("Z ZZZ ZZZZ ZZZZZ", "2024-02-09T00:04:05Z")"#,
            r#""Z UTC +0000 +00:00""#,
        ),
        (
            r#"formatdate("H HH AA", "2024-02-09T00:04:05Z")"#,
            r#""12 12 AM""#,
        ),
        (
            r#"formatdate("H HH AA", "2024-02-09T12:04:05Z")"#,
            r#""12 12 PM""#,
        ),
        (
            r#"formatdate("'it''s' YYYY", "2024-02-09T12:04:05Z")"#,
            r#""it's 2024""#,
        ),
        (
            r#"formatdate("YYYY''MM''''", "2024-02-09T12:04:05Z")"#,
            r#""2024'02''""#,
        ),
        (r#"formatdate("YYY", "2024-02-09T12:04:05Z")"#, "refused"),
        (r#"formatdate("x", "2024-02-09T12:04:05Z")"#, "refused"),
        (r#"formatdate("'open", "2024-02-09T12:04:05Z")"#, "refused"),
        (r#"formatdate("", "2024-02-09T12:04:05Z")"#, r#""""#),
        (r#"formatdate("ZZ", "2024-02-09T12:04:05Z")"#, "refused"),
        (r#"formatdate("EE", "2024-02-09T12:04:05Z")"#, "refused"),
        (
            r#"formatdate("é YYYY!", "2024-02-09T12:04:05Z")"#,
            r#""é 2024!""#,
        ),
        (r#"formatdate("YYYY", "2024-02-30T12:04:05Z")"#, "refused"),
        (r#"formatdate("YYYY", "2024-02-09 12:04:05Z")"#, "refused"),
        (r#"formatdate("YYYY", "2024-02-09T12:04:05")"#, "refused"),
        (r#"formatdate("YYYY", "2024-02-09t12:04:05z")"#, "refused"),
        (r#"formatdate("ss", "2024-02-09T12:04:05.999Z")"#, r#""05""#),
        (r#"formatdate("ss", "2024-02-09T12:04:60Z")"#, "refused"),
        (r#"formatdate("hh", "2024-02-09T24:04:00Z")"#, "refused"),
        (r#"formatdate("YYYY", "0001-02-09T12:04:00Z")"#, r#""0001""#),
        (
            r#"timeadd("2024-02-28T12:00:00Z", "36h")"#,
            r#""2024-03-01T00:00:00Z""#,
        ),
        (
            r#"timeadd("2024-02-28T12:00:00Z", "-1.5h")"#,
            r#""2024-02-28T10:30:00Z""#,
        ),
        (r#"timeadd("2024-02-28T12:00:00Z", "1h-30m")"#, "refused"),
        (
            r#"timeadd("2024-02-28T12:00:00Z", "500ms")"#,
            r#""2024-02-28T12:00:00Z""#,
        ),
        (
            r#"timeadd("2024-02-28T12:00:00.7Z", "500ms")"#,
            r#""2024-02-28T12:00:01Z""#,
        ),
        (
            r#"timeadd("2024-02-28T12:00:00+02:00", "1ns")"#,
            r#""2024-02-28T12:00:00+02:00""#,
        ),
        (
            r#"timeadd("2024-02-28T12:00:00Z", "0")"#,
            r#""2024-02-28T12:00:00Z""#,
        ),
        (r#"timeadd("2024-02-28T12:00:00Z", "")"#, "refused"),
        (r#"timeadd("2024-02-28T12:00:00Z", "1d")"#, "refused"),
        (r#"timeadd("2024-02-28T12:00:00Z", "h")"#, "refused"),
        (r#"timeadd("2024-02-28T12:00:00Z", "1")"#, "refused"),
        (
            r#"timeadd("2024-02-28T12:00:00Z", "+5m")"#,
            r#""2024-02-28T12:05:00Z""#,
        ),
        (
            r#"timeadd("2024-02-28T12:00:00Z", ".5h")"#,
            r#""2024-02-28T12:30:00Z""#,
        ),
        (
            r#"timeadd("2024-02-28T12:00:00Z", "1.h")"#,
            r#""2024-02-28T13:00:00Z""#,
        ),
        (r#"timeadd("2024-02-28T12:00:00Z", "3000000h")"#, "refused"),
        (
            r#"timeadd("9999-12-31T23:59:59Z", "1s")"#,
            r#""10000-01-01T00:00:00Z""#,
        ),
        (
            r#"timecmp("2024-02-28T12:00:00Z", "2024-02-28T14:00:00+02:00")"#,
            "0",
        ),
        (
            r#"timecmp("2024-02-28T12:00:00.1Z", "2024-02-28T12:00:00Z")"#,
            "1",
        ),
        (
            r#"timecmp("2024-02-28T12:00:00,1Z", "2024-02-28T12:00:00Z")"#,
            "1",
        ),
    ]);
}

#[test]
fn paths_are_clean() {
    check(&[
        (r#"basename("a/b/")"#, r#""b""#),
        (r#"basename("")"#, r#"".""#),
        (r#"basename("/")"#, r#""/""#),
        (r#"dirname("a/b/")"#, r#""a/b""#),
        (r#"dirname("a")"#, r#"".""#),
        (r#"dirname("/a")"#, r#""/""#),
        (r#"dirname("/")"#, r#""/""#),
        (r#"dirname("")"#, r#"".""#),
        (r#"dirname("a//b")"#, r#""a""#),
        (r#"dirname("a/../b/c")"#, r#""b""#),
        (r#"pathexpand("a/b")"#, r#""a/b""#),
    ]);
}
