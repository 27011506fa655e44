//! Judged assignments: the value of a key whose name says that it is a secret.
//!
//! Passwords have no format, so the judgement is by what stands around: the name of the key, the form of the
//! assignment, the kind of file, and whether the value looks issued, chosen, or like something else altogether
//! (a name, a path, a message, a reference). [`key`] reads names, [`read`] finds key, operator and value in the
//! text, [`judge`] decides.

mod judge;
mod key;
mod read;

pub use judge::{Judged, judge};
pub use key::{Key, KeyClass, TRIGGERS};
pub use read::{Assignment, LINES, Operator, Quote, REACH_AFTER, REACH_BEFORE, read};
