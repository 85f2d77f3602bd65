//! What was mended, put back into its file or shown as a diff.

use super::Rewritten;
use kordon::Diagnostic;
use std::path::Path;

/// What would change in a file, as `diff -u` and `git diff` show it.
pub fn unified_diff(name: &str, parts: &[Rewritten]) -> String {
    let mut diff = String::new();
    for part in parts {
        // Standard input has no file to compare.
        let whole = std::fs::read_to_string(Path::new(name)).ok();
        let whole = whole.and_then(|text| Some((replaced(&text, parts).ok()?, text)));
        match whole {
            Some((after, before)) => return hunks(name, &before, &after),
            None => diff.push_str(&hunks(name, &part.source.text, &part.text)),
        }
    }
    diff
}

fn hunks(name: &str, before: &str, after: &str) -> String {
    let name = name.trim_start_matches('/');
    let diff = similar::TextDiff::from_lines(before, after);
    diff.unified_diff().header(&format!("a/{name}"), &format!("b/{name}")).to_string()
}

/// Writes what was mended into its file, unless that has changed meanwhile.
pub fn write_back(name: &str, parts: &[Rewritten]) -> Result<(), Diagnostic> {
    let problem = |error: String| Diagnostic::error("unwritable-file", format!("{name}: {error}"));
    let path = Path::new(name);
    if name == "<stdin>" {
        return Err(problem("standard input cannot be written".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| problem(error.to_string()))?;
    let text = replaced(&text, parts).map_err(|error| problem(error.to_owned()))?;
    std::fs::write(path, text).map_err(|error| problem(error.to_string()))
}

/// A file with the new texts of some of its documents, which stand in it in this order.
fn replaced(file: &str, parts: &[Rewritten]) -> Result<String, &'static str> {
    let (mut text, mut from) = (String::new(), 0);
    for part in parts {
        let (line, _) = part.source.line_column(0);
        let start = start_of(file, line).filter(|start| *start >= from);
        let end = start.map(|start| start + part.source.text.len());
        let place = start.zip(end).filter(|&(start, end)| file.get(start..end) == Some(&*part.source.text));
        let (start, end) = place.ok_or("the file has changed, or is not plain UTF-8")?;
        text.push_str(file.get(from..start).unwrap_or_default());
        text.push_str(&part.text);
        from = end;
    }
    text.push_str(file.get(from..).unwrap_or_default());
    Ok(text)
}

/// Where a line begins, counted from 1.
fn start_of(text: &str, line: u32) -> Option<usize> {
    let before = (line as usize).checked_sub(1)?;
    if before == 0 {
        return Some(0);
    }
    text.match_indices('\n').nth(before - 1).map(|(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use kordon::Source;
    use std::sync::Arc;

    fn part(text: &str, lines_before: u32, new: &str) -> Rewritten {
        let source = Arc::new(Source::part("f.yaml", text, lines_before));
        Rewritten { source, text: new.to_owned(), mended: Vec::new() }
    }

    #[test]
    fn parts_take_the_place_of_theirs() {
        let file = "a: 1\n---\nb: 1\n---\nc: 1\n";
        let parts = [part("a: 1\n", 0, "a: 2\nx: 1\n"), part("---\nc: 1\n", 3, "---\nc: 2\n")];
        assert_eq!(replaced(file, &parts).unwrap(), "a: 2\nx: 1\n---\nb: 1\n---\nc: 2\n");
        assert!(replaced("a: 0\n---\nb: 1\n---\nc: 1\n", &parts).is_err());
        assert!(replaced("a: 1\n", &parts).is_err());
    }

    #[test]
    fn a_diff_is_what_tools_take() {
        let diff = unified_diff("no/such.yaml", &[part("a: 1\nb: 1\n", 0, "a: 1\nb: 2\n")]);
        assert_eq!(diff, "--- a/no/such.yaml\n+++ b/no/such.yaml\n@@ -1,2 +1,2 @@\n a: 1\n-b: 1\n+b: 2\n");
    }
}
