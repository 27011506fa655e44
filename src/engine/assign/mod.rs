//! Judged assignments: the value of a key whose name says that it is a secret.
//!
//! Passwords have no format, so the judgement is by what stands around: the name of the key, the form of the
//! assignment, the kind of file, and whether the value looks issued, chosen, or like something else altogether
//! (a name, a path, a message, a reference). [`key`] reads names, [`read`] finds key and operator in the text,
//! [`named`] a name and its value as two entries of one record, [`value`] reads the value, [`other`] knows what it may be
//! instead, [`judge`] decides.

mod judge;
mod key;
mod named;
mod other;
mod read;
mod value;

pub use judge::{Judged, judge};
pub use key::{Key, KeyClass, TRIGGERS};
pub use read::{Assignment, LINES, Operator, Quote, REACH_AFTER, REACH_BEFORE, read};
