//! Files as a whole: one broken document hides no other, and each error is at its place.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use kordon::document::{Limits, documents};

/// For each document its `kind`, or `code line:column message`.
fn read(bytes: &[u8]) -> Vec<String> {
    let documents = documents("all.yaml", bytes, &Limits::default());
    let shown = documents.into_iter().map(|document| match document {
        Ok(document) => {
            document.object.root().field("kind").and_then(|kind| kind.as_str()).unwrap().to_owned()
        }
        Err(problem) => {
            let label = &problem.labels[0];
            let (line, column) = label.source.line_column(label.span.start);
            format!("{} {line}:{column} {}", problem.code, problem.message)
        }
    });
    shown.collect()
}

#[test]
fn an_error_at_the_end_of_a_document_stays_inside_of_it() {
    let broken = "invalid-syntax 4:7 yaml: did not find expected node content";
    assert_eq!(
        read(b"kind: A\n---\n\nk: [1,,\n---\nkind: B\n"),
        ["A", "invalid-syntax 4:7 yaml: did not find expected node content", "B"]
    );
    assert_eq!(read(b"kind: A\n---\n\nkind: [\n\n---\nkind: B\n"), ["A", broken, "B"]);
}

#[test]
fn bytes_that_are_not_utf8_break_their_document_only() {
    let problem = "invalid-utf8 3:8 the document is not UTF-8";
    assert_eq!(read(b"kind: A\n---\nb: caf\xe9\n---\nkind: C\n"), ["A", &problem.replace("3:8", "3:7"), "C"]);
    assert_eq!(read("kind: A\u{fffd}\n".as_bytes()), ["A\u{fffd}"]);
}

#[test]
fn a_separator_that_is_none_breaks_its_document_only() {
    let problem = "invalid-syntax 3:1 invalid Yaml document separator: oops";
    assert_eq!(read(b"kind: A\n\n--- oops\nkind: B\n---\nkind: C\n"), ["A", problem, "C"]);
    let two = [problem.to_owned(), problem.replace("3:1", "5:1")];
    assert_eq!(read(b"# A\n\n--- oops\nkind: B\n--- oops\n"), two);
}
