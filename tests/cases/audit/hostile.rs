//! Damaged and hostile repositories. Each ends with exit 3 that names what could not be read; never with a panic, and
//! never with "complete" where something is missing.

use super::super::support::{Ran, finish, token};
use super::{History, filler, finding, holding, paths, seeds, skipped};
use std::fs;
use std::path::{Path, PathBuf};

const COUNT: u64 = 6;

/// Tokens 0 to 5 in versions of one file, and of a message.
fn history() -> History {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    for seed in 0..COUNT - 1 {
        history.write("t.c", holding(seed as usize, 9 + 20 * seed as usize, seed));
        history.commit("a version");
    }
    history.commit(&format!("says {}", token(COUNT - 1)));
    assert_eq!(seeds(&history.audit(&[]), COUNT).len() as u64, COUNT);
    history
}

/// Nothing blocks, so that the exit code says whether all was read.
fn read(history: &History) -> Ran {
    history.audit(&["--fail-on", "never"])
}

#[track_caller]
fn names(history: &History, what: &str) -> Ran {
    let ran = read(history).expect_status(3);
    assert_eq!(ran.summary()["status"], "incomplete");
    assert!(skipped(&ran).contains(what), "{what} is not named:\n{}", skipped(&ran));
    ran
}

/// The files of a folder below the git folder, by extension, with their bytes.
fn files(history: &History, folder: &str, extension: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders = vec![history.path(".git").join(folder)];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).expect("git made it").filter_map(Result::ok).map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().unwrap_or_default().to_string_lossy() == extension {
                all.push((path.clone(), fs::read(&path).expect("it can be read")));
            }
        }
    }
    all.sort();
    all
}

/// Writes what git wrote-protected.
#[track_caller]
fn overwrite(path: &Path, bytes: &[u8]) {
    let _ = fs::remove_file(path);
    fs::write(path, bytes).expect("the folder is ours");
}

/// After damage: no panic (the run itself asserts that), and no claim that all was read with less than all.
#[track_caller]
fn never_clean(history: &History, whole: &Ran, what: &str) {
    let ran = read(history);
    if ran.status == 0 {
        assert_eq!(ran.findings(), whole.findings(), "{what}: it says that it read everything");
        assert_eq!(ran.summary()["coverage"]["blobs"], whole.summary()["coverage"]["blobs"], "{what}");
    } else {
        assert!(matches!(ran.status, 2 | 3), "{what}: {} {}", ran.status, ran.stderr);
        assert!(!skipped(&ran).is_empty() || !ran.stderr.is_empty(), "{what}: nothing is named");
    }
}

#[test]
fn a_commit_that_is_none_takes_nothing_from_others() {
    let history = history();
    let whole = read(&history);
    let (tree, parent) = (history.id("HEAD^{tree}"), history.id("HEAD"));
    let args = ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"];
    let ids = (0..8).map(|at| {
        let text = format!("tree {tree}\nparent {parent}\nparent none\nauthor A <a@b> {at} +0000\n\n");
        history.fed(&history.path(""), &args, text.as_bytes()).trim().to_owned()
    });
    let ids: Vec<String> = ids.collect();
    let ran = names(&history, &ids[0]);
    assert_eq!(ran.findings(), whole.findings());
}

#[test]
fn flipped_bits_in_packs() {
    let history = history();
    history.git(&["repack", "-q", "-adkf"]);
    let whole = read(&history);
    for extension in ["pack", "idx"] {
        let (path, bytes) = files(&history, "objects/pack", extension).remove(0);
        for step in 0..40 {
            let mut damaged = bytes.clone();
            let at = step * (bytes.len() - 1) / 39;
            damaged[at] ^= 1 << (step % 8);
            overwrite(&path, &damaged);
            never_clean(&history, &whole, &format!("bit {} of byte {at} of the {extension}", step % 8));
        }
        overwrite(&path, &bytes);
    }
    assert_eq!(read(&history).findings(), whole.findings());
}

#[test]
fn flipped_bits_in_loose_objects() {
    let history = history();
    let whole = read(&history);
    for (number, (path, bytes)) in files(&history, "objects", "").into_iter().enumerate() {
        for at in [0, 1, 3 + number % 7, bytes.len() / 2, bytes.len() - 1] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (number % 8);
            overwrite(&path, &damaged);
            never_clean(&history, &whole, &format!("byte {at} of {}", path.display()));
        }
        overwrite(&path, &bytes[..bytes.len() / 2]);
        never_clean(&history, &whole, "half of a loose object");
        overwrite(&path, b"");
        names(&history, &id_of(&path));
        overwrite(&path, &bytes);
    }
}

fn id_of(path: &Path) -> String {
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    format!("{folder}{}", path.file_name().unwrap_or_default().to_string_lossy())
}

#[test]
fn packs_that_are_cut_off() {
    let history = history();
    history.git(&["repack", "-q", "-adkf"]);
    let whole = read(&history);
    for extension in ["pack", "idx"] {
        let (path, bytes) = files(&history, "objects/pack", extension).remove(0);
        for part in 0..12 {
            overwrite(&path, &bytes[..bytes.len() * part / 12]);
            let ran = names(&history, "pack-");
            assert!(ran.findings().len() <= whole.findings().len());
        }
        overwrite(&path, &bytes[..bytes.len() - 1]);
        names(&history, "pack-");
        overwrite(&path, &[&bytes[..], b"and more"].concat());
        names(&history, "pack-");
        overwrite(&path, &bytes);
    }
    let (index, bytes) = files(&history, "objects/pack", "idx").remove(0);
    fs::remove_file(&index).expect("it is there");
    names(&history, "a pack without an index");
    overwrite(&index, &bytes);
    let (pack, bytes) = files(&history, "objects/pack", "pack").remove(0);
    fs::remove_file(&pack).expect("it is there");
    names(&history, "pack-");
    overwrite(&pack, &bytes);
    read(&history).expect_status(0);
}

#[test]
fn random_bytes_as_packs() {
    let history = history();
    let mut state = 1u64;
    let mut noise = |length: usize| -> Vec<u8> {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        (0..length).map(|_| next()).collect()
    };
    for round in 0..12 {
        let (mut pack, mut index) = (noise(round * 97), noise(round * 211));
        if round % 2 == 0 {
            pack.splice(0..0, *b"PACK\0\0\0\x02\0\0\0\x03");
            index.splice(0..0, *b"\xFFtOc\0\0\0\x02");
        }
        history.write(".git/objects/pack/pack-1.pack", &pack);
        history.write(".git/objects/pack/pack-1.idx", &index);
        let ran = names(&history, "pack-1");
        assert_eq!(seeds(&ran, COUNT).len() as u64, COUNT, "everything else is read");
    }
}

/// An entry of a pack made by hand: its name, its kind, what stands between head and data, the size that it says, its data.
struct Entry {
    id: gix::ObjectId,
    kind: u8,
    base: Vec<u8>,
    size: u64,
    data: Vec<u8>,
}

fn id(number: u32) -> gix::ObjectId {
    let mut bytes = [7; 20];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    gix::ObjectId::from_bytes_or_panic(&bytes)
}

impl Entry {
    fn blob(number: u32, data: Vec<u8>) -> Self {
        Self { id: id(number), kind: 3, base: Vec::new(), size: data.len() as u64, data }
    }

    fn delta(number: u32, base: u32, data: Vec<u8>) -> Self {
        Self { id: id(number), kind: 7, base: id(base).as_slice().to_vec(), size: data.len() as u64, data }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = vec![self.kind << 4 | (self.size & 15) as u8];
        let mut rest = self.size >> 4;
        while rest > 0 {
            *out.last_mut().expect("it has a first byte") |= 0x80;
            out.push((rest & 0x7F) as u8);
            rest >>= 7;
        }
        out.extend_from_slice(&self.base);
        out.extend(stored(&self.data));
        out
    }
}

/// The zlib form of bytes, without compression.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let (mut a, mut b) = (1u32, 0u32);
    let count = data.chunks(65_535).count().max(1);
    for number in 0..count {
        let chunk = data.chunks(65_535).nth(number).unwrap_or_default();
        let length = chunk.len() as u16;
        out.push(u8::from(number + 1 == count));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(chunk);
    }
    for &byte in data {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend_from_slice(&(b << 16 | a).to_be_bytes());
    out
}

/// The number of seven bits a byte that deltas begin with.
fn varint(mut number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = (number & 0x7F) as u8;
        number >>= 7;
        out.push(if number > 0 { byte | 0x80 } else { byte });
        if number == 0 {
            return out;
        }
    }
}

fn sum(bytes: &[u8]) -> Vec<u8> {
    let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
    hasher.update(bytes);
    hasher.try_finalize().expect("no collision").as_slice().to_vec()
}

/// Writes a pack with its index. Some offsets in the index may be lies.
fn pack(history: &History, entries: &[Entry], lies: &dyn Fn(usize, u64) -> u64) {
    pack_in_order(history, entries, lies, &Ord::cmp);
}

/// The same with the ids in an order of one's own.
fn pack_in_order(
    history: &History,
    entries: &[Entry],
    lies: &dyn Fn(usize, u64) -> u64,
    order: &dyn Fn(&gix::ObjectId, &gix::ObjectId) -> std::cmp::Ordering,
) {
    let mut pack = [&b"PACK\0\0\0\x02"[..], &(entries.len() as u32).to_be_bytes()].concat();
    let mut rows = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let bytes = entry.bytes();
        rows.push((entry.id, crc32fast::hash(&bytes), lies(at, pack.len() as u64)));
        pack.extend(bytes);
    }
    rows.sort_by(|a, b| order(&a.0, &b.0));
    let pack_sum = sum(&pack);
    pack.extend_from_slice(&pack_sum);
    let mut index = b"\xFFtOc\0\0\0\x02".to_vec();
    for first in 0..=255u8 {
        let count = rows.iter().filter(|row| row.0.as_slice()[0] <= first).count() as u32;
        index.extend_from_slice(&count.to_be_bytes());
    }
    for row in &rows {
        index.extend_from_slice(row.0.as_slice());
    }
    for row in &rows {
        index.extend_from_slice(&row.1.to_be_bytes());
    }
    let mut large = Vec::new();
    for row in &rows {
        if row.2 < 1 << 31 {
            index.extend_from_slice(&(row.2 as u32).to_be_bytes());
        } else {
            index.extend_from_slice(&((1 << 31) | (large.len() as u32 / 8)).to_be_bytes());
            large.extend_from_slice(&row.2.to_be_bytes());
        }
    }
    index.extend(large);
    index.extend_from_slice(&pack_sum);
    let index_sum = sum(&index);
    index.extend(index_sum);
    history.write(".git/objects/pack/pack-1.pack", pack);
    history.write(".git/objects/pack/pack-1.idx", index);
}

fn secret(seed: u64) -> Vec<u8> {
    format!("token = {}\n", token(seed)).into_bytes()
}

/// A delta that inserts bytes, of a base of that size.
fn inserting(base: usize, bytes: &[u8]) -> Vec<u8> {
    [varint(base as u64), varint(bytes.len() as u64), vec![bytes.len() as u8], bytes.to_vec()].concat()
}

#[test]
fn packs_made_by_hand_are_read_where_they_hold() {
    let history = History::new();
    let base = secret(0);
    let entries = [
        Entry::blob(1, base.clone()),
        Entry::delta(2, 1, inserting(base.len(), &secret(1))),
        Entry::delta(3, 2, inserting(secret(1).len(), &secret(2))),
    ];
    pack(&history, &entries, &|_, offset| offset);
    assert_eq!(seeds(&read(&history).expect_status(0), COUNT), [0, 1, 2]);
}

#[test]
fn offsets_beyond_the_pack_and_into_each_other() {
    let entries = || [Entry::blob(1, secret(0)), Entry::blob(2, secret(1)), Entry::blob(3, secret(2))];
    for lie in [0, 1, 13, 100, 0x7FFF_FFFF, 1 << 31, 1 << 40, u64::MAX - 1, u64::MAX] {
        for which in 0..3 {
            let history = History::new();
            pack(&history, &entries(), &|at, offset| if at == which { lie } else { offset });
            let ran = read(&history);
            assert_eq!(ran.status, 3, "offset {lie} of entry {which}: {}\n{}", ran.stdout, ran.stderr);
            assert!(skipped(&ran).contains(&id(which as u32 + 1).to_string()), "{}", skipped(&ran));
        }
    }
    // Two entries at one place: the same bytes under two names.
    let history = History::new();
    pack(&history, &entries(), &|at, offset| if at == 1 { 12 } else { offset });
    read(&history).expect_status(3);
}

#[test]
fn deltas_that_lead_nowhere() {
    let missing = id(99).to_string();
    let base = secret(0);
    let rows: [(&str, Vec<Entry>); 6] = [
        (&missing, vec![Entry::delta(1, 99, inserting(10, b"x"))]),
        ("0000000107", vec![Entry::delta(1, 1, inserting(10, b"x"))]),
        ("0000000107", vec![Entry::delta(1, 2, inserting(1, b"x")), Entry::delta(2, 1, inserting(1, b"x"))]),
        (
            "its delta belongs to another base",
            vec![Entry::blob(1, base.clone()), Entry::delta(2, 1, inserting(9, b"x"))],
        ),
        ("its delta is cut off", vec![Entry::blob(1, base.clone()), Entry::delta(2, 1, vec![0x80])]),
        (
            "does not make the size",
            vec![Entry::blob(1, base.clone()), Entry::delta(2, 1, [varint(base.len() as u64), varint(9)].concat())],
        ),
    ];
    for (what, entries) in rows {
        let history = History::new();
        pack(&history, &entries, &|_, offset| offset);
        // The ids are named as they are written.
        let what = if what.starts_with("00000001") { id(1).to_string() } else { what.to_owned() };
        names(&history, &what);
    }
    // What could not be made takes what is made from it along, and nothing else.
    let history = History::new();
    let entries = [
        Entry::blob(1, base.clone()),
        Entry::delta(2, 1, vec![0x80]),
        Entry::delta(3, 2, inserting(9, b"x")),
        Entry::delta(4, 1, inserting(base.len(), &secret(1))),
    ];
    pack(&history, &entries, &|_, offset| offset);
    let ran = names(&history, &id(3).to_string());
    assert_eq!(seeds(&ran, COUNT), [0, 1]);
}

#[cfg(unix)]
/// An object under a made-up id: kinds 1 to 4 are commit, tree, blob and tag.
fn forged(number: u32, kind: u8, data: Vec<u8>) -> Entry {
    Entry { id: id(number), kind, base: Vec::new(), size: data.len() as u64, data }
}

#[test]
fn objects_that_name_each_other_in_a_circle() {
    let tag = |to: u32| format!("object {}\ntype tag\ntag t\ntagger A <a@b> 1 +0000\n\nt\n", id(to)).into_bytes();
    let commit = |tree: u32, parent: u32| {
        let who = "A <a@b> 1 +0000";
        format!("tree {}\nparent {}\nauthor {who}\ncommitter {who}\n\nc\n", id(tree), id(parent)).into_bytes()
    };
    let tree = [b"100644 a.conf\0".as_slice(), id(6).as_slice()].concat();
    let history = History::new();
    let entries = [
        forged(1, 4, tag(2)),
        forged(2, 4, tag(1)),
        forged(3, 1, commit(5, 4)),
        forged(4, 1, commit(5, 3)),
        forged(5, 2, tree),
        forged(6, 3, secret(0)),
    ];
    pack(&history, &entries, &|_, offset| offset);
    history.write(".git/refs/tags/t", format!("{}\n", id(1)));
    history.write(".git/refs/heads/main", format!("{}\n", id(3)));
    let ran = read(&history);
    assert_eq!(ran.status, 3, "{}\n{}", ran.stdout, ran.stderr);
    assert_eq!(seeds(&ran, COUNT), [0]);
    assert!([1, 2].iter().any(|&tag| skipped(&ran).contains(&id(tag).to_string())), "{}", skipped(&ran));
}

/// Trees that lie in each other, and a chain of thousands that all name one file: of so many and so long paths only some are told,
/// and it is said that there are more.
#[test]
fn trees_in_each_other_make_no_endless_report() {
    let who = "A <a@b> 1 +0000";
    let commit = |tree: u32| format!("tree {}\nauthor {who}\ncommitter {who}\n\nc\n", id(tree)).into_bytes();
    let tree = |next: u32| [b"100644 a.conf\0", id(2).as_slice(), b"40000 folder\0", id(next).as_slice()].concat();
    let loops: Vec<Entry> = vec![forged(10, 2, tree(11)), forged(11, 2, tree(12)), forged(12, 2, tree(10))];
    let chain: Vec<Entry> = (0..4000).map(|at| forged(10 + at, 2, tree(11 + at))).collect();
    for mut entries in [loops, chain] {
        let history = History::new();
        entries.push(forged(1, 1, commit(10)));
        entries.push(forged(2, 3, secret(0)));
        pack(&history, &entries, &|_, offset| offset);
        history.write(".git/refs/heads/main", format!("{}\n", id(1)));
        let ran = names(&history, "more paths");
        let found = finding(&ran, &token(0));
        assert_eq!(paths(&found)[0], "a.conf", "the shortest is among them");
        assert!(ran.stdout.len() < 4 << 20, "{} bytes for {} of input", ran.stdout.len(), entries.len() * 80);
    }
}

/// In which order an index has its ids.
type Order = dyn Fn(&gix::ObjectId, &gix::ObjectId) -> std::cmp::Ordering;

/// Ids that all begin alike, some of them twice, in an index that need not be sorted: what trees name is found.
#[test]
fn ids_are_found_in_any_index() {
    let who = "A <a@b> 1 +0000";
    let commit = format!("tree {}\nauthor {who}\ncommitter {who}\n\nc\n", id(2)).into_bytes();
    let name = |at: u32| [format!("100644 {at:03}.conf\0").as_bytes(), id(at).as_slice()].concat();
    for count in [3, 40, 300] {
        let orders: [&Order; 2] = [&|a, b| a.cmp(b), &|a, b| b.cmp(a)];
        for order in orders {
            let history = History::new();
            let mut entries = vec![forged(1, 1, commit.clone()), forged(2, 2, (3..3 + count).flat_map(name).collect())];
            for at in 3..3 + count {
                // Of one entry the first copy is broken, of another the second.
                let lost = || Entry::delta(at, 9999, inserting(10, b"x"));
                entries.extend((at == 3).then(lost));
                entries.push(Entry::blob(at, if at < 5 { secret(u64::from(at)) } else { at.to_be_bytes().to_vec() }));
                entries.extend((at == 4).then(lost));
            }
            pack_in_order(&history, &entries, &|_, offset| offset, order);
            history.write(".git/refs/heads/main", format!("{}\n", id(1)));
            // A copy that cannot be read is named, and takes nothing from the one that can.
            let ran = read(&history).expect_status(3);
            for at in [3, 4] {
                assert_eq!(paths(&finding(&ran, &token(at))), [format!("{at:03}.conf")], "{count}");
            }
        }
    }
}

#[test]
fn bombs_do_not_take_the_memory() {
    let history = History::new();
    let base = vec![b'\n'; 65_535];
    let copies = |result: u64, count: usize| {
        // Copies of the whole base.
        let one = [0x80 | 0x30, 0xFF, 0xFF];
        [varint(65_535), varint(result), one.repeat(count)].concat()
    };
    let claims = |size: u64| Entry { size, ..Entry::blob(50 + size.trailing_zeros(), b"small".to_vec()) };
    let mut entries = vec![
        Entry::blob(1, base),
        Entry::delta(2, 1, copies(1 << 33, 1)),
        Entry::delta(3, 1, copies(u64::from(u32::MAX) * 1000, 1)),
        Entry::delta(4, 1, copies((2 << 30) - 1, 1)),
        claims(1 << 33),
        claims(1 << 31),
        claims(1 << 24),
        Entry::blob(5, secret(1)),
    ];
    // Sixty times 64 MiB, each from the base; kilobytes on disk.
    entries.extend((100..160).map(|number| {
        let mut delta = copies(65_535 * 1024 + 1, 1024);
        // Each is binary, so that its size alone leaves it out.
        delta.extend_from_slice(&[1, 0]);
        Entry::delta(number, 1, delta)
    }));
    pack(&history, &entries, &|_, offset| offset);
    let program = env!("CARGO_BIN_EXE_plainsight");
    let limited =
        format!("ulimit -v 3000000; exec {program} audit --format jsonl --show-secrets --threads 4 --fail-on never");
    let mut command = history.scratch.program("sh", &history.path(""));
    let ran = finish(command.args(["-c", &limited]), b"").expect_status(3);
    for number in [2, 3, 4, 50 + 33, 50 + 31, 50 + 24] {
        assert!(skipped(&ran).contains(&id(number).to_string()), "{number}:\n{}", skipped(&ran));
    }
    assert_eq!(seeds(&ran, COUNT), [1]);
}

/// Loose objects that say that they are larger than they are.
#[test]
fn loose_objects_that_lie() {
    let history = history();
    for (number, head) in [
        "blob 99999999999999\0",
        "blob 18446744073709551615\0",
        "blob 3\0",
        "blob -1\0",
        "blob \0",
        "blub 4\0",
        "",
        "tree 5\0",
        "commit 5\0",
        "tag 5\0",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("{number:038x}");
        let path = format!(".git/objects/ab/{name}");
        history.write(&path, stored(format!("{head}text\n").as_bytes()));
        let ran = names(&history, &format!("ab{name}"));
        assert_eq!(seeds(&ran, COUNT).len() as u64, COUNT);
        fs::remove_file(history.path(&path)).expect("it is there");
    }
}

#[test]
fn refs_in_a_circle_and_to_nothing() {
    let history = history();
    history.write(".git/refs/heads/one", "ref: refs/heads/two\n");
    history.write(".git/refs/heads/two", "ref: refs/heads/one\n");
    let ran = names(&history, "circle");
    assert_eq!(seeds(&ran, COUNT).len() as u64, COUNT);
    history.write(".git/refs/heads/two", "ref: refs/heads/two\n");
    names(&history, "circle");
    history.write(".git/refs/heads/one", format!("{}\n", "1".repeat(40)));
    fs::remove_file(history.path(".git/refs/heads/two")).expect("it is there");
    names(&history, &"1".repeat(40));
    history.write(".git/refs/heads/one", "no id\n");
    names(&history, "refs");
    history.write(".git/refs/heads/one", "");
    names(&history, "refs");
    fs::remove_file(history.path(".git/refs/heads/one")).expect("it is there");
    history.write(".git/packed-refs", "# pack-refs with: peeled fully-peeled sorted\nnonsense\n");
    names(&history, "refs");
    fs::remove_file(history.path(".git/packed-refs")).expect("it is there");
    history.write(".git/HEAD", "ref: refs/heads/none\n");
    assert_eq!(seeds(&read(&history).expect_status(0), COUNT).len() as u64, COUNT, "an unborn head is no damage");
    history.write(".git/HEAD", "ref: HEAD\n");
    names(&history, "HEAD");
    history.write(".git/HEAD", "ref: refs/heads/main\n");
    for damage in ["nonsense", "", "DIRC\0\0\0\x02\0\0\0\x09"] {
        history.write(".git/index", damage);
        names(&history, "index");
    }
    fs::remove_file(history.path(".git/index")).expect("it is there");
    read(&history).expect_status(0);
}

#[test]
fn objects_that_the_history_names_and_nobody_has() {
    for name in ["HEAD~1", "HEAD~1^{tree}", "HEAD~1:t.c", "HEAD", "HEAD^{tree}"] {
        let history = history();
        let id = history.id(name);
        fs::remove_file(history.path(&format!(".git/objects/{}/{}", &id[..2], &id[2..]))).expect("it is loose");
        names(&history, &id);
    }
    // What only the index names.
    let history = history();
    history.write("s.c", filler(50));
    history.git(&["add", "s.c"]);
    let id = history.id(":s.c");
    fs::remove_file(history.path(&format!(".git/objects/{}/{}", &id[..2], &id[2..]))).expect("it is loose");
    names(&history, &id);
}

#[test]
fn empty_repositories() {
    let history = History::new();
    let ran = history.audit(&[]).expect_status(0);
    assert_eq!((ran.summary()["status"].as_str(), ran.findings().len()), (Some("complete"), 0));
    // Nothing is committed, and something is there all the same.
    history.blob(&secret(1));
    let ran = history.audit(&[]).expect_status(1);
    assert_eq!(finding(&ran, &token(1))["exposure"], "unreachable");
    for (file, content) in [("config", "[core\n"), ("config", "[core]\n\trepositoryformatversion = 9\n")] {
        history.write(&format!(".git/{file}"), content);
        let ran = history.audit(&[]);
        assert!(matches!(ran.status, 2 | 3) && !ran.stderr.is_empty(), "{content}: {} {}", ran.status, ran.stdout);
    }
}

/// Another's repository is read like one's own: nothing in it has power over the search.
#[cfg(unix)]
#[test]
fn a_repository_of_another_owner() {
    let history = history();
    let whole = read(&history);
    let mut command = history.scratch.program("chown", &history.path(""));
    let others = finish(command.args(["-R", "12345:12345", "."]), b"");
    if others.status != 0 {
        // Only who may give files away can try it.
        return;
    }
    let ran = read(&history).expect_status(0);
    assert_eq!(ran.findings(), whole.findings());
}

#[cfg(unix)]
#[test]
fn folders_that_cannot_be_listed_are_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let history = history();
    let folder = history.path(".git/objects/pack");
    fs::remove_dir(&folder).expect("it is empty");
    fs::write(&folder, "a file").expect("it is ours");
    let ran = names(&history, "objects/pack");
    assert_eq!(seeds(&ran, COUNT).len() as u64, COUNT, "loose objects are read");
    fs::remove_file(&folder).expect("it is ours");
    let id = history.id("HEAD:t.c");
    let folder = history.path(".git/objects").join(&id[..2]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o000)).expect("it is ours");
    let may_read_all = fs::read_dir(&folder).is_ok();
    let ran = read(&history);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("it is ours");
    if !may_read_all {
        assert_eq!(ran.status, 3);
        assert!(skipped(&ran).contains("could not be listed"), "{}", skipped(&ran));
    }
}

/// The objects of the repository itself are read, and the commit hook does not let pass what it cannot compare.
#[test]
fn alternates_that_lead_in_a_circle_or_to_what_is_none() {
    let history = history();
    let file = history.path(".git/objects/info/alternates");
    let other = history.beside("other");
    fs::create_dir_all(other.join("info")).expect("the folder is ours");
    fs::create_dir_all(other.join("pack")).expect("the folder is ours");
    let own = history.path(".git/objects");
    fs::write(other.join("info/alternates"), format!("{}\n", own.display())).expect("the folder is ours");
    history.write("none", "a file");
    history.git(&["add", "none"]);
    let none = history.path("none");
    for (lead, named) in [
        (&*own.to_string_lossy(), "cycle"),
        (&other.to_string_lossy(), "cycle"),
        (&none.to_string_lossy(), "none"),
        ("/nowhere/objects", "/nowhere/objects"),
    ] {
        fs::write(&file, format!("{lead}\n")).expect("the folder is ours");
        let ran = names(&history, named);
        assert_eq!(seeds(&ran, COUNT).len() as u64, COUNT, "{lead}: {}", skipped(&ran));
        if named != lead {
            let ran = history.scratch.run(&["scan", "--staged"]);
            assert_eq!(ran.status, 3, "{lead}: {}{}", ran.stdout, ran.stderr);
            assert_eq!(history.scratch.run(&["scan", "--fail-on", "never"]).status, 3);
            assert_ne!(history.scratch.run(&["hook", "run", "pre-commit"]).status, 0);
        }
    }
    fs::remove_file(&file).expect("it is ours");
    fs::create_dir(&file).expect("the folder is ours");
    names(&history, "alternates");
}

/// In the words of `git fast-import`: one commit, these files.
fn import(history: &History, files: &mut dyn Iterator<Item = (String, String)>) {
    let mut stream = "commit refs/heads/main\ncommitter A <a@b> 1767225600 +0000\ndata 1\nx\n".to_owned();
    for (path, text) in files {
        stream.push_str(&format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len()));
    }
    history.fed(&history.path(""), &["fast-import", "--quiet"], stream.as_bytes());
}

#[test]
fn deep_trees() {
    for depth in [200, 2000] {
        let history = History::new();
        let path = format!("{}t.c", "d/".repeat(depth));
        import(&history, &mut [(path.clone(), holding(0, 3, 1)), ("a.c".to_owned(), filler(0))].into_iter());
        let ran = history.audit(&[]).expect_status(1);
        let found = finding(&ran, &token(1));
        assert_eq!(found["exposure"], "local", "{depth} levels");
        assert_eq!(found["commits"], 1, "{depth} levels");
        assert_eq!(paths(&found), [path]);
        assert_eq!(ran.summary()["status"], "complete", "{}", skipped(&ran));
    }
}

#[test]
fn wide_trees() {
    let history = History::new();
    import(&history, &mut (0..100_000).map(|at| (format!("{at}.c"), format!("the file {at}\n"))));
    history.git(&["reset", "-q", "--soft", "main"]);
    import_more(&history, "77777.c", &holding(0, 3, 1));
    let ran = history.audit(&[]).expect_status(1);
    let found = finding(&ran, &token(1));
    assert_eq!((paths(&found), found["commits"].as_u64()), (vec!["77777.c"], Some(1)));
    assert_eq!(found["places"][0]["commit"], history.id("main").as_str());
}

/// One file more, on top.
fn import_more(history: &History, path: &str, text: &str) {
    let stream = format!(
        "commit refs/heads/main\ncommitter A <a@b> 1767225700 +0000\ndata 1\nx\nfrom refs/heads/main^0\nM 100644 inline {path}\ndata {}\n{text}\n",
        text.len()
    );
    history.fed(&history.path(""), &["fast-import", "--quiet"], stream.as_bytes());
}

/// The same tree under ten names in a tree under ten names …: ten thousand million paths of one file.
#[test]
fn a_tree_of_endless_paths() {
    let history = History::new();
    let blob = history.blob(&secret(1));
    let mut tree = history.fed(&history.path(""), &["mktree"], format!("100644 blob {blob}\tt.c\n").as_bytes());
    for _ in 0..10 {
        let listing: String = (0..10).map(|at| format!("040000 tree {}\td{at}\n", tree.trim())).collect();
        tree = history.fed(&history.path(""), &["mktree"], listing.as_bytes());
    }
    let commit = history.git(&["commit-tree", "-m", "x", tree.trim()]);
    history.git(&["update-ref", "refs/heads/main", commit.trim()]);
    let ran = history.audit(&[]).expect_status(1);
    let found = finding(&ran, &token(1));
    assert_eq!((found["exposure"].as_str(), found["commits"].as_u64()), (Some("local"), Some(1)));
    assert_eq!(found["places"][0]["commit"], commit.trim());
    // That not every path is told is said.
    assert!(skipped(&ran).contains("paths"), "{}", skipped(&ran));
}

/// One file under thousands of names: one finding.
#[test]
fn a_file_of_many_names() {
    let history = History::new();
    import(&history, &mut (0..3000).map(|at| (format!("{}/{at}.c", at % 7), holding(0, 3, 1))));
    let found = finding(&history.audit(&[]).expect_status(1), &token(1));
    assert_eq!((paths(&found).len(), found["commits"].as_u64()), (3000, Some(1)));
}

/// Entries that no file system would take: they are names like others, and harm nobody who reads the report.
#[test]
fn names_that_are_paths_controls_or_nothing() {
    let history = History::new();
    let blob = history.blob(&secret(1));
    let raw: Vec<u8> = (0..20).map(|at| u8::from_str_radix(&blob[at * 2..at * 2 + 2], 16).expect("an id")).collect();
    let names = ["", ".", "..", ".git", "/etc/passwd", "a\nb", "\u{1b}[2J", "-rf", "COM1", "a\\b"];
    let mut tree = Vec::new();
    for name in names {
        tree.extend_from_slice(b"100644 ");
        tree.extend_from_slice(name.as_bytes());
        tree.push(0);
        tree.extend_from_slice(&raw);
    }
    let tree = history.fed(&history.path(""), &["hash-object", "-t", "tree", "-w", "--literally", "--stdin"], &tree);
    let commit = format!("tree {}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n", tree.trim());
    let commit = history.fed(
        &history.path(""),
        &["hash-object", "-t", "commit", "-w", "--literally", "--stdin"],
        commit.as_bytes(),
    );
    history.git(&["update-ref", "refs/heads/main", commit.trim()]);
    let ran = history.audit(&[]);
    assert!(!ran.stdout.contains('\u{1b}'), "a report writes no control characters");
    let found = finding(&ran, &token(1));
    assert_eq!(found["exposure"], "local", "{}", skipped(&ran));
}
