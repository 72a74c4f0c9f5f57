terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}

variable "region_prefix" {
  type    = string
  default = "r"
}

locals {
  regions = { eu = "Europe", us = "America", ap = "Asia" }
  sizes   = { for cpus in [1, 2, 3, 4, 5, 8] : tostring(cpus) => "${cpus} CPUs" }
  gpus    = data.coder_parameter.region.value == "eu" ? ["none", "a100"] : ["none"]
}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

data "coder_parameter" "region" {
  name    = "region"
  default = "eu"
  dynamic "option" {
    for_each = local.regions
    content {
      name  = option.value
      value = option.key
    }
  }
}

data "coder_parameter" "cpus" {
  name    = "cpus"
  type    = "number"
  mutable = true
  default = 2
  dynamic "option" {
    for_each = local.sizes
    content {
      name  = option.value
      value = option.key
    }
  }
}

data "coder_parameter" "memory" {
  name    = "memory"
  type    = "number"
  mutable = true
  default = data.coder_parameter.cpus.value * 4
  validation {
    min   = 1
    max   = 64
    error = "from {min} to {max}"
  }
}

data "coder_parameter" "gpu" {
  count   = length(local.gpus) > 1 ? 1 : 0
  name    = "gpu"
  default = local.gpus[0]
  dynamic "option" {
    for_each = toset(local.gpus)
    content {
      name  = upper(option.value)
      value = option.value
    }
  }
}

data "coder_parameter" "tools" {
  for_each = toset(["go", "node", "python"])
  name     = "install-${each.key}"
  type     = "bool"
  mutable  = true
  default  = each.key == "go"
}

data "coder_parameter" "repository" {
  name    = "repository"
  mutable = true
  default = "https://git.example.com/${data.coder_workspace_owner.me.name}/start"
  validation {
    regex = "^https://[a-z.]+/.+"
    error = "an https address"
  }
}

data "coder_workspace_tags" "provisioner" {
  tags = {
    zone  = "${var.region_prefix}-${data.coder_parameter.region.value}"
    size  = data.coder_parameter.cpus.value > 4 ? "large" : "small"
    gpu   = try(data.coder_parameter.gpu[0].value, "none") == "none" ? null : "yes"
    queue = contains(data.coder_workspace_owner.me.groups, "gold") ? "fast" : "slow"
  }
}

resource "coder_agent" "main" {
  os             = "linux"
  arch           = "amd64"
  startup_script = join("\n", [for tool, it in data.coder_parameter.tools : "install ${tool}" if it.value])
}

data "coder_workspace_preset" "small" {
  name       = "small"
  parameters = { region = "eu", cpus = "1" }
}
