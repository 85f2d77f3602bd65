//! Addresses and prefixes as Go's `net/netip` reads them, with its error texts.

use crate::cel::value::{Cidr, Ip};
use crate::go;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address without zone that is no IPv4 address in IPv6 clothes.
pub(super) fn parse_ip(text: &str) -> Result<Ip, String> {
    let quoted = go::quoted(text);
    let (address, zone) = parse_address(text)
        .map_err(|error| format!("IP Address {quoted} parse error during conversion from string: {error}"))?;
    if zone {
        return Err(format!("IP address {quoted} with zone value is not allowed"));
    }
    if is_mapped(address) {
        return Err(format!("IPv4-mapped IPv6 address {quoted} is not allowed"));
    }
    Ok(Ip(address))
}

/// An address with a prefix length; the bits behind the prefix may be set.
pub(super) fn parse_cidr(text: &str) -> Result<Cidr, String> {
    let quoted = go::quoted(text);
    let fail = |message: &str| {
        format!(
            "network address parse error during conversion from string: netip.ParsePrefix({quoted}): {message}"
        )
    };
    let Some((address, bits)) = text.rsplit_once('/') else { return Err(fail("no '/'")) };
    let (ip, zone) = parse_address(address).map_err(|error| fail(&error))?;
    if ip.is_ipv6() && zone {
        return Err(fail("IPv6 zones cannot be present in a prefix"));
    }
    let plain = !bits.is_empty()
        && bits.bytes().all(|byte| byte.is_ascii_digit())
        && !(bits.len() > 1 && bits.starts_with('0'));
    let prefix: Option<u32> = if plain { bits.parse().ok() } else { None };
    let Some(prefix) = prefix else {
        return Err(fail(&format!("bad bits after slash: {}", go::quoted(bits))));
    };
    let most = if ip.is_ipv4() { 32 } else { 128 };
    if prefix > most {
        return Err(fail("prefix length out of range"));
    }
    if is_mapped(ip) {
        return Err(format!("IPv4-mapped IPv6 address {quoted} is not allowed"));
    }
    Ok(Cidr { ip, prefix: prefix as u8 })
}

fn is_mapped(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
}

/// The address as Go writes it.
pub(crate) fn ip_text(address: IpAddr) -> String {
    address.to_string()
}

pub(crate) fn parse_address(text: &str) -> Result<(IpAddr, bool), String> {
    let fail = |message: &str| format!("ParseAddr({}): {message}", go::quoted(text));
    match text.bytes().find(|byte| matches!(byte, b'.' | b':' | b'%')) {
        Some(b'.') => {
            parse_v4(text).map(|address| (IpAddr::V4(address), false)).map_err(|problem| fail(&problem))
        }
        Some(b':') => parse_v6(text)
            .map(|(address, zone)| (IpAddr::V6(address), zone))
            .map_err(|problem| fail(&problem)),
        Some(_) => Err(fail("missing IPv6 address")),
        None => Err(fail("unable to parse IP")),
    }
}

fn at(message: &str, rest: &str) -> String {
    format!("{message} (at {})", go::quoted(rest))
}

fn parse_v4(text: &str) -> Result<Ipv4Addr, String> {
    let mut fields = [0_u8; 4];
    let (mut value, mut position, mut digits) = (0_u32, 0_usize, 0_usize);
    for (index, byte) in text.bytes().enumerate() {
        let rest = || text.get(index..).unwrap_or_default();
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return Err("IPv4 field has octet with leading zero".to_owned());
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Err("IPv4 field has value >255".to_owned());
                }
            }
            b'.' => {
                if index == 0 || index + 1 == text.len() || text.as_bytes().get(index - 1) == Some(&b'.') {
                    return Err(at("IPv4 field must have at least one digit", rest()));
                }
                if position == 3 {
                    return Err("IPv4 address too long".to_owned());
                }
                if let Some(field) = fields.get_mut(position) {
                    *field = value as u8;
                }
                position += 1;
                (value, digits) = (0, 0);
            }
            _ => return Err(at("unexpected character", rest())),
        }
    }
    if position < 3 {
        return Err("IPv4 address too short".to_owned());
    }
    let [a, b, c, _] = fields;
    Ok(Ipv4Addr::new(a, b, c, value as u8))
}

fn parse_v6(text: &str) -> Result<(Ipv6Addr, bool), String> {
    let (mut rest, zone) = match text.split_once('%') {
        Some((_, "")) => return Err("zone must be a non-empty string".to_owned()),
        Some((address, _)) => (address, true),
        None => (text, false),
    };
    let mut bytes: Vec<u8> = Vec::with_capacity(16);
    let mut ellipsis = None;
    if let Some(after) = rest.strip_prefix("::") {
        ellipsis = Some(0);
        rest = after;
        if rest.is_empty() {
            return Ok((Ipv6Addr::UNSPECIFIED, zone));
        }
    }
    while bytes.len() < 16 {
        let length = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        if length > 4 {
            return Err(at("each group must have 4 or less digits", rest));
        }
        if length == 0 {
            return Err(at("each colon-separated field must have at least one digit", rest));
        }
        let (digits, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if after.starts_with('.') {
            if ellipsis.is_none() && bytes.len() != 12 {
                return Err(at("embedded IPv4 address must replace the final 2 fields of the address", rest));
            }
            if bytes.len() + 4 > 16 {
                return Err(at(
                    "too many hex fields to fit an embedded IPv4 at the end of the address",
                    rest,
                ));
            }
            bytes.extend(parse_v4(rest)?.octets());
            rest = "";
            break;
        }
        bytes.extend(u16::from_str_radix(digits, 16).unwrap_or(0).to_be_bytes());
        rest = after;
        if rest.is_empty() {
            break;
        }
        let Some(after) = rest.strip_prefix(':') else {
            return Err(at("unexpected character, want colon", rest));
        };
        if after.is_empty() {
            return Err(at("colon must be followed by more characters", rest));
        }
        rest = after;
        if let Some(after) = rest.strip_prefix(':') {
            if ellipsis.is_some() {
                return Err(at("multiple :: in address", rest));
            }
            ellipsis = Some(bytes.len());
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    }
    if !rest.is_empty() {
        return Err(at("trailing garbage after address", rest));
    }
    if bytes.len() < 16 {
        let Some(at) = ellipsis else { return Err("address string too short".to_owned()) };
        let zeros = vec![0_u8; 16 - bytes.len()];
        bytes.splice(at..at, zeros);
    } else if ellipsis.is_some() {
        return Err("the :: must expand to at least one field of zeros".to_owned());
    }
    let octets: [u8; 16] = bytes.try_into().unwrap_or([0; 16]);
    Ok((Ipv6Addr::from(octets), zone))
}
