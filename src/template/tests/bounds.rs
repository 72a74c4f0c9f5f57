//! What is too much is refused with a reason, and what isn't needed is not kept.

use crate::template::{Folder, Import, Owner, Reason, Template, Values};

fn template(files: &[(&str, &str)]) -> Template {
    let files = Folder::new(files.iter().map(|(path, text)| (path, text.as_bytes())));
    let files = files.expect("a small folder");
    Template::from_folder(&files, Import::default()).expect("it can be read")
}

#[test]
fn configuration_that_is_too_large_is_named_before_it_is_read() {
    let half = " ".repeat(5 * 1024 * 1024);
    let files = [("a.tf", half.as_bytes()), ("b.tf", half.as_bytes())];
    let files = Folder::new(files).expect("a folder");
    let problems = Template::from_folder(&files, Import::default()).expect_err("too large");
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].reason, Reason::Unsupported);
    assert_eq!(
        problems[0].to_string(),
        "the template's configuration is larger than 8 MB (b.tf)"
    );
}

#[test]
fn a_pattern_of_paths_is_paid_for_as_what_it_matches() {
    let main = r#"
locals {
  pattern = join("", [for n in range(1000) : "**/**/**/**/**/"])
}
data "coder_workspace_tags" "t" {
  tags = { count = length(fileset(".", local.pattern)) }
}
"#;
    let paths: Vec<String> = (0..9_000)
        .map(|n| format!("{}/{n}", "folder/".repeat(20)))
        .collect();
    let mut files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
    files.push(("main.tf", main));
    let rendered = template(&files).render(&Owner::default(), &Values::new());
    let problems: Vec<String> = rendered.errors().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        ["the template takes more work than a render may do"]
    );
}

#[test]
fn a_group_as_a_whole_is_paid_for_by_member() {
    let group = |group: &str, of: &str| {
        let members = (0..1000).map(|n| format!("{of}{n} = \"x\"\n"));
        let members: String = members.collect();
        // Whatever it fails for, the group was put together.
        format!(
            "locals {{\n{members}taken = length([for i in range(100) : \
             [for j in range(1000) : try({group}[j], 1)]])\n}}\n"
        )
    };
    let data = |n| format!("data \"kind{n}\" \"x\" {{\n  a = 1\n}}\n");
    let data: String = (0..100).map(data).collect();
    for main in [group("local", "a"), group("data", "a") + &data] {
        let tags = "data \"coder_workspace_tags\" \"t\" {\n  tags = { n = local.taken }\n}\n";
        let main = main + tags;
        let rendered = template(&[("main.tf", &*main)]).render(&Owner::default(), &Values::new());
        let problems: Vec<String> = rendered.errors().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            ["the template takes more work than a render may do"]
        );
    }
}

#[test]
fn blocks_attributes_and_elements_take_no_time_to_speak_of_however_many_there_are() {
    // Each looked at with each other they would take minutes.
    let number = 20_000;
    let all = |of: &dyn Fn(usize) -> String| -> String { (0..number).map(of).collect() };
    let unsupported = all(&|n| format!("  a{n} = base64gzip(\"a\")\n"));
    let chain = all(&|n| format!("resource \"t{n}\" \"x\" {{\n  v = t{}.x.v\n}}\n", n + 1));
    let options = all(&|n| format!("  option {{\n    name = \"{n}\"\n    value = \"{n}\"\n  }}\n"));
    let elements: Vec<String> = (0..number).map(|n| format!("\\\"{n}\\\"")).collect();
    let elements = elements.join(",");
    let main = format!(
        "locals {{\n  b = 1\n}}\ndata \"x\" \"y\" {{\n{unsupported}}}\n{chain}\
         data \"coder_parameter\" \"p\" {{\n  name = \"p\"\n  type = \"list(string)\"\n  \
         form_type = \"multi-select\"\n  default = \"[{elements}]\"\n{options}}}\n\
         data \"coder_parameter\" \"q\" {{\n  name = \"q\"\n  default = try(data.x.y, t0.x.v)\n}}\n\
         data \"coder_parameter\" \"r\" {{\n  name = \"r\"\n  default = local.b{}\n}}\n",
        number - 1
    );
    let overriding = all(&|n| format!("locals {{\n  b{n} = \"{n}\"\n}}\n"));
    let files = [("main.tf", &*main), ("override.tf", &*overriding)];
    let rendered = template(&files).render(&Owner::default(), &Values::new());
    let values = rendered.parameters.iter();
    let values: Vec<_> = values
        .map(|it| {
            (
                it.definition.name.as_str(),
                it.is_known,
                it.definition.options.len(),
            )
        })
        .collect();
    assert_eq!(
        values,
        [("p", true, number), ("q", false, 0), ("r", true, 0)]
    );
}

#[test]
fn looking_for_the_unknown_in_a_local_is_paid_for() {
    let number = 1_000;
    let blocks = |block: fn(usize) -> String| (0..number).map(block).collect::<String>();
    let entries = blocks(|n| format!("    a{n:04} = {n}\n"));
    let waiting = blocks(|n| {
        format!(
            "resource \"w\" \"l{n}\" {{\n  for_each = local.a\n}}\noutput \"o{n}\" {{\n  value = w.l{n}\n}}\n"
        )
    });
    let main = format!(
        "resource \"r\" \"n\" {{}}\nlocals {{\n  a = {{\n{entries}    b = r.n.id\n  }}\n}}\n{waiting}"
    );
    let rendered = template(&[("main.tf", &main)]).render(&Owner::default(), &Values::new());
    let problems: Vec<String> = rendered.errors().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        ["the template takes more work than a render may do"]
    );
}

#[test]
fn what_is_not_supported_is_as_cheap_as_any_other_value_however_much_there_is() {
    // Each looked at with each other they would take minutes.
    let number = 20_000;
    let locals: String = (0..number)
        .map(|n| format!("  a{n} = base64gzip(\"a\")\n"))
        .collect();
    let options: String = (0..number)
        .map(|n| format!("  option {{\n    name = \"{n}\"\n    value = \"{n}\"\n  }}\n"))
        .collect();
    let outputs = |value: &str| -> String {
        (0..number)
            .map(|n| format!("output \"o{n}\" {{\n  value = {value}\n}}\n"))
            .collect()
    };
    let main = format!(
        "locals {{\n{locals}}}\ndata \"coder_parameter\" \"p\" {{\n  name = \"p\"\n  default = \"1\"\n{options}}}\n\
         data \"coder_parameter\" \"q\" {{\n  name = \"q\"\n  default = local.a7\n}}\n{}",
        outputs("1")
    );
    let overriding = outputs("2");
    let files = [("main.tf", &*main), ("override.tf", &*overriding)];
    let rendered = template(&files).render(&Owner::default(), &Values::new());
    let of = |name| {
        let mut parameters = rendered.parameters.iter();
        let parameter = parameters.find(|it| it.definition.name == name).unwrap();
        (parameter.is_known, parameter.definition.options.len())
    };
    assert_eq!((of("p"), of("q")), ((true, number), (false, 0)));
}

#[test]
fn files_are_kept_only_where_an_expression_reads_them() {
    let reading = "locals {\n  a = [for n in [1] : { b = upper(file(\"a.txt\")) }]\n}\n";
    let json = r#"{"locals": {"a": "${filesha256(\"a.txt\")}"}}"#;
    for (path, text, is_kept) in [
        ("main.tf", reading, true),
        ("main.tf.json", json, true),
        ("main.tf", "locals {\n  a = \"file(a.txt)\"\n}\n", false),
        (
            "main.tf",
            "resource \"x\" \"y\" {\n  a = file(\"a.txt\")\n}\n",
            false,
        ),
    ] {
        let template = template(&[(path, text), ("a.txt", "x")]);
        assert_eq!(template.files.iter().next().is_some(), is_kept, "{text}");
    }
}

#[test]
fn what_overrides_much_takes_no_longer_than_it_is() {
    // Each compared with each other they would take minutes.
    let number = 60_000;
    let attributes = |value: &str| -> String {
        (0..number)
            .map(|n| format!("  a{n} = \"{value}\"\n"))
            .collect()
    };
    let overriding: String = (0..number)
        .map(|n| format!("locals {{\n  b = \"{n}\"\n}}\n"))
        .collect();
    let main = format!(
        "locals {{\n{}}}\ndata \"coder_workspace_tags\" \"t\" {{\n  tags = {{ a = local.a7, b = local.b }}\n}}\n",
        attributes("main")
    );
    let files = [
        ("main.tf", &*main),
        (
            "a_override.tf",
            &format!("locals {{\n{}}}\n", attributes("a")),
        ),
        ("b_override.tf", &overriding),
    ];
    let rendered = template(&files).render(&Owner::default(), &Values::new());
    assert_eq!(
        rendered.tags,
        Ok(Values::from([
            ("a".to_owned(), "a".to_owned()),
            ("b".to_owned(), (number - 1).to_string())
        ]))
    );
}

#[test]
fn a_long_chain_of_references_takes_no_longer_than_it_is() {
    // Gone through once for each link it would take hours.
    let number = 60_000;
    let links: String = (0..number)
        .map(|n| format!("data \"t{n}\" \"l\" {{\n  a = data.t{}.l.a\n}}\n", n + 1))
        .collect();
    let main = format!("{links}output \"o\" {{\n  value = data.t0.l.a\n}}\n");
    let configuration = template(&[("main.tf", &main)]);
    let blocks = &configuration.configurations["."].blocks;
    let relevant = blocks.iter().filter(|block| configuration.matters(block));
    assert_eq!(relevant.count(), number + 1);
}

#[test]
fn a_plan_of_many_instances_takes_no_longer_than_it_is() {
    // Each copied for each other, in every round, they would take minutes.
    let number = 9_000;
    let resources: Vec<_> = (0..number)
        .map(|n| {
            serde_json::json!({
                "mode": "data", "type": "x", "name": "l", "index": format!("k{n}"),
                "values": {"a": n.to_string()},
            })
        })
        .collect();
    let plan = serde_json::json!({
        "prior_state": {"values": {"root_module": {"resources": resources}}}
    });
    let main = format!(
        "data \"x\" \"l\" {{\n  for_each = toset([for n in flatten([for i in range({}) : [for j in range(1000) : i * 1000 + j]]) : \"k${{n}}\"])\n}}\n\
         data \"coder_workspace_tags\" \"t\" {{\n  tags = {{ a = data.x.l[\"k7\"].a }}\n}}\n",
        number / 1_000
    );
    let files = Folder::new([("main.tf", main.as_bytes())]).expect("a small folder");
    let import = Import {
        plan: Some(&plan.to_string()),
        ..Import::default()
    };
    let template = Template::from_folder(&files, import).expect("it can be read");
    let rendered = template.render(&Owner::default(), &Values::new());
    assert_eq!(
        rendered.tags,
        Ok(Values::from([("a".to_owned(), "7".to_owned())]))
    );
}
