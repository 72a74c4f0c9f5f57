//! A template, a build asked of it, and what comes of it, in one line each.

use crate::template::resolve::Stage;
use crate::template::{Folder, Import, Owner, Reason, Request, Role, Template, Values, Variable};

/// A template, and a build asked of it.
#[derive(Clone, Default)]
pub(super) struct Case {
    files: Vec<(String, String)>,
    modules: Vec<(String, String)>,
    plan: Option<String>,
    variables: Vec<Variable>,
    owner: Owner,
    last_build: Option<Values>,
    given: Values,
    preset: Values,
}

pub(super) fn values(pairs: &[(&str, &str)]) -> Values {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The template with that `main.tf`.
pub(super) fn template(main: &str) -> Case {
    Case::default()
        .file("main.tf", main)
        .owner("prebuilds", &["Everyone"])
}

impl Case {
    pub(super) fn file(mut self, path: &str, text: &str) -> Self {
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    /// A module of the import: its key, its folder below `.terraform/modules`, and its `main.tf`.
    pub(super) fn module(mut self, key: &str, text: &str) -> Self {
        self.modules.push((key.to_owned(), text.to_owned()));
        self
    }

    pub(super) fn plan(mut self, json: &str) -> Self {
        self.plan = Some(json.to_owned());
        self
    }

    pub(super) fn variable(mut self, name: &str, kind: &str, value: &str, default: &str) -> Self {
        let text = str::to_owned;
        self.variables.push(Variable {
            name: text(name),
            kind: text(kind),
            value: text(value),
            default_value: text(default),
            sensitive: false,
        });
        self
    }

    pub(super) fn secret(self, name: &str, value: &str) -> Self {
        let mut case = self.variable(name, "string", value, "");
        case.variables
            .iter_mut()
            .for_each(|it| it.sensitive = it.sensitive || it.name == name);
        case
    }

    pub(super) fn owner(mut self, name: &str, groups: &[&str]) -> Self {
        self.owner = Owner {
            id: "00000000-0000-4000-8000-000000000001".to_owned(),
            name: name.to_owned(),
            full_name: format!("{name} Full"),
            email: format!("{name}@example.test"),
            login_type: "oidc".to_owned(),
            ssh_public_key: "ssh-ed25519 AAAA".to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            rbac_roles: vec![Role {
                name: "member".to_owned(),
                organization_id: String::new(),
            }],
        };
        self
    }

    pub(super) fn last_build(mut self, pairs: &[(&str, &str)]) -> Self {
        self.last_build = Some(values(pairs));
        self
    }

    pub(super) fn given(mut self, pairs: &[(&str, &str)]) -> Self {
        self.given = values(pairs);
        self
    }

    pub(super) fn preset(mut self, pairs: &[(&str, &str)]) -> Self {
        self.preset = values(pairs);
        self
    }

    pub(super) fn template(&self) -> Result<Template, Vec<crate::template::Diagnostic>> {
        let files = Folder::new(
            self.files
                .iter()
                .map(|(path, text)| (path, text.as_bytes())),
        );
        let archive = self.module_archive();
        let import = Import {
            modules: (!self.modules.is_empty()).then_some(&archive),
            plan: self.plan.as_deref(),
            variables: &self.variables,
        };
        Template::from_folder(&files.expect("the files are few and small"), import)
    }

    fn module_archive(&self) -> Vec<u8> {
        let folder = |key: &str| format!(".terraform/modules/{key}");
        let entries: Vec<_> = self
            .modules
            .iter()
            .map(|(key, _)| serde_json::json!({"Key": key, "Source": "", "Dir": folder(key)}))
            .collect();
        let list = serde_json::json!({ "Modules": entries }).to_string();
        let mut files = vec![(".terraform/modules/modules.json".to_owned(), list)];
        files.extend(
            self.modules
                .iter()
                .map(|(key, text)| (folder(key) + "/main.tf", text.clone())),
        );
        tar(&files)
    }

    pub(super) fn outcome(
        &self,
    ) -> Result<crate::template::resolve::Build, crate::template::resolve::Refusal> {
        let template = self
            .template()
            .unwrap_or_else(|errors| panic!("{errors:?}"));
        let nothing = Values::new();
        template.resolve(&Request {
            owner: &self.owner,
            is_first: self.last_build.is_none(),
            last_build: self.last_build.as_ref().unwrap_or(&nothing),
            given: &self.given,
            preset: &self.preset,
        })
    }

    /// The build is made with these parameters and tags.
    #[track_caller]
    pub(super) fn builds(&self, parameters: &[(&str, &str)], tags: &[(&str, &str)]) {
        let build = self
            .outcome()
            .unwrap_or_else(|refusal| panic!("refused: {refusal}"));
        assert_eq!(
            (build.values(), build.tags),
            (values(parameters), values(tags))
        );
    }

    /// The build is refused at that stage for that reason first of all.
    #[track_caller]
    pub(super) fn is_refused(&self, stage: Stage, reason: Reason) {
        match self.outcome() {
            Ok(build) => panic!("built: {build:?}"),
            Err(refusal) => {
                let first = refusal.problems.first().expect("a refusal has a problem");
                assert_eq!(
                    (refusal.stage, first.diagnostic.reason),
                    (stage, reason),
                    "{refusal}"
                );
            }
        }
    }
}

/// A tar archive of those files.
pub(super) fn tar(files: &[(String, String)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, path, text.as_bytes())
            .expect("writing to memory");
    }
    builder.into_inner().expect("writing to memory")
}
