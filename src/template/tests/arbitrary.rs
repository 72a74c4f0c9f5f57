//! Templates of arbitrary make: whatever they are, a render ends, soon, and without panic.

use crate::template::{Folder, Import, Owner, Request, Template, Values};
use proptest::collection::vec;
use proptest::prelude::*;

/// Renders a template and resolves two builds of it.
fn exercise(files: &[(&str, &str)], preset: &Values) {
    let files = Folder::new(files.iter().map(|(path, text)| (path, text.as_bytes())));
    let Ok(files) = files else { return };
    if let Ok(template) = Template::from_folder(&files, Import::default()) {
        let (owner, nothing) = (
            Owner {
                name: "o".to_owned(),
                ..Owner::default()
            },
            Values::new(),
        );
        let first = Request {
            owner: &owner,
            is_first: true,
            last_build: &nothing,
            given: &nothing,
            preset,
        };
        if let Ok(build) = template.resolve(&first) {
            let values = build.values();
            let next = Request {
                is_first: false,
                last_build: &values,
                preset: &nothing,
                ..first
            };
            drop(template.resolve(&next));
        }
    }
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "c", "d"])
}

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        name().prop_map(|it| format!("data.coder_parameter.{it}.value")),
        name().prop_map(|it| format!("data.coder_parameter.{it}[0].value")),
        name().prop_map(|it| format!("data.coder_parameter.{it}[\"x\"].value")),
        name().prop_map(|it| format!("data.coder_parameter.{it}[*].value")),
        name().prop_map(|it| format!("data.coder_parameter.{it}")),
        name().prop_map(|it| format!("local.{it}")),
        name().prop_map(|it| format!("var.{it}")),
        name().prop_map(|it| format!("module.{it}.out")),
        Just("data.coder_workspace.me.start_count".to_owned()),
        Just("data.coder_workspace_owner.me.groups".to_owned()),
        Just("each.key".to_owned()),
        Just("each.value".to_owned()),
        Just("count.index".to_owned()),
        Just("option.value".to_owned()),
        Just("data".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
        (-3i32..2000).prop_map(|it| it.to_string()),
        "[a-z$%{}\"\\\\]{0,4}".prop_map(|it| format!("{it:?}")),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            (
                inner.clone(),
                inner.clone(),
                prop::sample::select(vec!["+", "*", "/", "%", "==", "<", "&&"])
            )
                .prop_map(|(a, b, op)| format!("({a} {op} {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("try({a}, {b})")),
            inner.clone().prop_map(|a| format!("can({a})")),
            vec(inner.clone(), 0..3).prop_map(|a| format!("[{}]", a.join(", "))),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("{{ x = {a}, (try({b}, \"y\")) = 1 }}")),
            inner.clone().prop_map(|a| format!("[for v in {a} : v]")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("{{ for k, v in {a} : k => {b} }}")),
            inner
                .clone()
                .prop_map(|a| format!("\"${{{a}}}-%{{ if true }}x%{{ endif }}\"")),
            inner.clone().prop_map(|a| format!("toset({a})")),
            inner.clone().prop_map(|a| format!("range({a})")),
            inner.clone().prop_map(|a| format!("jsonencode({a})")),
            inner
                .clone()
                .prop_map(|a| format!("merge({a}, {{ z = {a} }})")),
            inner
                .clone()
                .prop_map(|a| format!("flatten([{a}, {a}, {a}])")),
            inner.prop_map(|a| format!("length({a})")),
        ]
    })
}

fn repetition() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        expression().prop_map(|it| format!("count = {it}\n")),
        expression().prop_map(|it| format!("for_each = {it}\n")),
    ]
}

fn block() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(vec!["string", "number", "bool", "list(string)", "map"]);
    prop_oneof![
        4 => (name(), repetition(), expression(), expression(), kind, expression()).prop_map(
            |(label, repetition, key, default, kind, options)| format!(
                "data \"coder_parameter\" \"{label}\" {{\n{repetition}name = \"{label}-${{try({key}, 0)}}\"\n\
                 type = \"{kind}\"\ndefault = {default}\nmutable = {default}\n\
                 dynamic \"option\" {{\nfor_each = {options}\ncontent {{\nname = option.key\nvalue = option.value\n}}\n}}\n\
                 validation {{\nmin = {key}\nregex = {default}\n}}\n}}"
            )
        ),
        2 => (name(), expression()).prop_map(|(name, it)| format!("locals {{\n{name} = {it}\n}}")),
        1 => (name(), expression()).prop_map(|(name, it)| format!("variable \"{name}\" {{\ndefault = {it}\n}}")),
        1 => (name(), repetition(), expression()).prop_map(|(name, repetition, it)| format!(
            "module \"{name}\" {{\n{repetition}source = \"x\"\na = {it}\n}}"
        )),
        1 => expression().prop_map(|it| format!("output \"out\" {{\nvalue = {it}\n}}")),
        2 => (repetition(), expression(), expression()).prop_map(|(repetition, key, value)| format!(
            "data \"coder_workspace_tags\" \"t\" {{\n{repetition}tags = {{ ({key}) = {value}, b = {value} }}\n}}"
        )),
        1 => (name(), repetition(), expression()).prop_map(|(name, repetition, it)| format!(
            "resource \"terraform_data\" \"{name}\" {{\n{repetition}input = {it}\n}}"
        )),
    ]
}

const HEAD: &str = "data \"coder_workspace\" \"me\" {}\ndata \"coder_workspace_owner\" \"me\" {}\n";
/// Modules that call one another as deep as there are levels.
const MODULES: &str = r#"{"Modules": [{"Key": "a", "Dir": "m"}, {"Key": "a.a", "Dir": "m"},
    {"Key": "a.a.a", "Dir": "m"}, {"Key": "b", "Dir": "."}, {"Key": "b.b", "Dir": "."}]}"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn generated_templates_end(main in vec(block(), 1..8), module in vec(block(), 0..3), value in "[a-z0-9]{0,3}") {
        let main = format!("{HEAD}{}", main.join("\n"));
        let preset = ["a-0", "b-0", "c"].map(|name| (name.to_owned(), value.clone())).into();
        let files = [
            ("main.tf", main.as_str()),
            ("m/main.tf", &module.join("\n")),
        ];
        exercise(&files, &preset);
    }

    #[test]
    fn generated_modules_end(main in vec(block(), 1..5), module in vec(block(), 1..4)) {
        let archive = Folder::new([(".terraform/modules/modules.json", MODULES.as_bytes())]);
        prop_assert!(archive.is_ok());
        let main = format!("{HEAD}{}", main.join("\n"));
        let module = module.join("\n");
        let files = [(".terraform/modules/modules.json", MODULES), ("main.tf", &main), ("m/main.tf", &module)];
        exercise_with_modules(&files);
    }

    #[test]
    fn any_text_ends(main in "\\PC{0,200}", variables in "\\PC{0,60}") {
        exercise(&[("main.tf", &main), ("a.tfvars", &variables), ("b.tf.json", &variables)], &Values::new());
    }

    #[test]
    fn any_bytes_end(archive in vec(any::<u8>(), 0..2048)) {
        drop(Template::parse(&archive, Import { modules: Some(&archive), ..Import::default() }));
    }

    #[test]
    fn any_plan_ends(plan in "\\PC{0,100}") {
        let files = Folder::new([("main.tf", HEAD.as_bytes())]);
        prop_assert!(files.is_ok());
        if let Ok(files) = files {
            drop(Template::from_folder(&files, Import { plan: Some(&plan), ..Import::default() }));
        }
    }
}

/// As [`exercise`], with the files below `.terraform/modules` in the archive of modules.
fn exercise_with_modules(files: &[(&str, &str)]) {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, text) in files
        .iter()
        .filter(|(path, _)| path.starts_with(".terraform"))
    {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        builder
            .append_data(&mut header, path, text.as_bytes())
            .expect("writing to memory");
    }
    let modules = builder.into_inner().expect("writing to memory");
    let folder =
        Folder::new(files.iter().map(|(path, text)| (path, text.as_bytes()))).expect("small files");
    let import = Import {
        modules: Some(&modules),
        ..Import::default()
    };
    if let Ok(template) = Template::from_folder(&folder, import) {
        drop(template.render(&Owner::default(), &Values::new()));
    }
}

/// Templates made to take long, or much.
#[test]
fn hostile_templates_end() {
    let doubling: String = (1..60)
        .map(|n| format!("l{n} = \"${{local.l{}}}${{local.l{}}}\"\n", n - 1, n - 1))
        .collect();
    let nesting: String = (1..60)
        .map(|n| format!("l{n} = [local.l{}, local.l{}]\n", n - 1, n - 1))
        .collect();
    let growing: String = (1..60)
        .map(|n| format!("l{n} = {{ a = local.l{}, b = local.l{} }}\n", n - 1, n - 1))
        .collect();
    let chain: String = (1..400)
        .map(|n| format!("l{n} = local.l{}\n", n - 1))
        .collect();
    let wrap = |body: &str| {
        format!(
            "locals {{\nl0 = \"x\"\n{body}}}\ndata \"coder_workspace_tags\" \"t\" {{\ntags = {{ a = try(local.l59, \"\") }}\n}}"
        )
    };
    let parameter = |body: &str| {
        format!("data \"coder_parameter\" \"p\" {{\nname = \"p\"\ndefault = \"x\"\n{body}\n}}")
    };
    let templates = [
        wrap(&doubling),
        wrap(&nesting),
        wrap(&growing),
        wrap(&chain),
        wrap(
            "l1 = { a = local.l1, b = local.l2 }\nl2 = [local.l1, local.l2, try(local.l1, local.l2)]\n",
        ),
        wrap("l1 = \"${try(local.l1, \"\")}xx\"\n"),
        wrap(
            "l1 = { a = try(local.l1, 0), (\"k${try(length(local.l1), 0)}\") = try(local.l1, 1) }\n",
        ),
        parameter("count = 1000000000"),
        parameter("count = 1e300"),
        parameter("count = 9000"),
        parameter("for_each = toset([for n in range(9000) : tostring(n)])"),
        parameter(
            "dynamic \"option\" {\nfor_each = range(1000000000)\ncontent {\nname = \"x\"\nvalue = \"x\"\n}\n}",
        ),
        parameter(
            "dynamic \"option\" {\nfor_each = range(1000)\ncontent {\nname = option.value\nvalue = option.value\n}\n}",
        ),
        parameter("validation {\nregex = \"(((a{1000}){1000}){1000})\"\nerror = \"e\"\n}"),
        parameter(&format!(
            "display_name = {}1{}",
            "(".repeat(5000),
            ")".repeat(5000)
        )),
        format!("locals {{\nl0 = {}1{}\n}}", "[".repeat(60), "]".repeat(60)),
        format!("{}{}", "locals {\n".repeat(2000), "}\n".repeat(2000)),
    ];
    for template in templates {
        exercise(&[("main.tf", &template)], &Values::new());
    }
    let json = format!(
        "{{\"locals\": {{\"a\": {}1{}}}}}",
        "[".repeat(120),
        "]".repeat(120)
    );
    exercise(&[("main.tf.json", &json)], &Values::new());
}

const OF_ONE_ANOTHER: &str = r#"
data "coder_parameter" "b" {
  name    = "b-0"
  type    = "number"
  default = toset(flatten([data.coder_parameter.b, data.coder_parameter.b, data.coder_parameter.b]))
}
data "coder_parameter" "c" {
  name    = "c"
  default = { x = { for k, v in data.coder_parameter.d[0].value : k => v } }
  dynamic "option" {
    for_each = toset((data.coder_parameter.a.value ? data.coder_parameter.c : data.coder_parameter.b[*].value))
    content {
      name  = option.key
      value = option.value
    }
  }
}
"#;

/// With each round the types of these are several times as large, while the values are few.
#[test]
fn parameters_made_of_one_another_end() {
    let preset = ["b-0", "c"].map(|name| (name.to_owned(), "8".to_owned()));
    exercise(&[("main.tf", OF_ONE_ANOTHER)], &preset.into());
}

#[test]
fn a_template_can_be_shared_between_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Template>();
}
