//! URLs. Source: apiserver `library/urls.go` over Go's net/url.

use super::PARSE;
use super::net_url::{Part, parse, parse_request_uri, unescape};
use crate::cel::estimate::CallEstimate;
use crate::cel::library::{Function, Library, Overload};
use crate::cel::value::{Arena, Error, List, Map, Opaque, Result, Url, Val};
use crate::go::lossy;

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
    match parse_request_uri(text).and_then(|_| parse(text)) {
        Ok(parts) => Ok(Val::Opaque(Opaque::Url(arena.alloc(Url {
            text: arena.alloc_str(&parts.text()),
            scheme: arena.alloc_str(&parts.scheme),
            host: arena.alloc_str(&parts.host()),
            escaped_path: arena.alloc_str(&parts.escaped_path()),
            raw_query: arena.alloc_str(&parts.raw_query),
        })))),
        Err(message) => Err(Error::message(
            arena,
            format_args!("URL parse error during conversion from string: {message}"),
        )),
    }
}

fn split_port(host: &str) -> (&str, &str) {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port),
        _ => (host, ""),
    };
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    (bare.unwrap_or(name), port)
}

fn query<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let mut found: Vec<(String, Vec<Val<'a>>)> = Vec::new();
    for pair in url(args)?.raw_query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';')) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Ok(key), Ok(value)) = (unescape(key, Part::Query), unescape(value, Part::Query)) else {
            continue;
        };
        let (key, value) = (lossy(&key), Val::String(arena.alloc_str(&lossy(&value))));
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
