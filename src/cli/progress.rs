//! A progress line on a terminal, for scans that take longer than half a second; and the signals that end one.

use crate::scan::Progress;
use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// After so long a person wonders.
const PATIENCE: Duration = Duration::from_millis(500);

/// Shows progress while `work` runs, if somebody can see it.
pub fn with_progress<T>(quiet: bool, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if quiet || !std::io::stderr().is_terminal() {
        return work();
    }
    std::thread::scope(|scope| {
        scope.spawn(|| show(progress));
        let result = work();
        progress.done.store(true, Ordering::Relaxed);
        result
    })
}

fn show(progress: &Progress) {
    let step = Duration::from_millis(50);
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        if progress.done.load(Ordering::Relaxed) {
            return;
        }
        std::thread::sleep(step);
        waited += step;
    }
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
    let began = std::time::Instant::now();
    while !progress.done.load(Ordering::Relaxed) {
        bar.set_message(message(progress, waited + began.elapsed()));
        bar.tick();
        std::thread::sleep(step * 2);
    }
    bar.finish_and_clear();
}

/// What was read; where it is known how much there is, how much of it and how long it will take.
fn message(progress: &Progress, elapsed: Duration) -> String {
    let count = HumanCount(progress.files.load(Ordering::Relaxed));
    let read = progress.bytes.load(Ordering::Relaxed);
    let total = progress.total.load(Ordering::Relaxed);
    if total == 0 {
        return format!("{count} files, {} read", HumanBytes(read));
    }
    let left = elapsed.as_secs_f64() / read.max(1) as f64 * total.saturating_sub(read) as f64;
    let left = HumanDuration(Duration::try_from_secs_f64(left).unwrap_or_default());
    format!("{count} objects, {} of {}, {left:#} left", HumanBytes(read), HumanBytes(total))
}

/// Makes SIGINT and SIGTERM ask the run to stop, so that it says what was covered; a second one ends it at once.
pub fn listen(progress: &Arc<Progress>) {
    #[cfg(unix)]
    for signal in [2, 15] {
        let stop = Arc::clone(progress);
        let listener = signal_hook::iterator::Signals::new([signal]);
        let Ok(mut signals) = listener else { continue };
        std::thread::spawn(move || {
            for (count, signal) in signals.forever().enumerate() {
                stop.signal.store(usize::try_from(signal).unwrap_or(2), Ordering::Relaxed);
                if count > 0 {
                    #[expect(clippy::exit, reason = "asked for twice: the run is not to say anything more")]
                    std::process::exit(128 + signal);
                }
            }
        });
    }
    #[cfg(not(unix))]
    let _ = progress;
}

/// Ends the program where `work` takes longer than `limit`; `refuse` says why. Whoever waits for a server must not wait for ever, and
/// what was not searched in time must not pass.
pub fn within<T>(limit: Option<Duration>, code: u8, refuse: fn(Duration), work: impl FnOnce() -> T) -> T {
    let Some(limit) = limit else { return work() };
    let (done, waiting) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        if waiting.recv_timeout(limit) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            refuse(limit);
            #[expect(clippy::exit, reason = "the search may hang in one place, so that nobody can ask it to stop")]
            std::process::exit(code.into());
        }
    });
    let result = work();
    drop(done);
    result
}
