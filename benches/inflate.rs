//! How long it takes to inflate every object of a repository and apply every delta, without looking at what comes out:
//! what an audit is measured against.
//!
//! `PLAINSIGHT_BENCH_REPO=…/objects cargo bench --bench inflate`

use plainsight::git::odb::{Kind, Number, Store, Unreadable, Visit, walk};
use plainsight::text::Copied;
use std::path::Path;
use std::time::Instant;

#[derive(Default)]
struct Count {
    objects: u64,
    bytes: u64,
    unreadable: u64,
}

impl Visit for Count {
    type State = ();

    fn whole(&mut self, _: Number, content: &[u8]) {
        self.objects += 1;
        self.bytes += content.len() as u64;
    }

    fn delta(&mut self, number: Number, content: &[u8], _: &[u8], (): &(), _: &[Copied]) {
        self.whole(number, content);
    }

    fn unreadable(&mut self, _: Unreadable) {
        self.unreadable += 1;
    }
}

#[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
fn main() {
    let Ok(objects) = std::env::var("PLAINSIGHT_BENCH_REPO") else {
        println!("set PLAINSIGHT_BENCH_REPO to the object folder of a repository");
        return;
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let start = Instant::now();
    let store = Store::open(Path::new(&objects), gix::hash::Kind::Sha1, threads);
    println!("{} objects verified in {:.2?}, {} unreadable", store.len(), start.elapsed(), store.unreadable.len());
    for kind in [Kind::Commit, Kind::Tree, Kind::Tag, Kind::Blob] {
        let start = Instant::now();
        let counts = walk(&store, kind, (0..threads).map(|_| Count::default()).collect());
        let sum = |of: fn(&Count) -> u64| counts.iter().map(of).sum::<u64>();
        println!(
            "{}: {} objects, {} MB, {} unreadable, {:.2?}",
            kind.as_str(),
            sum(|count| count.objects),
            sum(|count| count.bytes) / 1_000_000,
            sum(|count| count.unreadable),
            start.elapsed()
        );
    }
}
