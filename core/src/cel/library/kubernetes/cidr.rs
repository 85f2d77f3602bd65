//! Networks. Source: apiserver `library/cidr.go`.

use super::net::{ip_text, parse_cidr, parse_ip};
use super::{PARSE, PARSING};
use crate::cel::estimate::{Call, CallEstimate, CostEstimate};
use crate::cel::library::standard::traversal;
use crate::cel::library::{CallCost, Function, Library, Overload};
use crate::cel::value::{Arena, Cidr, Error, Ip, Opaque, Result, Val};
use std::net::IpAddr;

/// Since 1.30.
pub fn library() -> Library {
    let o = Overload::new;
    Library::new(vec![
        Function::new(
            "cidr",
            vec![o("string_to_cidr", "string -> net.CIDR", to_cidr).costs(PARSE).estimates(PARSING)],
        ),
        Function::new(
            "containsIP",
            vec![
                o("cidr_contains_ip_string", "net.CIDR.(string) -> bool", contains_ip)
                    .costs(CONTAINS_IP_STRING)
                    .estimates(|call| Some(CallEstimate::costs(IP_COMPARED + parsed(call)?))),
                o("cidr_contains_ip_ip", "net.CIDR.(net.IP) -> bool", contains_ip)
                    .costs(CONTAINS_IP)
                    .estimates(|_| Some(CallEstimate::costs(IP_COMPARED))),
            ],
        ),
        Function::new(
            "containsCIDR",
            vec![
                o("cidr_contains_cidr_string", "net.CIDR.(string) -> bool", contains_cidr)
                    .costs(CONTAINS_CIDR_STRING)
                    .estimates(|call| Some(CallEstimate::costs(CIDR_COMPARED + parsed(call)?))),
                o("cidr_contains_cidr", "net.CIDR.(net.CIDR) -> bool", contains_cidr)
                    .costs(CONTAINS_CIDR)
                    .estimates(|_| Some(CallEstimate::costs(CIDR_COMPARED))),
            ],
        ),
        Function::new(
            "ip",
            vec![o("cidr_ip", "net.CIDR.() -> net.IP", |arena, args| {
                Ok(Val::Opaque(Opaque::Ip(arena.alloc(Ip(network(args)?.ip)))))
            })],
        ),
        Function::new(
            "prefixLength",
            vec![o("cidr_prefix_length", "net.CIDR.() -> int", |_, args| {
                Ok(Val::Int(i64::from(network(args)?.prefix)))
            })],
        ),
        Function::new(
            "masked",
            vec![o("cidr_masked", "net.CIDR.() -> net.CIDR", |arena, args| {
                Ok(Val::Opaque(Opaque::Cidr(arena.alloc(masked(network(args)?)))))
            })],
        ),
        Function::new(
            "isCIDR",
            vec![
                o("is_cidr", "string -> bool", |_, args| match args {
                    [Val::String(text)] => Ok(Val::Bool(parse_cidr(text).is_ok())),
                    _ => Err(Error::NoSuchOverload),
                })
                .costs(PARSE)
                .estimates(PARSING),
            ],
        ),
        Function::new(
            "string",
            vec![o("cidr_to_string", "net.CIDR -> string", |arena, args| {
                let network = network(args)?;
                Ok(Val::String(arena.alloc_str(&format!("{}/{}", ip_text(network.ip), network.prefix))))
            })],
        ),
    ])
}

/// Two addresses of 4 to 16 bytes, each walked over.
const IP_COMPARED: CostEstimate = CostEstimate::new(1, 4);

/// The same, with the address masked, and the masks compared.
const CIDR_COMPARED: CostEstimate = CostEstimate::new(1 + 1 + 1, 4 + 2 + 1);

/// Parsing the argument.
fn parsed(call: &Call<'_>) -> Option<CostEstimate> {
    Some(call.arg_size(0)?.at(0.1))
}

/// Since 1.38.
pub fn is_mask() -> Library {
    let body = |_: &_, args: &[Val<'_>]| match args {
        [Val::Opaque(Opaque::Cidr(network))] => Ok(Val::Bool(masked(**network) == **network)),
        _ => Err(Error::NoSuchOverload),
    };
    Library::new(vec![Function::new(
        "isMask",
        vec![Overload::new("cidr_is_mask", "net.CIDR.() -> bool", body)],
    )])
}

fn bytes(value: Option<&Val<'_>>) -> usize {
    value.map_or(1, Val::actual_size)
}

const CONTAINS_IP: CallCost = |args, _| traversal(2 * bytes(args.first()));
const CONTAINS_IP_STRING: CallCost =
    |args, _| traversal(2 * bytes(args.first())) + traversal(bytes(args.get(1)));
const CONTAINS_CIDR: CallCost =
    |args, _| traversal(2 * bytes(args.first())) + traversal(bytes(args.first())) + 1;
const CONTAINS_CIDR_STRING: CallCost = |args, _| {
    traversal(2 * bytes(args.first())) + traversal(bytes(args.first())) + 1 + traversal(bytes(args.get(1)))
};

fn network<'a>(args: &[Val<'a>]) -> Result<'a, Cidr> {
    match args.first() {
        Some(Val::Opaque(Opaque::Cidr(network))) => Ok(**network),
        _ => Err(Error::NoSuchOverload),
    }
}

fn to_cidr<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::String(text)] = args else { return Err(Error::NoSuchOverload) };
    Ok(Val::Opaque(Opaque::Cidr(arena.alloc(parse(arena, text)?))))
}

fn parse<'a>(arena: &'a Arena, text: &str) -> Result<'a, Cidr> {
    parse_cidr(text).map_err(|message| {
        Error::message(
            arena,
            format_args!("network address parse error during conversion from string: {message}"),
        )
    })
}

fn contains_ip<'a>(_: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let network = network(args)?;
    let address = match args.get(1) {
        Some(Val::Opaque(Opaque::Ip(ip))) => ip.0,
        // What is wrong with the text gets lost in the API server too.
        Some(Val::String(text)) => parse_ip(text).map_err(|_| Error::NoSuchOverload)?.0,
        _ => return Err(Error::NoSuchOverload),
    };
    Ok(Val::Bool(same_prefix(network.ip, address, network.prefix)))
}

fn contains_cidr<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let network = network(args)?;
    let other = match args.get(1) {
        Some(Val::Opaque(Opaque::Cidr(other))) => **other,
        Some(Val::String(text)) => parse(arena, text)?,
        _ => return Err(Error::NoSuchOverload),
    };
    let inside = network.prefix <= other.prefix && same_prefix(network.ip, other.ip, network.prefix);
    Ok(Val::Bool(inside))
}

/// Whether two addresses of one family agree in their first bits.
fn same_prefix(a: IpAddr, b: IpAddr, prefix: u8) -> bool {
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            (a.to_bits() ^ b.to_bits()).checked_shr(32 - u32::from(prefix)).unwrap_or(0) == 0
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            (a.to_bits() ^ b.to_bits()).checked_shr(128 - u32::from(prefix)).unwrap_or(0) == 0
        }
        _ => false,
    }
}

fn masked(network: Cidr) -> Cidr {
    let ip = match network.ip {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(network.prefix)).unwrap_or(0);
            IpAddr::V4((ip.to_bits() & mask).into())
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(network.prefix)).unwrap_or(0);
            IpAddr::V6((ip.to_bits() & mask).into())
        }
    };
    Cidr { ip, ..network }
}
