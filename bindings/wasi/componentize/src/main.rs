//! `componentize MODULE OUT`: a component of a module that already says by itself what it exports.

use std::error::Error;
use wit_component::ComponentEncoder;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(module), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: componentize MODULE OUT".into());
    };
    let mut encoder = ComponentEncoder::default().validate(true).module(&std::fs::read(module)?)?;
    std::fs::write(out, encoder.encode()?)?;
    Ok(())
}
