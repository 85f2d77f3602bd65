//! The playground: one page, built and tested in the browser that people have.

use crate::bindings::{absolute, copy, run_in, wasm_package};
use crate::run::{Outcome, root, target, works};
use crate::test::skip;
use std::path::Path;

/// Where Chromium may be.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Builds the page and tries it.
pub(crate) fn playground() -> Outcome {
    let Some(package) = wasm_package("the playground")? else { return Ok(()) };
    let folder = target().join("bindings/playground");
    for part in ["src", "tests", "welcome"] {
        let _ = std::fs::remove_dir_all(folder.join(part));
    }
    copy_folder(&root().join("bindings/wasm/playground"), &folder)?;
    if run_in(&folder, "npm", &["ci", "--no-audit", "--no-fund", "--silent"], &[]).is_err() {
        skip("CodeMirror and esbuild from npm", "the playground");
        return Ok(());
    }
    let (package, policies) = (absolute(&package), absolute(&root().join("policies")));
    run_in(&folder, "node", &["build.mjs", &package, &policies, "out/kordon-playground.html"], &[])?;
    let test = ["--test", "--test-reporter", "dot"];
    run_in(&folder, "node", &[&test[..], &["tests/texts.test.mjs"]].concat(), &[])?;
    let Some(browser) = BROWSERS.into_iter().find(|name| works(name, &["--version"])) else {
        skip("chromium", "the tests of the playground in a browser");
        return Ok(());
    };
    let page = absolute(&folder.join("out/kordon-playground.html"));
    let environment = [("KORDON_PAGE", page), ("KORDON_CHROMIUM", path_of(browser))];
    run_in(&folder, "node", &[&test[..], &["tests/page.test.mjs"]].concat(), &environment)
}

/// The file that a command is.
fn path_of(command: &str) -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut files = std::env::split_paths(&path).map(|folder| folder.join(command));
    files.find(|file| file.is_file()).map(|file| absolute(&file)).unwrap_or_default()
}

fn copy_folder(from: &Path, to: &Path) -> Outcome {
    let entries = std::fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))?;
    for entry in entries.flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy_folder(&from, &to)? } else { copy(&from, &to)? }
    }
    Ok(())
}
