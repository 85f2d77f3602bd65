//! IP addresses. Source: apiserver `library/ip.go`.

use super::net::{ip_text, parse_ip};
use super::{PARSE, PARSING};
use crate::cel::estimate::CallEstimate;
use crate::cel::library::{CallCost, Function, Library, Overload};
use crate::cel::value::{Arena, Error, Opaque, Result, Val};
use std::net::IpAddr;

/// Since 1.30.
pub fn library() -> Library {
    let o = Overload::new;
    let test = |name, id, body| Function::new(name, vec![o(id, "net.IP.() -> bool", body)]);
    Library::new(vec![
        Function::new(
            "ip",
            vec![o("string_to_ip", "string -> net.IP", to_ip).costs(PARSE).estimates(PARSING)],
        ),
        Function::new(
            "family",
            vec![o("ip_family", "net.IP.() -> int", |_, args| {
                Ok(Val::Int(if address(args)?.is_ipv4() { 4 } else { 6 }))
            })],
        ),
        Function::new(
            "ip.isCanonical",
            vec![
                o("ip_is_canonical", "string -> bool", is_canonical)
                    .costs(TWICE)
                    .estimates(|call| Some(CallEstimate::costs(call.arg_size(0)?.at(0.2)))),
            ],
        ),
        test("isUnspecified", "ip_is_unspecified", |_, args| Ok(Val::Bool(address(args)?.is_unspecified()))),
        test("isLoopback", "ip_is_loopback", |_, args| Ok(Val::Bool(address(args)?.is_loopback()))),
        test("isLinkLocalMulticast", "ip_is_link_local_multicast", |_, args| {
            Ok(Val::Bool(is_link_local_multicast(address(args)?)))
        }),
        test("isLinkLocalUnicast", "ip_is_link_local_unicast", |_, args| {
            Ok(Val::Bool(is_link_local_unicast(address(args)?)))
        }),
        test("isGlobalUnicast", "ip_is_global_unicast", |_, args| {
            let address = address(args)?;
            let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
            let special = address.is_unspecified() || address.is_loopback() || address.is_multicast();
            Ok(Val::Bool(!(broadcast || special || is_link_local_unicast(address))))
        }),
        Function::new(
            "isIP",
            vec![
                o("is_ip", "string -> bool", |_, args| match args {
                    [Val::String(text)] => Ok(Val::Bool(parse_ip(text).is_ok())),
                    _ => Err(Error::NoSuchOverload),
                })
                .costs(PARSE)
                .estimates(PARSING),
            ],
        ),
        Function::new(
            "string",
            vec![o("ip_to_string", "net.IP -> string", |arena, args| {
                Ok(Val::String(arena.alloc_str(&ip_text(address(args)?))))
            })],
        ),
    ])
}

const TWICE: CallCost = |args, _| (args.first().map_or(1, Val::actual_size) as u64 * 2).div_ceil(10);

fn address<'a>(args: &[Val<'a>]) -> Result<'a, IpAddr> {
    match args {
        [Val::Opaque(Opaque::Ip(ip))] => Ok(ip.0),
        _ => Err(Error::NoSuchOverload),
    }
}

pub(crate) fn to_ip<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::String(text)] = args else { return Err(Error::NoSuchOverload) };
    match parse_ip(text) {
        Ok(ip) => Ok(Val::Opaque(Opaque::Ip(arena.alloc(ip)))),
        Err(message) => Err(Error::message(arena, format_args!("{message}"))),
    }
}

fn is_canonical<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::String(text)] = args else { return Err(Error::NoSuchOverload) };
    match parse_ip(text) {
        Ok(ip) => Ok(Val::Bool(ip_text(ip.0) == *text)),
        Err(message) => Err(Error::message(arena, format_args!("{message}"))),
    }
}

fn is_link_local_unicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

fn is_link_local_multicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => matches!(address.octets(), [224, 0, 0, _]),
        IpAddr::V6(address) => address.segments().first().is_some_and(|segment| segment & 0xff0f == 0xff02),
    }
}
