//! What builds get, shown before they are made.

mod folder;
mod stored;

/// A template with a parameter that follows another, and with tags for the owner.
pub const TEMPLATE: &str = r#"
data "coder_workspace_owner" "me" {}

data "coder_parameter" "place" {
  name    = "region"
  default = "eu"
  option {
    name  = "Europe"
    value = "eu"
  }
  option {
    name  = "America"
    value = "us"
  }
}

data "coder_parameter" "size" {
  name    = "size"
  mutable = true
  default = data.coder_parameter.place.value == "eu" ? "small" : "large"
}

data "coder_workspace_tags" "all" {
  tags = {
    zone  = "z-${data.coder_parameter.place.value}"
    queue = contains(data.coder_workspace_owner.me.groups, "gold") ? "fast" : "slow"
  }
}

data "coder_workspace_preset" "america" {
  name       = "america"
  parameters = { (data.coder_parameter.place.name) = "us" }
}

data "coder_workspace_preset" "moon" {
  name       = "moon"
  parameters = { region = "moon" }
}

data "coder_workspace_preset" "unsettled" {
  name       = "unsettled"
  parameters = { region = data.coder_workspace.me.id }
}
"#;
