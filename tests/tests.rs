//! The integration tests, in one binary: the program and the library as their users meet them.
//!
//! Secrets are made at run time from seeds, so that no live-looking value lies in the repository.

#![expect(clippy::format_push_string, clippy::format_collect, reason = "texts of tests are small, and read best so")]

mod cases {
    /// A scratch folder, the program in a clean environment, samples from seeds.
    mod support;

    /// What must hold for every source file: which layer may use which, and what is written nowhere.
    mod layers;

    /// The command line, from the data in `tests/cmd`, and what such data cannot say.
    mod cli;

    /// No output holds a secret, no format changes the answer, and nothing is written where something is read.
    mod promises;

    /// Input that is huge, broken, endless or malicious: every run ends, and says what it did not read.
    mod hostile;

    /// Laws that hold for any text: prefilter, parts, threads, line ends, encodings, spans, identities.
    mod properties;

    /// Work trees of git: exposure, ignored files, linked work trees, and that git's own folder is left alone.
    mod git;

    /// Halves of one credential.
    mod pairs;

    /// Fifty kinds of secrets in every encoding.
    mod encodings;

    /// Every kind of secret in every form of writing.
    mod forms;

    /// The built-in rules keep their word, and broken ones are refused with a reason.
    mod rules;
}
