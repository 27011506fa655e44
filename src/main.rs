//! The `plainsight` program: everything is in the library.

fn main() -> std::process::ExitCode {
    plainsight::cli::run()
}
