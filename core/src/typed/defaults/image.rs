//! Names of images. Source: `github.com/distribution/reference`, `github.com/opencontainers/go-digest`.

/// Whether an image is pulled always unless something else is said: its tag is `latest`, written or meant.
/// Names that cannot be read count as not. Source: kubernetes `pkg/util/parsers` `ParseImageName`.
pub(super) fn is_latest(image: &str) -> bool {
    if image.len() == 64 && image.bytes().all(|byte| matches!(byte, b'a'..=b'f' | b'0'..=b'9')) {
        return false;
    }
    let (domain, remainder, in_library) = split_domain(image);
    let remote = remainder.split(':').next().unwrap_or_default();
    if has_capitals(remote) || !is_domain(domain) {
        return false;
    }
    let (rest, digest) = match remainder.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (remainder, None),
    };
    let (path, tag) = match rest.split_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (rest, None),
    };
    if !path.split('/').all(is_component)
        || path.len() + if in_library { "library/".len() } else { 0 } > 255
        || tag.is_some_and(|tag| !is_tag(tag))
    {
        return false;
    }
    match (tag, digest) {
        (_, Some(digest)) if !is_digest(digest) => false,
        (Some(tag), _) => tag == "latest",
        (None, digest) => digest.is_none(),
    }
}

/// Domain and name, and whether the name is one of Docker's library.
fn split_domain(name: &str) -> (&str, &str, bool) {
    let Some((domain, rest)) = name.split_once('/') else { return ("docker.io", name, true) };
    let domain = match domain {
        "index.docker.io" => "docker.io",
        "localhost" => domain,
        _ if domain.contains(['.', ':']) || has_capitals(domain) => domain,
        _ => return ("docker.io", name, false),
    };
    (domain, rest, domain == "docker.io" && !rest.contains('/'))
}

/// Letters beyond ASCII are refused anyway.
fn has_capitals(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_domain(domain: &str) -> bool {
    let (host, port) = match domain.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (domain, None),
    };
    if port.is_some_and(|port| port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit())) {
        return false;
    }
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
    }
    host.split('.').all(|part| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    })
}

/// Small letters and digits, with `.`, `_`, `__` or any number of `-` between them.
fn is_component(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let mut separator = String::new();
    let mut plain = false;
    for &byte in bytes {
        if is_plain(byte) {
            let joins = separator.is_empty()
                || matches!(separator.as_str(), "." | "_" | "__")
                || separator.bytes().all(|byte| byte == b'-');
            if !joins || !separator.is_empty() && !plain {
                return false;
            }
            separator.clear();
            plain = true;
        } else if matches!(byte, b'.' | b'_' | b'-') {
            separator.push(char::from(byte));
        } else {
            return false;
        }
    }
    plain && separator.is_empty()
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(is_word)
        && text.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    let length = match text.split_once(':') {
        Some(("sha256", _)) => 64,
        Some(("sha384", _)) => 96,
        Some(("sha512", _)) => 128,
        _ => return false,
    };
    let hex = text.split_once(':').map_or("", |(_, hex)| hex);
    hex.len() == length && hex.bytes().all(|byte| matches!(byte, b'a'..=b'f' | b'0'..=b'9'))
}

#[cfg(test)]
mod tests {
    use super::is_latest;

    #[test]
    fn the_tag_decides() {
        let digest = "a".repeat(64);
        for image in [
            "nginx",
            "nginx:latest",
            "a/b",
            "localhost:5000/x",
            "registry.k8s.io/a.b__c--d",
            "Host/x",
            "index.docker.io/x",
        ] {
            assert!(is_latest(image), "{image}");
        }
        for image in [
            "nginx:1",
            "",
            ":",
            "NGINX",
            "a//b",
            "a_-b",
            "nginx:",
            "Host/X",
            "-.io/x",
            &digest,
            &format!("nginx@sha256:{digest}"),
            &format!("nginx:latest@sha256:{digest}0"),
            "x:5000/y:1",
            "a.b:c/d",
        ] {
            assert!(!is_latest(image), "{image}");
        }
        assert!(is_latest(&format!("nginx:latest@sha256:{digest}")));
    }
}
