//! Characters that go-yaml's reader refuses. Source: go-yaml v2 `readerc.go`.

/// go-yaml reads so many bytes at once.
const CHUNK: usize = 512;

/// A character that makes a text unreadable from some place on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forbidden {
    pub(super) offset: u32,
    /// Where the piece begins that go-yaml reads together with the character.
    pub(super) seen_from: usize,
    pub(super) message: &'static str,
}

/// The first forbidden character. `skipped` is the length of a byte order mark before the text.
pub(super) fn forbidden(text: &str, skipped: usize) -> Option<Forbidden> {
    let bytes = text.as_bytes();
    let ordinary = |byte: u8| (b' '..0x7f).contains(&byte) || matches!(byte, b'\n' | b'\r' | b'\t');
    // Without an early end the compiler looks at many bytes at once.
    let all = |block: &&[u8; 32]| block.iter().fold(true, |all, &byte| all & ordinary(byte));
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.as_chunks().0.iter().take_while(all).count() * 32;
        let found = bytes.get(at..)?.iter().position(|&byte| !ordinary(byte))?;
        at += found;
        let character = text.get(at..)?.chars().next()?;
        let message = match character {
            '\u{85}' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'.. => None,
            '\u{feff}' => marks(text, at, skipped).then_some(
                "a byte order mark (U+FEFF) stands where kubectl's reader would drop characters; remove it",
            ),
            _ => Some("control characters are not allowed"),
        };
        if let Some(message) = message {
            let seen_from = chunk_starts(text, skipped).take_while(|start| *start <= at).last()?;
            return Some(Forbidden { offset: at as u32, seen_from, message });
        }
        at += character.len_utf8();
    }
}

/// Whether a byte order mark may come to stand at the front of go-yaml's buffer. There it makes the scanner drop the
/// first character of each line, because the check for the mark looks at the front instead of the current place.
fn marks(text: &str, at: usize, skipped: usize) -> bool {
    // The buffer is moved to the current place when fewer than four characters are left in it and more are to come.
    let reach = at + 4 * 4;
    chunk_starts(text, skipped).take_while(|start| *start <= reach).any(|start| start >= at)
}

/// Where go-yaml's pieces begin: after as many whole characters as fit.
fn chunk_starts(text: &str, skipped: usize) -> impl Iterator<Item = usize> {
    let first = CHUNK - skipped;
    std::iter::successors(Some(0), move |&start| {
        let length = if start == 0 { first } else { CHUNK };
        let mut end = start + length;
        while end < text.len() && !text.is_char_boundary(end) {
            end -= 1;
        }
        (end < text.len()).then_some(end)
    })
}
