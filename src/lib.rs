//! plainsight finds committed environment files and keys, and says how to rotate them.
//!
//! Data flows one way: source → candidate → engine → finding → policy → report; `scan` joins them. The
//! library prints nothing, exits nowhere and reads no environment: output goes into a writer that is passed in.

pub mod candidate;
pub mod cli;
pub mod config;
pub mod engine;
pub mod finding;
pub mod fix;
pub mod git;
pub mod hook;
pub mod policy;
pub mod prove;
mod replace;
pub mod report;
pub mod rule;
pub mod scan;
pub mod source;
pub mod text;
