//! URLs as Go's `net/url` takes them apart and writes them again, with its error texts.

use super::net::parse_address;
use crate::go::{lossy, quoted};

/// A URL in parts. What was escaped is kept decoded, as bytes, because it need not be text.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) scheme: String,
    /// What follows the scheme when that is no path.
    opaque: String,
    /// A name, and a password if there is one.
    user: Option<(Vec<u8>, Option<Vec<u8>>)>,
    host: Vec<u8>,
    path: Vec<u8>,
    raw_path: String,
    pub(super) raw_query: String,
    fragment: Vec<u8>,
    raw_fragment: String,
    /// The text ended in `?`.
    force_query: bool,
    /// There was a path but no authority.
    omit_host: bool,
}

type Parsed<T> = Result<T, String>;

fn wrapped(text: &str, problem: &str) -> String {
    format!("parse {}: {problem}", quoted(text))
}

/// `url.ParseRequestURI`: an absolute URI or an absolute path.
pub(super) fn parse_request_uri(text: &str) -> Parsed<Parts> {
    split(text, true).map_err(|problem| wrapped(text, &problem))
}

/// `url.Parse`
pub(super) fn parse(text: &str) -> Parsed<Parts> {
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    let mut parts = split(before, false).map_err(|problem| wrapped(before, &problem))?;
    parts.fragment = unescape(fragment, Part::Fragment).map_err(|problem| wrapped(text, &problem))?;
    parts.raw_fragment = fragment.to_owned();
    Ok(parts)
}

fn split(text: &str, for_request: bool) -> Parsed<Parts> {
    let mut parts = Parts::default();
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    if text.is_empty() && for_request {
        return Err("empty url".to_owned());
    }
    if text == "*" {
        parts.path = b"*".to_vec();
        return Ok(parts);
    }
    let (scheme, rest) = split_scheme(text)?;
    parts.scheme = scheme.to_ascii_lowercase();
    let mut rest = match rest.strip_suffix('?') {
        Some(before) if !before.contains('?') => {
            parts.force_query = true;
            before
        }
        _ => {
            let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
            parts.raw_query = query.to_owned();
            before
        }
    };
    if !rest.starts_with('/') {
        if !parts.scheme.is_empty() {
            parts.opaque = rest.to_owned();
            return Ok(parts);
        }
        if for_request {
            return Err("invalid URI for request".to_owned());
        }
        if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    let has_authority = !parts.scheme.is_empty() || !for_request && !rest.starts_with("///");
    if let Some(after) = rest.strip_prefix("//").filter(|_| has_authority) {
        let end = after.find('/').unwrap_or(after.len());
        let (authority, path) = after.split_at_checked(end).unwrap_or((after, ""));
        (parts.user, parts.host) = parse_authority(&parts.scheme, authority)?;
        rest = path;
    } else {
        parts.omit_host = !parts.scheme.is_empty();
    }
    parts.path = unescape(rest, Part::Path)?;
    parts.raw_path = rest.to_owned();
    Ok(parts)
}

fn split_scheme(text: &str) -> Parsed<(&str, &str)> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok(text.split_once(':').unwrap_or(("", text))),
            _ => return Ok(("", text)),
        }
    }
    Ok(("", text))
}

type User = (Vec<u8>, Option<Vec<u8>>);

fn parse_authority(scheme: &str, authority: &str) -> Parsed<(Option<User>, Vec<u8>)> {
    let Some((user, host)) = authority.rsplit_once('@') else {
        return Ok((None, parse_host(scheme, authority)?));
    };
    let host = parse_host(scheme, host)?;
    let valid = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !user.chars().all(valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = match user.split_once(':') {
        Some((name, password)) => (name, Some(password)),
        None => (user, None),
    };
    let name = unescape(name, Part::Userinfo)?;
    let password = password.map(|password| unescape(password, Part::Userinfo)).transpose()?;
    Ok((Some((name, password)), host))
}

fn parse_host(scheme: &str, host: &str) -> Parsed<Vec<u8>> {
    let check_port = |port: &str| match is_optional_port(port) {
        true => Ok(()),
        false => Err(format!("invalid port {} after host", quoted(port))),
    };
    match host.rfind('[') {
        Some(0) => {}
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {
            let first = host.find(':');
            // Only http is strict about further colons.
            let colon = if matches!(scheme, "http" | "https") { first } else { host.rfind(':') };
            check_port(colon.and_then(|colon| host.get(colon..)).unwrap_or_default())?;
            return unescape(host, Part::Host);
        }
    }
    let Some((literal, port)) = host.rsplit_once(']') else { return Err("missing ']' in host".to_owned()) };
    check_port(port)?;
    let port = unescape(port, Part::Host)?;
    let literal = literal.get(1..).unwrap_or_default();
    let (address, zone) =
        literal.split_at_checked(literal.find("%25").unwrap_or(literal.len())).unwrap_or((literal, ""));
    let name = [unescape(address, Part::Host)?, unescape(zone, Part::Zone)?].concat();
    let (address, _) = parse_address(&lossy(&name)).map_err(|problem| format!("invalid host: {problem}"))?;
    if address.is_ipv4() {
        return Err("invalid IP-literal".to_owned());
    }
    Ok([b"[".as_slice(), &name, b"]", &port].concat())
}

fn is_optional_port(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Part {
    Host,
    Zone,
    Path,
    Query,
    Userinfo,
    Fragment,
}

impl Part {
    /// Whether a byte stands for itself in this part.
    fn is_plain(self, byte: u8) -> bool {
        let more: &[u8] = match self {
            Part::Host | Part::Zone => b"!\"$&'()*+,:;<=>[]",
            Part::Path => b"$&+,/:;=@",
            Part::Userinfo => b"$&+,;=",
            Part::Query => b"",
            Part::Fragment => b"!$&()*+,/:;=?@",
        };
        byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || more.contains(&byte)
    }
}

/// Decodes percent signs, with net/url's complaints.
pub(super) fn unescape(text: &str, part: Part) -> Parsed<Vec<u8>> {
    let bytes = text.as_bytes();
    let is_host = matches!(part, Part::Host | Part::Zone);
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'%' => {
                let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
                let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
                let Some(code) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                    let bad = bytes.get(at..bytes.len().min(at + 3)).unwrap_or_default();
                    return Err(format!("invalid URL escape {}", crate::go::quoted_bytes(bad)));
                };
                let refused = match part {
                    Part::Host => code < 0x80 && code != b'%',
                    Part::Zone => code != b'%' && code != b' ' && !Part::Host.is_plain(code),
                    _ => false,
                };
                if refused {
                    let escape = text.get(at..at + 3).unwrap_or_default();
                    return Err(format!("invalid URL escape {}", quoted(escape)));
                }
                decoded.push(code);
                at += 3;
            }
            b'+' if part == Part::Query => {
                decoded.push(b' ');
                at += 1;
            }
            _ if is_host && byte < 0x80 && !part.is_plain(byte) => {
                let bad = quoted((byte as char).encode_utf8(&mut [0; 4]));
                return Err(format!("invalid character {bad} in host name"));
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    Ok(decoded)
}

fn escape(bytes: &[u8], part: Part) -> String {
    let mut escaped = String::with_capacity(bytes.len());
    for &byte in bytes {
        if part.is_plain(byte) {
            escaped.push(byte as char);
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// The text as it was escaped, or escaped anew where it was not well.
fn escaped(raw: &str, decoded: &[u8], part: Part) -> String {
    let valid = |byte: u8| b"!$&'()*+,;=:@[]%".contains(&byte) || part.is_plain(byte);
    if raw.bytes().all(valid) { raw.to_owned() } else { escape(decoded, part) }
}

impl Parts {
    pub(super) fn host(&self) -> String {
        lossy(&self.host)
    }

    pub(super) fn escaped_path(&self) -> String {
        if self.path == b"*" { "*".to_owned() } else { escaped(&self.raw_path, &self.path, Part::Path) }
    }

    /// `URL.String`
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        if !self.scheme.is_empty() {
            text.push_str(&self.scheme);
            text.push(':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchy(&mut text);
        } else {
            text.push_str(&self.opaque);
        }
        if self.force_query || !self.raw_query.is_empty() {
            text.push('?');
            text.push_str(&self.raw_query);
        }
        if !self.fragment.is_empty() {
            text.push('#');
            text.push_str(&escaped(&self.raw_fragment, &self.fragment, Part::Fragment));
        }
        text
    }

    fn write_hierarchy(&self, text: &mut String) {
        let has_authority = !self.host.is_empty() || self.user.is_some();
        if has_authority || !self.scheme.is_empty() && !self.omit_host && !self.path.is_empty() {
            text.push_str("//");
        }
        if let Some((name, password)) = &self.user {
            text.push_str(&escape(name, Part::Userinfo));
            if let Some(password) = password {
                text.push(':');
                text.push_str(&escape(password, Part::Userinfo));
            }
            text.push('@');
        }
        text.push_str(&escape(&self.host, Part::Host));
        let path = self.escaped_path();
        if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
            text.push('/');
        }
        if text.is_empty() && path.split('/').next().is_some_and(|segment| segment.contains(':')) {
            text.push_str("./");
        }
        text.push_str(&path);
    }
}
