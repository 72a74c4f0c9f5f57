use std::io::Write;

use super::*;
use crate::model::testing::parse_mutated;

/// A tar archive made by hand, so that it may hold what a library would refuse to write.
fn tar(entries: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (path, kind, content) in entries {
        let mut header = tar::Header::new_gnu();
        let name = &mut header.as_old_mut().name;
        name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_size(content.len() as u64);
        header.set_entry_type(tar::EntryType::new(*kind));
        header.set_mode(0o644);
        header.set_cksum();
        archive.extend_from_slice(header.as_bytes());
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in entries {
        writer
            .start_file(*path, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn paths(folder: &Folder) -> Vec<&str> {
    folder.iter().map(|(path, _)| path).collect()
}

#[test]
fn tar_and_zip_are_told_apart_by_content() {
    let entries: [(&str, &[u8]); 2] = [("main.tf", b"locals {}"), ("a/b.txt", b"b")];
    let from_zip = Folder::unpack(&zip(&entries)).unwrap();
    let from_tar = Folder::unpack(&tar(&entries.map(|(path, it)| (path, b'0', it)))).unwrap();
    for folder in [from_zip, from_tar] {
        assert_eq!(paths(&folder), ["a/b.txt", "main.tf"]);
        assert_eq!(&**folder.get("a/b.txt").unwrap(), b"b");
    }
}

#[test]
fn an_empty_archive_is_an_empty_folder() {
    assert!(paths(&Folder::unpack(&tar(&[])).unwrap()).is_empty());
    assert!(paths(&Folder::unpack(&zip(&[])).unwrap()).is_empty());
}

#[test]
fn paths_are_made_clean() {
    let folder = Folder::unpack(&tar(&[("./main.tf", b'0', b""), ("./a//b", b'0', b"")])).unwrap();
    assert_eq!(paths(&folder), ["a/b", "main.tf"]);
}

#[test]
fn no_path_leads_outside() {
    for path in [
        "../main.tf",
        "a/../../main.tf",
        "/etc/main.tf",
        "a/..",
        "..\\main.tf",
    ] {
        let expected = ArchiveError::Outside(path.to_owned());
        assert_eq!(
            Folder::unpack(&tar(&[(path, b'0', b"")])).unwrap_err(),
            expected
        );
        assert_eq!(Folder::new([(path, b"".as_slice())]).unwrap_err(), expected);
    }
}

#[test]
fn links_are_left_out_unless_terraform_would_follow_them() {
    for kind in [b'1', b'2'] {
        let folder = Folder::unpack(&tar(&[("README.md", kind, b""), ("main.tf", b'0', b"")]));
        assert_eq!(paths(&folder.unwrap()), ["main.tf"]);
        let error = Folder::unpack(&tar(&[("main.tf", kind, b"")])).unwrap_err();
        assert_eq!(error, ArchiveError::Link("main.tf".to_owned()));
    }
}

#[test]
fn folders_and_devices_are_no_files() {
    let folder = Folder::unpack(&tar(&[
        ("a/", b'5', b""),
        ("dev", b'3', b""),
        ("f", b'0', b""),
    ]));
    assert_eq!(paths(&folder.unwrap()), ["f"]);
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let megabyte = vec![0; 1024 * 1024];
    let entries: Vec<(String, &[u8])> = (0..=MAX_BYTES / (1024 * 1024))
        .map(|n| (n.to_string(), megabyte.as_slice()))
        .collect();
    let entries: Vec<_> = entries
        .iter()
        .map(|(path, it)| (path.as_str(), *it))
        .collect();
    let archive = zip(&entries);
    assert!(archive.len() < 1024 * 1024, "the archive itself is small");
    assert_eq!(
        Folder::unpack(&archive).unwrap_err(),
        ArchiveError::TooLarge
    );
}

#[test]
fn too_many_files_are_refused_also_where_they_have_one_name() {
    let names: Vec<String> = (0..=MAX_FILES).map(|n| n.to_string()).collect();
    let many: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), b'0', b"".as_slice()))
        .collect();
    assert_eq!(
        Folder::unpack(&tar(&many)).unwrap_err(),
        ArchiveError::TooLarge
    );
    let same = vec![("main.tf", b'0', b"".as_slice()); 2 * MAX_FILES + 1];
    assert_eq!(
        Folder::unpack(&tar(&same)).unwrap_err(),
        ArchiveError::TooLarge
    );
}

#[test]
fn a_damaged_archive_is_unreadable() {
    let unreadable = |archive: &[u8]| {
        assert!(
            matches!(Folder::unpack(archive), Err(ArchiveError::Unreadable(_))),
            "{archive:?}"
        );
    };
    unreadable(b"PK\x03\x04 and then nothing");
    unreadable(&[1; 512]);
    let whole = tar(&[("main.tf", b'0', &[b'x'; 600])]);
    unreadable(&whole[..1024]);
}

#[test]
fn an_overlay_replaces_a_folder_and_nothing_else() {
    let folder = |files: &[(&str, &str)]| {
        Folder::new(files.iter().map(|(path, text)| (path, text.as_bytes()))).unwrap()
    };
    let template = folder(&[("main.tf", "own"), ("m/old", "own"), ("mine", "own")]);
    let modules = folder(&[("m/new", "their"), ("main.tf", "their")]);
    let both = template.overlaid("m", &modules);
    assert_eq!(paths(&both), ["m/new", "main.tf", "mine"]);
    assert_eq!(&**both.get("main.tf").unwrap(), b"own");
}

#[test]
fn archives_that_are_changed_at_random_do_no_harm() {
    let files: [(&str, &[u8]); 2] = [("main.tf", b"locals {}"), ("modules/a/main.tf", b"x")];
    let tar = tar(&files.map(|(path, content)| (path, b'0', content)));
    let zip = zip(&files);
    parse_mutated(&[&tar, &zip], |input| {
        let _unpacked = Folder::unpack(input);
    });
}
