//! Every object of a kind, each inflated once: depth first along the deltas, so that the base of each is at hand.
//!
//! Several workers share the roots; one that has nothing left takes a child, with its base, from another. Children
//! with few descendants come before those with many, and a base is given back before the last child is gone into: so
//! the bases that are alive at once are at most as many as the logarithm of the number of objects, however long the
//! chains.

use super::delta;
use super::grouped::{grouped, zeros};
use super::pack::Inflating;
use super::{Kind, NONE, Number, Store, Unreadable};
use crate::text::Copied;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// One worker's view of the objects that pass.
pub trait Visit: Send {
    /// What is kept of an object for those that are made from it.
    type State: Send + Sync;

    /// An object that is whole.
    fn whole(&mut self, number: Number, content: &[u8]) -> Self::State;

    /// An object that was made from another by a delta. `copied` are the bytes that it has from there.
    fn delta(
        &mut self,
        number: Number,
        content: &[u8],
        base: &[u8],
        state: &Self::State,
        copied: &[Copied],
    ) -> Self::State;

    /// An object that could not be read.
    fn unreadable(&mut self, unreadable: Unreadable);

    /// Called now and then with the compressed bytes that were read since; false stops the walk.
    fn progress(&mut self, _objects: u64, _packed: u64) -> bool {
        true
    }
}

/// An object whose deltas are to be followed.
struct Node<S> {
    content: Vec<u8>,
    state: S,
}

/// An object to be read, with its base.
struct Task<S> {
    /// Its position in the forest.
    at: u32,
    base: Option<Arc<Node<S>>>,
}

/// Which objects are made from which, by their positions in a list.
struct Forest {
    /// The objects, sorted.
    numbers: Vec<Number>,
    /// Those that are whole.
    roots: Vec<u32>,
    /// Where the children of each object begin in `children`.
    first: Vec<u32>,
    children: Vec<u32>,
}

impl Forest {
    /// All objects of a kind.
    fn of(store: &Store, kind: Kind) -> Self {
        let numbers: Vec<Number> =
            (0..store.len() as Number).filter(|&number| store.kinds[number as usize] == Some(kind)).collect();
        let mut position = zeros(store.len());
        for (at, &number) in (0..).zip(&numbers) {
            position[number as usize] = at;
        }
        Self::made(store, numbers, |_, base| position[base as usize])
    }

    /// Some objects, and those that they are made from.
    fn some(store: &Store, kind: Kind, wanted: &[Number]) -> Self {
        let mut known = std::collections::HashSet::new();
        let mut numbers = Vec::new();
        for &number in wanted.iter().filter(|&&number| store.kinds[number as usize] == Some(kind)) {
            let mut at = number;
            while at != NONE && known.insert(at) {
                numbers.push(at);
                at = store.bases[at as usize];
            }
        }
        numbers.sort_unstable();
        Self::made(store, numbers, |numbers, base| numbers.partition_point(|&number| number < base) as u32)
    }

    fn made(store: &Store, numbers: Vec<Number>, position: impl Fn(&[Number], Number) -> u32) -> Self {
        let base_of = |number: Number| match store.bases[number as usize] {
            NONE => NONE,
            base => position(&numbers, base),
        };
        let bases: Vec<u32> = numbers.iter().map(|&number| base_of(number)).collect();
        let based = (0u32..).zip(&bases).map(|(at, &base)| (base, at));
        let (first, children) = grouped(numbers.len(), based.clone().filter(|based| based.0 != NONE));
        let roots = based.filter(|based| based.0 == NONE).map(|(_, at)| at).collect();
        let mut this = Self { numbers, roots, first, children };
        let weights = this.weights(&bases);
        this.order(&weights);
        this
    }

    /// How many objects are made from each, itself included.
    fn weights(&self, bases: &[u32]) -> Vec<u32> {
        let mut weights = vec![1u32; bases.len()];
        let mut add = |at: u32| {
            let (weight, base) = (weights[at as usize], bases[at as usize]);
            if let Some(sum) = weights.get_mut(base as usize) {
                *sum = sum.saturating_add(weight);
            }
        };
        // Mostly a base lies before what is made from it.
        if (0u32..).zip(bases).all(|(at, &base)| base == NONE || base < at) {
            (0..bases.len() as u32).rev().for_each(add);
            return weights;
        }
        // Parents before children, then back.
        let mut order = self.roots.clone();
        let mut at = 0;
        while at < order.len() {
            order.extend_from_slice(self.children_of(order[at]));
            at += 1;
        }
        order.into_iter().rev().for_each(&mut add);
        weights
    }

    /// Sorts children and roots by how many descendants they have.
    fn order(&mut self, weights: &[u32]) {
        for at in 0..self.numbers.len() {
            let range = self.first[at] as usize..self.first[at + 1] as usize;
            if range.len() > 1 {
                self.children[range].sort_unstable_by_key(|&child| (weights[child as usize], child));
            }
        }
        // The heaviest roots first, so that no worker is left with one at the end; the rest in the order of the pack.
        self.roots.sort_unstable_by_key(|&root| (std::cmp::Reverse(weights[root as usize] / 64), root));
    }

    fn children_of(&self, at: u32) -> &[u32] {
        &self.children[self.first[at as usize] as usize..self.first[at as usize + 1] as usize]
    }
}

/// What the workers share.
struct Shared<'w, S> {
    store: &'w Store,
    forest: &'w Forest,
    next_root: AtomicUsize,
    given: Mutex<Vec<Task<S>>>,
    wake: Condvar,
    /// Workers without work.
    idle: AtomicUsize,
    workers: usize,
    stop: AtomicBool,
}

/// Roots taken at a time, at most.
const ROOTS: usize = 16;

impl<S> Shared<'_, S> {
    /// More to do, once the own stack is empty; `None` at the end.
    fn more(&self, stack: &mut Vec<Task<S>>) -> bool {
        if self.stop.load(Ordering::Relaxed) {
            return false;
        }
        // Of few, so few that every worker has some to the end.
        let step = (self.forest.roots.len() / (8 * self.workers.max(1))).clamp(1, ROOTS);
        let first = self.next_root.fetch_add(step, Ordering::Relaxed);
        if first < self.forest.roots.len() {
            let roots = &self.forest.roots[first..self.forest.roots.len().min(first + step)];
            stack.extend(roots.iter().rev().map(|&at| Task { at, base: None }));
            return true;
        }
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        self.idle.fetch_add(1, Ordering::SeqCst);
        loop {
            if let Some(task) = given.pop() {
                self.idle.fetch_sub(1, Ordering::SeqCst);
                stack.push(task);
                return true;
            }
            if self.idle.load(Ordering::SeqCst) == self.workers || self.stop.load(Ordering::Relaxed) {
                self.wake.notify_all();
                return false;
            }
            given = self.wake.wait(given).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Gives the oldest half of the stack to those who wait.
    fn share(&self, stack: &mut Vec<Task<S>>) {
        if stack.len() < 2 || self.idle.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        if given.is_empty() {
            given.extend(stack.drain(..stack.len() / 2));
            self.wake.notify_all();
        }
    }
}

/// Makes sure that the others are not left waiting if a worker panics.
struct Leaves<'l, 'w, S>(&'l Shared<'w, S>);

impl<S> Drop for Leaves<'_, '_, S> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop.store(true, Ordering::SeqCst);
            self.0.wake.notify_all();
        }
    }
}

/// Shows every readable object of a kind to one of the workers, and gives them back. Objects that have several copies
/// are shown once for each; [`Store::counts`] tells them apart.
pub fn walk<V: Visit>(store: &Store, kind: Kind, workers: Vec<V>) -> Vec<V> {
    follow(store, &Forest::of(store, kind), workers)
}

/// The same for some objects. What they are made from is shown as well: it must be read before them.
pub fn walk_some<V: Visit>(store: &Store, kind: Kind, wanted: &[Number], workers: Vec<V>) -> Vec<V> {
    follow(store, &Forest::some(store, kind, wanted), workers)
}

fn follow<V: Visit>(store: &Store, forest: &Forest, workers: Vec<V>) -> Vec<V> {
    let shared = Shared {
        store,
        forest,
        next_root: AtomicUsize::new(0),
        given: Mutex::new(Vec::new()),
        wake: Condvar::new(),
        idle: AtomicUsize::new(0),
        workers: workers.len(),
        stop: AtomicBool::new(false),
    };
    let shared = &shared;
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            workers.into_iter().map(|visitor| scope.spawn(move || Worker::new(visitor, shared).run())).collect();
        // A panic is passed on, not swallowed: the caller makes a failed run of it.
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

struct Worker<'l, 'w, V: Visit> {
    visitor: V,
    shared: &'l Shared<'w, V::State>,
    memory: Inflating,
    delta: Vec<u8>,
    copied: Vec<Copied>,
    /// Buffers that are free again.
    free: Vec<Vec<u8>>,
    objects: u64,
    packed: u64,
}

/// Buffers kept for the next object.
const FREE: usize = 16;
/// A buffer larger than this is given back to the system.
const LARGE: usize = 256 << 10;
/// Objects between two reports of progress.
const REPORT: u64 = 512;

impl<'l, 'w, V: Visit> Worker<'l, 'w, V> {
    fn new(visitor: V, shared: &'l Shared<'w, V::State>) -> Self {
        Self {
            visitor,
            shared,
            memory: Inflating::default(),
            delta: Vec::new(),
            copied: Vec::new(),
            free: Vec::new(),
            objects: 0,
            packed: 0,
        }
    }

    fn run(mut self) -> V {
        let _leaves = Leaves(self.shared);
        let mut stack = Vec::new();
        loop {
            while let Some(task) = stack.pop() {
                self.read(task, &mut stack);
                self.shared.share(&mut stack);
                if self.objects >= REPORT && !self.report() {
                    self.shared.stop.store(true, Ordering::SeqCst);
                    let _all = self.shared.given.lock().unwrap_or_else(PoisonError::into_inner);
                    self.shared.wake.notify_all();
                }
                if self.shared.stop.load(Ordering::Relaxed) {
                    stack.clear();
                }
            }
            if !self.shared.more(&mut stack) {
                break;
            }
        }
        self.report();
        self.visitor
    }

    fn report(&mut self) -> bool {
        self.visitor.progress(std::mem::take(&mut self.objects), std::mem::take(&mut self.packed))
    }

    fn read(&mut self, task: Task<V::State>, stack: &mut Vec<Task<V::State>>) {
        let number = self.shared.forest.numbers[task.at as usize];
        self.objects += 1;
        self.packed += self.shared.store.packed_size(number);
        let mut content = self.free.pop().unwrap_or_default();
        let made = match &task.base {
            None => self.shared.store.inflate(number, &mut self.memory, &mut content).map_err(str::to_owned),
            Some(base) => {
                self.shared.store.inflate(number, &mut self.memory, &mut self.delta).map_err(str::to_owned).and_then(
                    |()| {
                        delta::apply(&base.content, &self.delta, &mut content, &mut self.copied)
                            .map_err(|error| error.to_string())
                    },
                )
            }
        };
        if let Err(reason) = made {
            self.lost(task.at, &reason);
            return;
        }
        let state = match &task.base {
            None => self.visitor.whole(number, &content),
            Some(base) => self.visitor.delta(number, &content, &base.content, &base.state, &self.copied),
        };
        // Given back before its last child is gone into.
        if let Some(base) = task.base.and_then(Arc::into_inner) {
            self.keep(base.content);
        }
        let children = self.shared.forest.children_of(task.at);
        if children.is_empty() {
            self.keep(content);
            return;
        }
        let node = Arc::new(Node { content, state });
        stack.extend(children.iter().rev().map(|&at| Task { at, base: Some(Arc::clone(&node)) }));
    }

    fn keep(&mut self, buffer: Vec<u8>) {
        if self.free.len() < FREE && buffer.capacity() <= LARGE {
            self.free.push(buffer);
        }
    }

    /// An object cannot be read, and so none of those made from it.
    fn lost(&mut self, at: u32, reason: &str) {
        let forest = self.shared.forest;
        let id = |at: u32| self.shared.store.id(forest.numbers[at as usize]).to_string();
        self.visitor.unreadable(Unreadable { what: id(at), reason: reason.to_owned() });
        let mut lost = forest.children_of(at).to_vec();
        while let Some(at) = lost.pop() {
            self.visitor
                .unreadable(Unreadable { what: id(at), reason: "the base of its delta cannot be read".to_owned() });
            lost.extend_from_slice(forest.children_of(at));
        }
    }
}
