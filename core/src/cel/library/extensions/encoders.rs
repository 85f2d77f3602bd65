//! `base64.encode` and `base64.decode`; not in Kubernetes. Source: cel-go `ext/encoders.go`.

use crate::cel::library::{Function, Library, Overload};
use crate::cel::value::{Error, Val};
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use base64::{DecodeError, Engine};

pub fn library() -> Library {
    Library::new(vec![
        Function::new(
            "base64.decode",
            vec![Overload::new("base64_decode_string", "string -> bytes", |arena, args| {
                let [Val::String(text)] = args else { return Err(Error::NoSuchOverload) };
                match STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)) {
                    Ok(bytes) => Ok(Val::Bytes(arena.alloc_slice_copy(&bytes))),
                    Err(error) => {
                        let at = match error {
                            DecodeError::InvalidByte(at, _) | DecodeError::InvalidLastSymbol(at, _) => at,
                            _ => text.len(),
                        };
                        Err(Error::message(arena, format_args!("illegal base64 data at input byte {at}")))
                    }
                }
            })],
        ),
        Function::new(
            "base64.encode",
            vec![Overload::new("base64_encode_bytes", "bytes -> string", |arena, args| {
                let [Val::Bytes(bytes)] = args else { return Err(Error::NoSuchOverload) };
                Ok(Val::String(arena.alloc_str(&STANDARD.encode(bytes))))
            })],
        ),
    ])
}
