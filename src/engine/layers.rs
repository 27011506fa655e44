//! Which parts of a text may be encoded, and the layers they decode to.

use super::decode::{Budget, Layer, encoded, escape_at, percent_at};
use super::simd::is_token;
use std::ops::Range;

/// How far a run's end is looked for, for an escaped slash there.
pub const RUN_END: usize = 256;
/// How much of a text behind the beginning of a run is asked for; the decoder itself goes on from there.
pub const RUN_PART: usize = 64;

/// Places that the prefilter pointed to.
#[derive(Debug, Default)]
pub struct Places {
    percent: Vec<usize>,
    escape: Vec<usize>,
    runs: Vec<Range<usize>>,
}

impl Places {
    /// A percent-encoded byte stands at an offset.
    pub fn percent(&mut self, offset: usize) {
        self.percent.push(offset);
    }

    /// An escape stands at an offset, or one byte behind it.
    pub fn escape(&mut self, offset: usize) {
        self.escape.push(offset);
    }

    /// Runs of token characters begin at these offsets, in ascending order.
    pub fn runs(&mut self, text: &[u8], starts: &[usize]) {
        for &start in starts {
            let end = (start + RUN_PART).min(text.len());
            match self.runs.last_mut() {
                Some(last) if start <= last.end => last.end = end,
                _ => self.runs.push(start..end),
            }
            let limit = text.len().min(start + RUN_END);
            let run = text[start..limit].iter().position(|&byte| !is_token(byte)).unwrap_or(limit - start);
            if text[start + run..].starts_with(br"\/") {
                self.escape.push(start + run);
            }
        }
    }

    /// Decodes what can be decoded.
    pub fn decode(mut self, text: &[u8], budget: &mut Budget) -> Vec<Layer> {
        let mut layers = Vec::new();
        let mut known = 0;
        for run in self.runs {
            if run.end <= known {
                continue;
            }
            let first = layers.len();
            encoded(text, run.start.max(known)..run.end, budget, &mut layers);
            known = layers[first..].iter().map(|layer| layer.span().end).max().unwrap_or(known).max(known);
        }
        let mut singles = |places: &mut Vec<usize>, decode: fn(&[u8], usize, &mut Budget) -> Option<Layer>| {
            places.sort_unstable();
            places.dedup();
            let mut known = 0;
            for &offset in places.iter() {
                if offset < known {
                    continue;
                }
                if let Some(layer) = decode(text, offset, budget) {
                    known = layer.span().end;
                    layers.push(layer);
                }
            }
        };
        singles(&mut self.percent, percent_at);
        for offset in &mut self.escape {
            *offset += usize::from(text[*offset] == b':');
        }
        singles(&mut self.escape, escape_at);
        layers
    }
}
