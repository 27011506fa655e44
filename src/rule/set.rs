//! The rules of one run.

use super::{Rule, builtin};
use std::borrow::Cow;

/// Rules in the order of their ids. Its index of a rule is what the engine carries around.
#[derive(Debug, Clone)]
pub struct RuleSet {
    rules: Cow<'static, [Rule]>,
}

impl RuleSet {
    /// The rules that the program was built with; costs nothing.
    #[must_use]
    pub const fn builtin() -> Self {
        Self { rules: Cow::Borrowed(builtin::RULES) }
    }

    /// Whether it is exactly those.
    #[must_use]
    pub const fn is_builtin(&self) -> bool {
        matches!(self.rules, Cow::Borrowed(_))
    }

    /// Only the given rules, sorted by id.
    #[must_use]
    pub fn of(mut rules: Vec<Rule>) -> Self {
        rules.sort_by_key(|rule| rule.id);
        Self { rules: Cow::Owned(rules) }
    }

    /// This set and the given rules; ids are unique by the loader's check.
    #[must_use]
    pub fn with(self, added: Vec<Rule>) -> Self {
        if added.is_empty() {
            return self;
        }
        let mut rules = self.rules.into_owned();
        rules.extend(added);
        Self::of(rules)
    }

    /// Those of this set that `keep` keeps.
    #[must_use]
    pub fn retain(self, keep: impl Fn(&Rule) -> bool) -> Self {
        if self.rules.iter().all(&keep) {
            return self;
        }
        Self { rules: Cow::Owned(self.rules.iter().filter(|rule| keep(rule)).cloned().collect()) }
    }

    /// All rules, sorted by id.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.binary_search_by(|rule| rule.id.cmp(id)).ok().map(|at| &self.rules[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_rules_are_sorted_and_unique() {
        let set = RuleSet::builtin();
        assert!(set.rules().windows(2).all(|pair| pair[0].id < pair[1].id));
    }
}
