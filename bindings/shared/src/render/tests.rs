#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use super::*;
use crate::api::Text;
use crate::check::{Options, check};
use crate::inputs::Role;
use quick_xml::Reader;
use quick_xml::events::Event;

/// A manifest by someone who wants to be read as something else, and a policy that repeats it.
const HOSTILE: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: "<script>alert(1)</script>"
  namespace: "a\" onload=\"alert(2)"
data:
  "]]><x/>": "\u0001 </td> ``` | @team #1 [x](javascript:alert(3)) <!-- \n::error::x %0A"
"#;

const POLICY: &str = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: p
  labels: {kordon.dev/severity: high, kordon.dev/pack: own, kordon.dev/category: texts}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps, namespaces]}
  validations:
  - expression: "!has(object.data)"
    messageExpression: "object.data.map(k, k + object.data[k]).join(' ').replace('\\n', ' ')"
"#;

fn outcome(objects: &str) -> Outcome {
    let text = |name: &str, text: &str| Text { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let texts =
        vec![(text("p.yaml", POLICY), Role::Policy), (text("a <b>/\"c\".yaml", objects), Role::Check)];
    check(&Options { texts, ..Options::default() })
}

fn rendered(outcome: &Outcome, format: Format) -> String {
    let style = Style { colour: false, links: Some("https://example.com/blob/main/".to_owned()) };
    let mut out = Vec::new();
    render(outcome, format, &style, &mut out, &mut Vec::new()).unwrap();
    String::from_utf8(out).unwrap()
}

/// Names of elements and their attributes, held to be well-formed.
fn elements(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut found = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) => {
                let attributes = start.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let value = attribute.value.to_string();
                    let key = attribute.key.as_ref().to_owned();
                    (key, quick_xml::escape::unescape(&value).unwrap().into_owned())
                });
                let name = start.name().as_ref().to_owned();
                found.push((name, attributes.collect()));
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

#[test]
fn formats_have_their_names() {
    for format in Format::ALL {
        assert_eq!(format.as_str().parse(), Ok(format));
    }
    assert!("yaml".parse::<Format>().unwrap_err().contains("junit"));
}

#[test]
fn junit_counts_and_holds_any_text() {
    let outcome = outcome(HOSTILE);
    assert_eq!(outcome.findings.len(), 1, "{:?}", outcome.problems);
    let xml = rendered(&outcome, Format::Junit);
    let elements = elements(&xml);
    let names: Vec<&str> = elements.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["testsuites", "testsuite", "testcase", "failure"]);
    let attribute = |at: usize, name: &str| {
        elements[at].1.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap()
    };
    for at in [0, 1] {
        assert_eq!((attribute(at, "tests"), attribute(at, "failures")), ("1".to_owned(), "1".to_owned()));
    }
    assert_eq!(attribute(2, "file"), "a <b>/\"c\".yaml");
    assert_eq!(attribute(2, "classname"), "p");
    assert!(attribute(3, "message").contains("]]><x/>\u{fffd} </td>"), "{xml}");
    assert!(!xml.contains('\u{1}'));
}

#[test]
fn junit_has_a_case_when_nothing_is_found() {
    let clean = outcome("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
    let elements = elements(&rendered(&clean, Format::Junit));
    assert_eq!(elements.len(), 3);
    assert_eq!(elements[2].0, "testcase");
    let broken = outcome("{apiVersion: v1, kind: [");
    assert!(rendered(&broken, Format::Junit).contains("<error message=\"yaml: "));
}

#[test]
fn html_is_one_page_into_which_nothing_is_injected() {
    let page = rendered(&outcome(HOSTILE), Format::Html);
    for forbidden in ["<script", "<x/>", "onload=\"", "\u{1}", "href=\"javascript", " src="] {
        assert!(!page.contains(forbidden), "{forbidden} in {page}");
    }
    // Closing the cell needs a tag of the message's.
    assert_eq!(page.matches("</td>").count(), 6);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("<h2>Namespace a&quot; onload=&quot;alert(2) <small>"), "{page}");
    assert!(page.contains("<tr class=\"high\">"));
    assert!(page.contains("href=\"https://example.com/blob/main/a%20%3Cb%3E/%22c%22.yaml#L7\""), "{page}");
    assert!(page.contains("default-src 'none'"));
    assert_eq!(page.matches("http").count() - page.matches("http-equiv").count(), 1, "one link, no resource");
}

#[test]
fn markdown_keeps_foreign_text_in_code() {
    let text = rendered(&outcome(HOSTILE), Format::Markdown);
    assert!(text.starts_with("## kordon: 1 finding\n"), "{text}");
    assert!(text.contains("| `own` |  | 1 |  |  |  |"), "{text}");
    let row = text.lines().find(|line| line.starts_with("| deny")).unwrap();
    assert!(row.contains("| high | `p` |"), "{row}");
    assert!(
        row.contains("[`a <b>/\"c\".yaml:7`](https://example.com/blob/main/a%20%3Cb%3E/%22c%22.yaml#L7)"),
        "{row}"
    );
    // The message's three backticks cannot end a fence of four.
    let message = row.rsplit("````").nth(1).unwrap();
    assert!(message.contains("@team #1 [x](javascript:alert(3)) <!--") && message.contains("\\|"), "{row}");
}

#[test]
fn policy_reports_are_one_a_namespace_and_one_of_the_cluster() {
    let objects = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: x}, data: {k: v}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: z}, data: {k: v}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: x}, data: {k: v}}
";
    let outcome = outcome(objects);
    for (format, version, kind) in [
        (Format::Openreports, "openreports.io/v1alpha1", "Report"),
        (Format::Policyreport, "wgpolicyk8s.io/v1alpha2", "PolicyReport"),
    ] {
        let text = rendered(&outcome, format);
        let reports: Vec<serde_json::Value> =
            kordon::document::documents("r.yaml", text.as_bytes(), &kordon::document::Limits::default())
                .into_iter()
                .map(|document| serde_json::to_value(document.unwrap().object.root()).unwrap())
                .collect();
        assert_eq!(reports.len(), 2, "{text}");
        let (first, second) = (&reports[0], &reports[1]);
        assert_eq!((&first["apiVersion"], &first["kind"]), (&version.into(), &kind.into()));
        assert_eq!(
            (&first["metadata"]["namespace"], &second["metadata"]["namespace"]),
            (&"x".into(), &"z".into())
        );
        assert_eq!((&first["summary"]["fail"], &second["summary"]["fail"]), (&2.into(), &1.into()));
        let result = &first["results"][1];
        assert_eq!((&result["policy"], &result["severity"]), (&"p".into(), &"high".into()));
        assert_eq!((&result["category"], &result["result"]), (&"texts".into(), &"fail".into()));
        assert_eq!(result["resources"][0]["name"], "c");
    }
}
