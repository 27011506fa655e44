//! The integration tests.

#[test]
fn stub() {}
