//! URLs. Source: apiserver `library/urls.go` over Go's net/url.

use super::PARSE;
use crate::cel::estimate::CallEstimate;
use crate::cel::library::{Function, Library, Overload};
use crate::cel::value::{Arena, Error, List, Map, Opaque, Result, Url, Val};
use crate::go::quoted;

/// In all versions.
pub fn library() -> Library {
    let o = Overload::new;
    let part = |name, id, body| Function::new(name, vec![o(id, "kubernetes.URL.() -> string", body)]);
    Library::new(vec![
        Function::new(
            "url",
            vec![o("string_to_url", "string -> kubernetes.URL", to_url).costs(PARSE).estimates(|call| {
                let size = call.arg_size(0)?;
                Some(CallEstimate::costs(size.at(0.1)).giving(size))
            })],
        ),
        Function::new(
            "isURL",
            vec![o("is_url_string", "string -> bool", |_, args| match args {
                [Val::String(text)] => Ok(Val::Bool(parse_request_uri(text).is_ok())),
                _ => Err(Error::NoSuchOverload),
            })],
        ),
        part("getScheme", "url_get_scheme", |_, args| Ok(Val::String(url(args)?.scheme))),
        part("getHost", "url_get_host", |_, args| Ok(Val::String(url(args)?.host))),
        part("getHostname", "url_get_hostname", |_, args| Ok(Val::String(split_port(url(args)?.host).0))),
        part("getPort", "url_get_port", |_, args| Ok(Val::String(split_port(url(args)?.host).1))),
        part("getEscapedPath", "url_get_escaped_path", |_, args| Ok(Val::String(url(args)?.escaped_path))),
        Function::new(
            "getQuery",
            vec![o("url_get_query", "kubernetes.URL.() -> map(string, list(string))", query)],
        ),
    ])
}

fn url<'a>(args: &[Val<'a>]) -> Result<'a, &'a Url<'a>> {
    match args {
        [Val::Opaque(Opaque::Url(url))] => Ok(url),
        _ => Err(Error::NoSuchOverload),
    }
}

fn to_url<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::String(text)] = args else { return Err(Error::NoSuchOverload) };
    let parsed = parse_request_uri(text).and_then(|_| {
        let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
        unescape(fragment, Part::Fragment).map_err(|problem| wrapped(text, &problem))?;
        parse(before, false).map_err(|problem| wrapped(text, &problem))
    });
    match parsed {
        Ok(parts) => Ok(Val::Opaque(Opaque::Url(arena.alloc(Url {
            text: arena.alloc_str(&written_again(text, &parts.scheme)),
            scheme: arena.alloc_str(&parts.scheme),
            host: arena.alloc_str(&parts.host),
            escaped_path: arena.alloc_str(&parts.escaped_path),
            raw_query: arena.alloc_str(&parts.raw_query),
        })))),
        Err(message) => Err(Error::message(
            arena,
            format_args!("URL parse error during conversion from string: {message}"),
        )),
    }
}

/// The text of the parsed URL: the scheme in small letters, no empty fragment.
fn written_again(text: &str, scheme: &str) -> String {
    let rest = text.get(scheme.len()..).unwrap_or_default();
    format!("{scheme}{}", rest.strip_suffix('#').filter(|before| !before.contains('#')).unwrap_or(rest))
}

struct Parts {
    scheme: String,
    host: String,
    escaped_path: String,
    raw_query: String,
}

fn wrapped(text: &str, problem: &str) -> String {
    format!("parse {}: {problem}", quoted(text))
}

/// Go's `url.ParseRequestURI`: an absolute URI or an absolute path.
pub(super) fn parse_request_uri(text: &str) -> std::result::Result<(), String> {
    parse(text, true).map(|_| ()).map_err(|problem| wrapped(text, &problem))
}

fn parse(text: &str, for_request: bool) -> std::result::Result<Parts, String> {
    let mut parts = Parts {
        scheme: String::new(),
        host: String::new(),
        escaped_path: String::new(),
        raw_query: String::new(),
    };
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    if text.is_empty() && for_request {
        return Err("empty url".to_owned());
    }
    if text == "*" {
        parts.escaped_path = "*".to_owned();
        return Ok(parts);
    }
    let (scheme, rest) = split_scheme(text)?;
    parts.scheme = scheme.to_ascii_lowercase();
    let (mut rest, raw_query) = match rest.strip_suffix('?') {
        Some(before) if !before.contains('?') => (before, ""),
        _ => rest.split_once('?').unwrap_or((rest, "")),
    };
    parts.raw_query = raw_query.to_owned();
    if !rest.starts_with('/') {
        if !parts.scheme.is_empty() {
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
        parts.host = authority_host(authority)?;
        rest = path;
    }
    parts.escaped_path = escaped_path(rest)?;
    Ok(parts)
}

fn split_scheme(text: &str) -> std::result::Result<(&str, &str), String> {
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

fn authority_host(authority: &str) -> std::result::Result<String, String> {
    let Some((user, host)) = authority.rsplit_once('@') else { return parse_host(authority) };
    let host = parse_host(host)?;
    let valid = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !user.chars().all(valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    unescape(user, Part::Userinfo)?;
    Ok(host)
}

fn parse_host(host: &str) -> std::result::Result<String, String> {
    let invalid_port = |port: &str| format!("invalid port {} after host", quoted(port));
    if let Some(open) = host.find('[') {
        let Some(close) = host.rfind(']') else { return Err("missing ']' in host".to_owned()) };
        let port = host.get(close + 1..).unwrap_or_default();
        if !is_optional_port(port) {
            return Err(invalid_port(port));
        }
        let literal = host.get(open + 1..close).unwrap_or_default();
        let address = literal.split('%').next().unwrap_or_default();
        if open != 0 || address.parse::<std::net::Ipv6Addr>().is_err() {
            return Err("invalid host".to_owned());
        }
        return unescape(host, Part::Host);
    }
    if let Some(colon) = host.find(':') {
        let port = host.get(colon..).unwrap_or_default();
        if !is_optional_port(port) {
            return Err(invalid_port(port));
        }
    }
    unescape(host, Part::Host)
}

fn is_optional_port(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn split_port(host: &str) -> (&str, &str) {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port),
        _ => (host, ""),
    };
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    (bare.unwrap_or(name), port)
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Host,
    Path,
    Query,
    Userinfo,
    Fragment,
}

/// Decodes percent signs, with net/url's complaints.
fn unescape(text: &str, part: Part) -> std::result::Result<String, String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'%' => {
                let digits =
                    text.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
                let Some(code) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                    let bad: String = text.get(at..).unwrap_or_default().chars().take(3).collect();
                    return Err(format!("invalid URL escape {}", quoted(&bad)));
                };
                if part == Part::Host && code < 0x80 && code != b'%' {
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
            _ => {
                let allowed = byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte);
                if part == Part::Host && byte < 0x80 && !allowed {
                    let bad = quoted((byte as char).encode_utf8(&mut [0; 4]));
                    return Err(format!("invalid character {bad} in host name"));
                }
                decoded.push(byte);
                at += 1;
            }
        }
    }
    Ok(String::from_utf8_lossy(&decoded).into_owned())
}

/// The path as it was escaped, or escaped anew where it was not well.
fn escaped_path(path: &str) -> std::result::Result<String, String> {
    let decoded = unescape(path, Part::Path)?;
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte);
    if path.bytes().all(|byte| unreserved(byte) || b"!'()*[]%".contains(&byte)) {
        return Ok(path.to_owned());
    }
    let mut escaped = String::with_capacity(decoded.len());
    for byte in decoded.bytes() {
        if unreserved(byte) {
            escaped.push(byte as char);
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(escaped)
}

fn query<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let mut found: Vec<(String, Vec<Val<'a>>)> = Vec::new();
    for pair in url(args)?.raw_query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';')) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Ok(key), Ok(value)) = (unescape(key, Part::Query), unescape(value, Part::Query)) else {
            continue;
        };
        let value = Val::String(arena.alloc_str(&value));
        match found.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => found.push((key, vec![value])),
        }
    }
    let entries: Vec<(Val<'a>, Val<'a>)> = found
        .iter()
        .map(|(key, values)| {
            let list = List::Slice(arena.alloc_slice_copy(values));
            (Val::String(arena.alloc_str(key)), Val::List(list))
        })
        .collect();
    Ok(Val::Map(Map::new(&entries, arena)))
}
