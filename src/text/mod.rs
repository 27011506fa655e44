//! Bytes as text: where they stand, how they are written, and how a secret among them is hidden.
//!
//! Nothing here knows what a rule, a file or a repository is.

mod copied;
pub mod encoding;
mod escape;
mod hex;
mod locate;
mod secret;
mod size;

pub use copied::Copied;
pub use escape::{PathText, printable};
pub use hex::hex;
pub use locate::{Locator, Position, offset};
pub use secret::{Secret, mask_bytes};
pub use size::size;
