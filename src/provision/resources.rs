//! What a build made: the resources and agents that its command says, or the usual ones.
//!
//! What the command says is not trusted: it is held against what the database's columns can hold.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::model::Transition;
use crate::store::{Agent, Resource};

/// What a command may write about what it built.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourcesDocument {
    resources: Vec<Resource>,
}

impl ResourcesDocument {
    /// The resources.
    ///
    /// # Errors
    /// A text is empty, too long or holds a NUL, or two agents have one name.
    pub(super) fn resources(self) -> Result<Vec<Resource>, String> {
        let mut names = BTreeSet::new();
        for resource in &self.resources {
            fits("a resource's type", &resource.kind, 1, 192)?;
            fits("a resource's name", &resource.name, 1, 64)?;
            for agent in &resource.agents {
                fits("an agent's name", &agent.name, 1, 64)?;
                let os = &agent.operating_system;
                fits("an agent's operating_system", os, 1, 64)?;
                fits("an agent's architecture", &agent.architecture, 1, 64)?;
                fits("an agent's directory", &agent.directory, 0, 4096)?;
                if !names.insert(agent.name.to_lowercase()) {
                    return Err(format!("two agents are named {:?}", agent.name));
                }
            }
        }
        Ok(self.resources)
    }
}

/// Checks a text of so many characters.
fn fits(what: &str, text: &str, shortest: usize, longest: usize) -> Result<(), String> {
    let length = text.chars().count();
    if text.contains('\0') {
        Err(format!("{what} contains a NUL character"))
    } else if length < shortest {
        Err(format!("{what} is empty"))
    } else if length > longest {
        Err(format!("{what} is longer than {longest} characters"))
    } else {
        Ok(())
    }
}

/// What a build made that doesn't say: something with one agent after a start, else nothing.
pub(super) fn default_resources(transition: Transition) -> Vec<Resource> {
    if transition != Transition::Start {
        return Vec::new();
    }
    vec![Resource {
        kind: "prebuildctl_workspace".to_owned(),
        name: "main".to_owned(),
        agents: vec![Agent::new("main")],
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::parse_mutated;

    #[test]
    fn documents_that_are_changed_at_random_do_no_harm() {
        let document = br#"{"resources": [{"type": "t", "name": "n", "agents": [{"name": "a",
            "operating_system": "linux", "architecture": "arm64", "directory": "/d"}]}]}"#;
        parse_mutated(&[document], |input| {
            let document: Result<ResourcesDocument, _> = serde_json::from_slice(input);
            let _resources = document.map(ResourcesDocument::resources);
        });
    }
}
