//! Azure's keys: most end in a Marvin32 sum that Microsoft publishes so that scanners can tell them apart.

mod annotated;
mod devops;
mod entra;
mod identifiable;
mod marvin;

pub(super) use annotated::ANNOTATED_KEY;
pub(super) use devops::DEVOPS_PAT;
pub(super) use entra::CLIENT_SECRET;
pub(super) use identifiable::IDENTIFIABLE_KEY;
