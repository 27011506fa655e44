//! What is read once somebody asks for it: most runs that know a repository ask for few of its trees.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// How it is read; `None` where that fails.
type Source<T> = Box<dyn Fn() -> Option<T> + Send + Sync>;

/// Something that is here, or can be read.
#[derive(Default)]
pub struct Later<T> {
    here: OnceLock<T>,
    source: Option<Source<T>>,
    is_damaged: AtomicBool,
}

impl<T> std::fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Later").field("is_here", &self.here.get().is_some()).finish_non_exhaustive()
    }
}

impl<T: Default> Later<T> {
    /// What is here.
    pub fn here(it: T) -> Self {
        Self { here: OnceLock::from(it), source: None, is_damaged: AtomicBool::new(false) }
    }

    /// What can be read.
    pub fn from(source: impl Fn() -> Option<T> + Send + Sync + 'static) -> Self {
        Self { here: OnceLock::new(), source: Some(Box::new(source)), is_damaged: AtomicBool::new(false) }
    }

    /// Reads it, unless it is here. It is empty where that fails, and then nothing that was made of it may be believed
    /// ([`Later::is_damaged`]).
    pub fn get(&self) -> &T {
        self.here.get_or_init(|| {
            self.source.as_ref().and_then(|read| read()).unwrap_or_else(|| {
                self.is_damaged.store(true, Ordering::Relaxed);
                T::default()
            })
        })
    }

    /// Whether it was asked for and could not be read.
    pub fn is_damaged(&self) -> bool {
        self.is_damaged.load(Ordering::Relaxed)
    }
}
