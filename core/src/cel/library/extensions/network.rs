//! Where the specification's addresses differ from Kubernetes'; not in Kubernetes.

use crate::cel::library::kubernetes::{PARSE, PARSING, ip::to_ip};
use crate::cel::library::{Function, Library, Overload};
use crate::cel::value::{Arena, Ip, Opaque, Result, Val};
use std::net::{IpAddr, Ipv6Addr};

/// Takes the place of Kubernetes' `ip`.
pub fn library() -> Library {
    Library::new(vec![Function::new(
        "ip",
        vec![Overload::new("string_to_ip", "string -> net.IP", parse).costs(PARSE).estimates(PARSING)],
    )])
}

/// `::ffff:c0a8:1` is the IPv4 address that it maps; written with dots it is an error.
fn parse<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let mapped = match args {
        [Val::String(text)] if !text.contains('.') => {
            text.parse::<Ipv6Addr>().ok().and_then(|address| address.to_ipv4_mapped())
        }
        _ => None,
    };
    match mapped {
        Some(address) => Ok(Val::Opaque(Opaque::Ip(arena.alloc(Ip(IpAddr::V4(address)))))),
        None => to_ip(arena, args),
    }
}
