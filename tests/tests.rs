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

    /// A text of which an earlier version was searched: only changes are looked at, and nothing is lost.
    mod versions;

    /// Work trees of git: exposure, ignored files, linked work trees, and that git's own folder is left alone.
    mod git;

    /// Git's hooks, with real commits and pushes: exactly what is recorded or handed on is judged, and every fault blocks.
    mod hooks;

    /// What a range of history brings in, against git's own answer.
    mod range;

    /// Everything that a repository holds: every place, whom it is laid to, damage, and that deltas change no answer.
    mod audit;

    /// A repository with a remote, for cases that change one.
    mod repo;

    /// What a report asks somebody to type has the effect claimed.
    mod protocol;

    /// The picture in the README is what the program prints.
    mod picture;

    /// `fix` repairs the tree, keeps everything else as it was, and says what it leaves to a person.
    mod fix;

    /// What was revoked no longer blocks where it lies, and blocks wherever it turns up anew.
    mod rotate;
    /// Git's hooks put in and taken out, beside whatever is there, and proven.
    #[cfg(unix)]
    mod setup;

    /// Files that hold keys, and files that hold ciphertext.
    mod containers;

    /// Private keys as openssl and ssh-keygen write them: proven, locked, public, cut.
    mod keys;

    /// Halves of one credential.
    mod pairs;
    /// Every rule's example in many surroundings, beside others, and spoilt.
    mod placed;

    /// Fifty kinds of secrets in every encoding.
    mod encodings;

    /// Every kind of secret in every form of writing.
    mod forms;

    /// The built-in rules keep their word, and broken ones are refused with a reason.
    mod rules;
}
