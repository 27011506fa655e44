//! The rules of `patterns/`, as tables that the build script wrote.

use super::place::Kind;
use super::{Files, Filters, Form, Rotate, Rule};
use crate::finding::{Confidence, Severity};

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));
