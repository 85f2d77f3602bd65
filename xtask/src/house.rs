//! The house rules of ARCHITECTURE.md that a program can check.

use crate::run::{Outcome, root};
use std::path::{Path, PathBuf};

/// Rooms of the core from the ground up; a room may name only rooms of lower floors, or its own.
const FLOORS: &[&[&str]] = &[
    &["source", "diagnostic", "go", "quantity"],
    &["document", "labels", "schema"],
    &["typed"],
    &["authorization"],
    &["cel"],
    &["declaration"],
    &["admission", "policy", "matching", "decision", "report", "crd", "validation"],
    &["type_checking", "pod_security", "network"],
    &["analysis"],
    &["engine"],
];

/// The same inside `cel`.
const CEL_FLOORS: &[&[&str]] = &[
    &["issue", "ast", "types", "value", "message", "regex"],
    &["parser", "checker", "environment", "estimate", "library", "protobuf"],
    &["compiler", "program", "vm"],
    &["advice"],
];

/// Lines of code above which a file is too long to read in one sitting.
const CEILING: usize = 800;

/// Checks who uses whom and how long files are; every breach is listed.
pub(crate) fn check() -> Outcome {
    let source = root().join("core/src");
    let mut breaches = Vec::new();
    for file in rust_files(&root()) {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let lines = text.lines().filter(|line| !is_blank_or_comment(line)).count();
        if lines > CEILING {
            breaches.push(format!("{}: {lines} lines of code, the ceiling is {CEILING}", show(&file)));
        }
        let Ok(inside) = file.strip_prefix(&source) else { continue };
        if inside.file_name().is_some_and(|name| name == "tests.rs") {
            continue;
        }
        breaches.extend(upward_uses(&text, "crate::", room(inside, 0), FLOORS, &file));
        if room(inside, 0) == "cel" {
            breaches.extend(upward_uses(&text, "crate::cel::", room(inside, 1), CEL_FLOORS, &file));
        }
    }
    if breaches.is_empty() { Ok(()) } else { Err(format!("house rules broken:\n{}", breaches.join("\n"))) }
}

fn upward_uses(text: &str, prefix: &str, own: &str, floors: &[&[&str]], file: &Path) -> Vec<String> {
    let floor = |name: &str| floors.iter().position(|rooms| rooms.contains(&name));
    let Some(own_floor) = floor(own) else { return Vec::new() };
    let mut breaches = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !is_blank_or_comment(line)) {
        for rest in line.split(prefix).skip(1) {
            let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            if floor(name).is_some_and(|other| other > own_floor) {
                breaches.push(format!("{}:{}: `{own}` must not use `{name}`", show(file), number + 1));
            }
        }
    }
    breaches
}

/// The room of a path inside a folder of rooms: its folder's name, or its own without `.rs`.
fn room(path: &Path, depth: usize) -> &str {
    let part = path.components().nth(depth).and_then(|part| part.as_os_str().to_str()).unwrap_or_default();
    part.strip_suffix(".rs").unwrap_or(part)
}

fn is_blank_or_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with("//")
}

fn show(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_of_a_higher_floor_is_a_breach() {
        let text = "use crate::engine::Engine;\nuse crate::source::Span;\n// crate::engine in a comment\n";
        let breaches = upward_uses(text, "crate::", "document", FLOORS, Path::new("x.rs"));
        assert_eq!(breaches, ["x.rs:1: `document` must not use `engine`"]);
    }

    #[test]
    fn rooms_are_named_by_folder_or_file() {
        assert_eq!(room(Path::new("cel/vm/mod.rs"), 0), "cel");
        assert_eq!(room(Path::new("cel/vm/mod.rs"), 1), "vm");
        assert_eq!(room(Path::new("engine.rs"), 0), "engine");
    }
}
