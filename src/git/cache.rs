//! Memory for the bases of deltas, for walks over many commits: the versions of a folder or a file follow each other there, and
//! each is packed as a difference from another one.

use gix::objs::Kind;
use gix::odb::pack::cache::DecodeEntry;
use std::collections::HashMap;

/// Bytes that are kept at most, for each worker.
const ROOM: usize = 48 << 20;
/// Larger objects are not kept: they would push out all others.
const LARGEST: usize = 2 << 20;

/// An object's kind, how much of the pack it takes up, and its bytes.
type Base = (Kind, usize, Box<[u8]>);

/// Objects by pack and offset. When it is full it is emptied: what is needed next comes back at once.
#[derive(Default)]
pub(super) struct Bases {
    objects: HashMap<(u32, u64), Base>,
    bytes: usize,
}

impl DecodeEntry for Bases {
    fn put(&mut self, pack_id: u32, offset: u64, data: &[u8], kind: Kind, compressed_size: usize) {
        if data.len() > LARGEST {
            return;
        }
        if self.bytes + data.len() > ROOM {
            self.objects.clear();
            self.bytes = 0;
        }
        self.bytes += data.len();
        if let Some((_, _, old)) = self.objects.insert((pack_id, offset), (kind, compressed_size, data.into())) {
            self.bytes -= old.len();
        }
    }

    fn get(&mut self, pack_id: u32, offset: u64, out: &mut Vec<u8>) -> Option<(Kind, usize)> {
        let (kind, compressed_size, data) = self.objects.get(&(pack_id, offset))?;
        out.clear();
        out.extend_from_slice(data);
        Some((*kind, *compressed_size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_back_what_it_was_given_and_stays_small() {
        let (mut bases, mut out) = (Bases::default(), vec![9]);
        bases.put(1, 7, b"first", Kind::Tree, 3);
        bases.put(1, 7, b"second", Kind::Tree, 4);
        assert_eq!(
            (bases.get(1, 7, &mut out), out.as_slice(), bases.bytes),
            (Some((Kind::Tree, 4)), &b"second"[..], 6)
        );
        assert_eq!(bases.get(2, 7, &mut out), None);
        bases.put(1, 8, &vec![0; LARGEST + 1], Kind::Blob, 1);
        assert_eq!(bases.get(1, 8, &mut out), None);
        for offset in 0..100 {
            bases.put(3, offset, &vec![0; LARGEST], Kind::Blob, 1);
            assert!(bases.bytes <= ROOM && bases.get(3, offset, &mut out).is_some());
        }
    }
}
