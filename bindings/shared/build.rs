//! Writes down the policies of `policies/`, so that the command carries them with it.

use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let root =
        PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("../../policies");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut table = String::from("&[\n");
    for pack in folders(&root)? {
        for policy in folders(&pack)? {
            let readme = policy.join("README.md");
            let texts = ["policy.yaml", "rule.yaml"].map(|file| policy.join(file));
            if let (Some(text), true) = (texts.iter().find(|text| text.is_file()), readme.is_file()) {
                let entry = format!(
                    "({:?}, {:?}, {:?}, include_str!({text:?}), include_str!({readme:?})),",
                    name(&pack),
                    name(&policy),
                    name(text)
                );
                writeln!(table, "{entry}").map_err(io::Error::other)?;
            }
        }
    }
    table.push_str("]\n");
    let out = PathBuf::from(std::env::var("OUT_DIR").map_err(io::Error::other)?);
    std::fs::write(out.join("packs.rs"), table)
}

fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
