//! From the paths of a command line to files, always in the same order.

use kordon::Diagnostic;
use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// Files that a folder is searched for.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// A file larger than this is not read, nor is a document; manifests are far smaller.
pub(crate) const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    pub path: PathBuf,
    /// As shown to people: the path as given, with `/` between its parts; `<stdin>` for standard input.
    pub name: String,
    /// Named on the command line itself, not found in a folder.
    pub named: bool,
    /// The text of a policy that is carried in the binary.
    pub embedded: Option<&'static str>,
}

impl InputFile {
    /// The file's bytes, or why they cannot be had.
    pub fn read(&self) -> Result<Vec<u8>, Diagnostic> {
        let problem =
            |error: std::io::Error| Diagnostic::error("unreadable-file", format!("{}: {error}", self.name));
        let mut bytes = Vec::new();
        let limit = MAX_FILE_BYTES + 1;
        self.open().and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(problem)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            let limit = MAX_FILE_BYTES / (1024 * 1024);
            let message = format!("{}: the file is larger than {limit} MiB", self.name);
            return Err(Diagnostic::error("limit-exceeded", message));
        }
        Ok(bytes)
    }

    /// The file from its beginning; standard input from where it is.
    pub(crate) fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(match self.embedded {
            Some(text) => Box::new(text.as_bytes()),
            None if self.is_stdin() => Box::new(std::io::stdin()),
            None => Box::new(File::open(&self.path)?),
        })
    }

    pub fn is_stdin(&self) -> bool {
        self.path == Path::new("-")
    }
}

/// Finds the files of all paths: a file counts as it is, `-` is standard input, a folder gives its `.yaml`, `.yml` and
/// `.json` files with those of its sub-folders.
///
/// In folders, links are followed, and names that begin with a dot are passed over unless `hidden`. The order is that
/// of the paths, then by name. A file that was found before does not count again. What cannot be read, a path that
/// does not exist and a folder without such files are problems; the rest is found all the same.
pub fn find(paths: &[PathBuf], hidden: bool) -> (Vec<InputFile>, Vec<Diagnostic>) {
    Finder { hidden, ..Finder::default() }.find(paths)
}

/// The same for policies: folders named `testdata` hold what `kordon test` reads and are passed over.
pub fn find_policies(paths: &[PathBuf], hidden: bool) -> (Vec<InputFile>, Vec<Diagnostic>) {
    Finder { hidden, without_tests: true, ..Finder::default() }.find(paths)
}

/// The folder next to a policy with its tests.
pub(crate) const TESTS: &str = "testdata";

#[derive(Default)]
struct Finder {
    hidden: bool,
    without_tests: bool,
    seen: HashSet<PathBuf>,
    files: Vec<InputFile>,
    problems: Vec<Diagnostic>,
}

impl Finder {
    fn find(mut self, paths: &[PathBuf]) -> (Vec<InputFile>, Vec<Diagnostic>) {
        for path in paths {
            self.add(path);
        }
        (self.files, self.problems)
    }

    fn add(&mut self, path: &Path) {
        if path == Path::new("-") {
            return self.push(path, path.to_path_buf(), true);
        }
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => self.walk(path),
            Ok(_) => self.push(path, path.canonicalize().unwrap_or_else(|_| path.to_path_buf()), true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let message = format!("no such file or folder: {}", show(path));
                self.problems.push(Diagnostic::error("missing-path", message));
            }
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn walk(&mut self, folder: &Path) {
        let (hidden, without_tests) = (self.hidden, self.without_tests);
        let shown = |entry: &DirEntry| {
            entry.depth() == 0
                || ((hidden || !is_hidden(entry)) && !(without_tests && entry.file_name() == TESTS))
        };
        let mut candidates = 0_usize;
        for entry in
            WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter().filter_entry(shown)
        {
            match entry {
                Ok(entry) if entry.file_type().is_file() && has_extension(entry.path()) => {
                    candidates += 1;
                    let real = entry.path().canonicalize().unwrap_or_else(|_| entry.path().to_path_buf());
                    self.push(entry.path(), real, false);
                }
                Ok(_) => {}
                Err(error) => {
                    candidates += 1;
                    self.walk_problem(folder, &error);
                }
            }
        }
        if candidates == 0 {
            let message = format!("no .yaml, .yml or .json file in {}", show(folder));
            self.problems.push(Diagnostic::error("empty-folder", message));
        }
    }

    /// A link that leads back to a folder above it adds nothing; anything else hides files.
    fn walk_problem(&mut self, folder: &Path, error: &walkdir::Error) {
        let path = error.path().unwrap_or(folder);
        if let Some(ancestor) = error.loop_ancestor() {
            let message = format!("{}: the link leads back to {}", show(path), show(ancestor));
            self.problems.push(Diagnostic::warning("link-loop", message));
            return;
        }
        match error.io_error() {
            // A broken link with a name that would not be read anyway.
            Some(error) if path.is_symlink() && !has_extension(path) => {
                let message = format!("{}: {error}", show(path));
                self.problems.push(Diagnostic::warning("unreadable-file", message));
            }
            Some(error) => self.unreadable(path, error),
            None => self.problems.push(Diagnostic::error("unreadable-file", error.to_string())),
        }
    }

    fn unreadable(&mut self, path: &Path, error: &std::io::Error) {
        self.problems.push(Diagnostic::error("unreadable-file", format!("{}: {error}", show(path))));
    }

    fn push(&mut self, path: &Path, real: PathBuf, named: bool) {
        if self.seen.insert(real) {
            let name = if path == Path::new("-") { "<stdin>".to_owned() } else { show(path) };
            self.files.push(InputFile { path: path.to_path_buf(), name, named, embedded: None });
        }
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with('.')
}

pub(crate) fn has_extension(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// The same on every system.
pub(crate) fn show(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    match text.strip_prefix("./") {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "a: 1\n").unwrap();
        }
        folder
    }

    fn names(folder: &tempfile::TempDir, files: &[InputFile]) -> Vec<String> {
        let root = show(folder.path());
        files
            .iter()
            .map(|file| file.name.strip_prefix(&root).unwrap().trim_start_matches('/').to_owned())
            .collect()
    }

    #[test]
    fn folders_are_searched_in_order() {
        let folder =
            folder(&["b.yaml", "a/z.YML", "a/b/c.json", "a/notes.md", ".git/x.yaml", ".hidden.yaml"]);
        let (files, problems) = find(&[folder.path().to_path_buf()], false);
        assert_eq!(names(&folder, &files), ["a/b/c.json", "a/z.YML", "b.yaml"]);
        assert_eq!(problems, []);
        let (files, _) = find(&[folder.path().to_path_buf()], true);
        assert_eq!(
            names(&folder, &files),
            [".git/x.yaml", ".hidden.yaml", "a/b/c.json", "a/z.YML", "b.yaml"]
        );
    }

    #[test]
    fn a_missing_path_and_an_empty_folder_do_not_hide_the_rest() {
        let folder = folder(&["a.yaml", "empty/readme.txt"]);
        let paths = ["nowhere", "a.yaml", "empty"].map(|name| folder.path().join(name));
        let (files, problems) = find(&paths, false);
        assert_eq!(names(&folder, &files), ["a.yaml"]);
        assert_eq!(
            problems.iter().map(|problem| problem.code).collect::<Vec<_>>(),
            ["missing-path", "empty-folder"]
        );
    }

    #[test]
    fn a_file_counts_once_and_standard_input_too() {
        let folder = folder(&["a.yaml"]);
        let paths = [folder.path().join("a.yaml"), folder.path().to_path_buf(), "-".into(), "-".into()];
        let (files, problems) = find(&paths, false);
        assert_eq!(files.len(), 2);
        assert_eq!(files[1].name, "<stdin>");
        assert_eq!(problems, []);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_never_round() {
        let folder = folder(&["real/a.yaml"]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("real/up")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("nowhere"), folder.path().join("broken.yaml")).unwrap();
        let (files, problems) = find(&[folder.path().to_path_buf()], false);
        assert_eq!(names(&folder, &files), ["real/a.yaml"]);
        assert_eq!(
            problems.iter().map(|problem| problem.code).collect::<Vec<_>>(),
            ["unreadable-file", "link-loop"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_unicode_are_read() {
        use std::os::unix::ffi::OsStringExt;
        let folder = folder(&[]);
        let name = std::ffi::OsString::from_vec(b"caf\xe9.yaml".to_vec());
        std::fs::write(folder.path().join(name), "a: 1\n").unwrap();
        let (files, problems) = find(&[folder.path().to_path_buf()], false);
        assert_eq!((files.len(), problems.len()), (1, 0));
        assert_eq!(files[0].read().unwrap(), b"a: 1\n");
    }
}
