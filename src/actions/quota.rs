//! Whether a quota of zero stands in the way of pools.
//!
//! Pure: reads numbers and writes sentences. A deployment that doesn't use quotas is none the worse
//! for the warning, which says so.

/// The name of the group by which operators limit what prebuilt workspaces cost.
pub(crate) const GROUP: &str = "coderprebuiltworkspaces";

use crate::model::facts::Allowance;

/// A sentence for each organization where every build of a pool would exceed the quota.
pub(crate) fn warnings(allowances: &[Allowance]) -> Vec<String> {
    allowances
        .iter()
        .filter(|it| it.has_costs && it.allowance <= 0)
        .map(|it| {
            format!(
                "organization {:?}: prebuilt workspaces have daily costs, but the quota allowance \
                 of group {GROUP} is 0; where quotas are in use, their builds fail",
                it.organization
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_costs_without_any_allowance_are_told() {
        let allowance = |name: &str, allowance, has_costs| Allowance {
            organization: name.to_owned(),
            allowance,
            has_costs,
        };
        let told = warnings(&[
            allowance("free", 0, false),
            allowance("paid", 5, true),
            allowance("bro\"ke", 0, true),
        ]);
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with("organization \"bro\\\"ke\": "),
            "{told:?}"
        );
        assert!(told[0].contains(GROUP), "{told:?}");
    }
}
