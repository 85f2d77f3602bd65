//! `bindgen MODULE FOLDER`: the JavaScript and the types around a module, for Node in FOLDER/nodejs and for browsers in
//! FOLDER/web.

use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(module), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bindgen MODULE FOLDER".into());
    };
    for target in ["nodejs", "web"] {
        let mut bindgen = Bindgen::new();
        bindgen.input_path(&module).out_name("kordon").typescript(true);
        bindgen.omit_default_module_path(false).remove_name_section(true).remove_producers_section(true);
        match target {
            "web" => bindgen.web(true)?,
            _ => bindgen.nodejs(true)?,
        };
        bindgen.generate(Path::new(&folder).join(target)).map_err(|error| error.to_string())?;
    }
    Ok(())
}
