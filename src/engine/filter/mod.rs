//! Filters: what makes a match no secret after all. One file each; none knows rules or files.

mod documented;
mod entropy;
mod harmless;
mod placeholder;
mod randomness;
mod reference;

pub use documented::documented;
pub use entropy::shannon;
pub use harmless::is_harmless;
pub use placeholder::{is_dummy_token, is_placeholder};
pub use randomness::{Randomness, bits, is_no_word, looks_random};
pub use reference::is_reference;
