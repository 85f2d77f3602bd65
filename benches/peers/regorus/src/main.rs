//! Every document of some files against one Rego policy, one after the other, with regorus: `regorus-scan POLICY FOLDER`.
//!
//! What is denied is printed as it is found, without places, which regorus does not know.

use regorus::{Engine, Value};
use std::io::{self, Write};
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [policy, folder] = arguments.as_slice() else { return Err("usage: regorus-scan POLICY FOLDER".into()) };
    let mut engine = Engine::new();
    engine.add_policy_from_file(policy).map_err(|error| error.to_string())?;
    let mut files: Vec<PathBuf> = if folder.is_dir() {
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?
    } else {
        vec![folder.clone()]
    };
    files.sort();
    let mut out = io::stdout().lock();
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        for document in text.split("\n---\n") {
            let input = Value::from_yaml_str(document).map_err(|error| error.to_string())?;
            engine.set_input(input);
            let denied = engine.eval_rule("data.main.deny".to_owned()).map_err(|error| error.to_string())?;
            let Ok(denied) = denied.as_set() else { continue };
            for message in denied {
                writeln!(out, "{}: {message}", file.display())?;
            }
        }
    }
    Ok(())
}
