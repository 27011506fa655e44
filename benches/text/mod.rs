//! The text that the benches read: source without secrets, C if nothing else is named.
//!
//! A folder of real source, named by `PLAINSIGHT_BENCH_DIR`, gives figures that mean something; without one, text of the
//! same make-up is made from a seed, so that two runs on two machines read the same bytes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Names the folder.
const FOLDER: &str = "PLAINSIGHT_BENCH_DIR";
/// How much is read or made: far more than the caches hold.
const SIZE: usize = 32 * 1024 * 1024;
/// How its files end.
const SOURCE: &[&str] = &["c", "h", "go", "java", "js", "php", "py", "rb", "rs", "ts"];
const SEED: u64 = 0x706c_6169_6e73_6967;

/// The text, made once.
pub fn text() -> &'static [u8] {
    static TEXT: OnceLock<Vec<u8>> = OnceLock::new();
    TEXT.get_or_init(|| match std::env::var_os(FOLDER) {
        Some(folder) => read(Path::new(&folder)),
        None => made(SIZE),
    })
}

/// The source files below a folder in the order of their paths, up to [`SIZE`] bytes.
fn read(folder: &Path) -> Vec<u8> {
    let mut paths = Vec::new();
    collect(folder, &mut paths);
    paths.sort();
    let mut out = Vec::with_capacity(SIZE);
    for path in paths {
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if out.len() + bytes.len() > SIZE {
            break;
        }
        out.extend(bytes);
    }
    assert!(!out.is_empty(), "{FOLDER}={}: holds no source", folder.display());
    out
}

fn collect(folder: &Path, out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let entry = entry.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let (path, kind) = (entry.path(), entry.file_type());
        let is_folder = kind.is_ok_and(|kind| kind.is_dir());
        if is_folder {
            collect(&path, out);
        } else if path.extension().is_some_and(|extension| SOURCE.iter().any(|known| extension == *known)) {
            out.push(path);
        }
    }
}

const WORDS: &str = "dev netif queue irq lock spin mutex buffer page inode dentry file offset length flags mask state \
    init probe remove register unregister alloc free get put read write handler timer clock power suspend resume driver \
    device parent child node list entry next prev head count size index map table config option param value name type \
    info data priv ctx ops work thread cpu numa event reset status error";
/// Words that secrets are called by, as rare as they are in code that handles none.
const RARE: &str = "key token auth secret password credential";
const TYPES: &[&str] = &["int", "u32", "u64", "void *", "struct device *", "unsigned long", "const char *", "bool"];

/// C-like text from a seed.
fn made(size: usize) -> Vec<u8> {
    let (words, rare) = (WORDS.split(' ').collect(), RARE.split(' ').collect());
    let mut chance = Chance { state: SEED, words, rare };
    let mut out = String::with_capacity(size + 4096);
    while out.len() < size {
        function(&mut chance, &mut out);
    }
    out.into_bytes()
}

fn function(chance: &mut Chance, out: &mut String) {
    if chance.below(6) == 0 {
        for _ in 0..8 + chance.below(24) {
            let (name, number) = (name(chance, 4).to_uppercase(), chance.below(1 << 32));
            let _ = writeln!(out, "#define {name}\t\t0x{number:08x}");
        }
    }
    let about: Vec<&str> = (0..12 + chance.below(30)).map(|_| chance.word()).collect();
    out.push_str("\n/*\n");
    for line in about.chunks(9) {
        let _ = writeln!(out, " * {}", line.join(" "));
    }
    let (kind, own, argument) = (chance.of(TYPES), name(chance, 4), name(chance, 2));
    let _ = writeln!(out, " */\nstatic {kind} {own}(struct {argument} *{argument}, unsigned int flags)\n{{");
    for _ in 0..4 + chance.below(30) {
        let (left, right, callee) = (name(chance, 2), name(chance, 3), name(chance, 4));
        let line = match chance.below(7) {
            0 => format!("\tstruct {left} *{right} = container_of({argument}, struct {left}, {callee});\n"),
            1 => format!(
                "\tif (!{argument}->{right} || {callee}({argument}, flags & ~{}))\n\t\treturn -EINVAL;\n",
                left.to_uppercase()
            ),
            2 => format!(
                "\tpr_debug(\"%s: {} {} %d\\n\", __func__, {argument}->{right});\n",
                chance.word(),
                chance.word()
            ),
            3 => format!("\t{argument}->{right} = {callee}({left}->{right}, {});\n", chance.below(4096)),
            4 => format!("\tspin_lock_irqsave(&{argument}->{right}_lock, flags);\n"),
            5 => format!("\twritel(0x{:x}, {argument}->base + {});\n", chance.below(1 << 24), right.to_uppercase()),
            _ => format!(
                "\tlist_for_each_entry_safe({left}, {right}, &{argument}->{callee}, list) {{\n\t\tkfree({left});\n\t}}\n"
            ),
        };
        out.push_str(&line);
    }
    out.push_str("\treturn 0;\n}\n");
}

fn name(chance: &mut Chance, most: u64) -> String {
    let words: Vec<&str> = (0..=chance.below(most)).map(|_| chance.word()).collect();
    words.join("_")
}

/// Splitmix64, and the words to choose from.
struct Chance {
    state: u64,
    words: Vec<&'static str>,
    rare: Vec<&'static str>,
}

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn of(&mut self, items: &[&'static str]) -> &'static str {
        items[self.below(items.len() as u64) as usize]
    }

    fn word(&mut self) -> &'static str {
        let is_rare = self.below(800) == 0;
        let at = self.below(if is_rare { self.rare.len() } else { self.words.len() } as u64) as usize;
        if is_rare { self.rare[at] } else { self.words[at] }
    }
}
