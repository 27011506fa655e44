//! How far from an anchor its owners look: only a change within that can alter what they say.

use super::layers::{RUN_END, RUN_PART};
use super::matcher::{LONG, Matcher};
use super::owners::Owner;
use super::prefilter::MAX_ANCHOR;
use super::versions::{NameClass, RUN};
use super::{Engine, assign, judge, under};

/// How far from the beginning of an anchor its owners look.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a way of its own in which an owner looks around")]
pub(super) struct Reach {
    pub(super) before: usize,
    pub(super) after: usize,
    /// Beyond all bounds: the text is searched whole.
    pub(super) whole: bool,
    /// Some owner's expression is so long that it is not tried everywhere in a text that is full of its anchors.
    pub(super) is_long: bool,
    /// Assignments end after some lines, mostly long before their reach does.
    pub(super) by_lines: bool,
    /// Escapes: the string that they stand in, which no line's end is part of.
    pub(super) is_escape: bool,
}

/// What a run is looked at for: encoded text in it, and an escaped slash at its end.
const RUN_REACH: Reach =
    Reach { before: 2 * RUN_PART, after: RUN_END + 8, whole: false, is_long: false, by_lines: false, is_escape: false };

impl Engine<'_> {
    /// How far the owners of an anchor look.
    pub(super) fn reach(&self, anchor: u32, class: &NameClass) -> Reach {
        if anchor == RUN {
            return RUN_REACH;
        }
        let (mut reach, conditional) = *self.reaches[anchor as usize].get_or_init(|| self.reach_of(anchor));
        if conditional && !class.allowed.is_empty() {
            for owner in self.owners.of_anchor(anchor) {
                if let Owner::Rule(number) = *owner
                    && self.files.is_conditional(number as usize)
                    && self.holds(number as usize, class)
                {
                    reach.widen_to(self.looks(number as usize));
                }
            }
        }
        reach
    }

    /// The same without the rules that do not hold in every file, and whether there are such.
    fn reach_of(&self, anchor: u32) -> (Reach, bool) {
        let mut reach = Reach {
            before: MAX_ANCHOR,
            after: MAX_ANCHOR,
            whole: false,
            is_long: false,
            by_lines: true,
            is_escape: false,
        };
        let mut conditional = false;
        for owner in self.owners.of_anchor(anchor) {
            match *owner {
                Owner::Manifest => reach.whole = true,
                Owner::Percent | Owner::Escape => reach.is_escape = true,
                Owner::Assignment => {
                    reach.before = reach.before.max(assign::REACH_BEFORE);
                    reach.after = reach.after.max(assign::REACH_AFTER);
                }
                Owner::Rule(number) if self.files.is_conditional(number as usize) => conditional = true,
                Owner::Rule(number) => reach.widen_to(self.looks(number as usize)),
            }
        }
        (reach, conditional)
    }

    /// How far a rule looks from its anchor: as far as a match may be long, and for the names that it stands under.
    fn looks(&self, number: usize) -> usize {
        let longest = self.matcher(number).map_or(0, Matcher::longest);
        if under::asks(&self.rules[number].filters) { longest + under::LOOK } else { longest }
    }
}

impl Reach {
    /// Lets it hold a match of that length wherever the anchor stands in it, and what is looked at around one.
    fn widen_to(&mut self, longest: usize) {
        let around = longest + judge::NEAR + MAX_ANCHOR + 16;
        self.is_long |= longest >= LONG;
        self.by_lines = false;
        self.before = self.before.max(around);
        self.after = self.after.max(around);
    }
}
