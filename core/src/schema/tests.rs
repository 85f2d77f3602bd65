use super::*;
use std::fmt::Write;

fn schemas(minor: u16) -> Schemas {
    Schemas::for_version(minor).unwrap_or_else(|| panic!("1.{minor} is in the table"))
}

#[test]
fn every_version_is_there() {
    let mut counts = String::new();
    for minor in Schemas::VERSIONS {
        let schemas = schemas(minor);
        let fields: usize = schemas.structs().iter().map(|own| own.fields.len()).sum();
        let _ = writeln!(
            counts,
            "1.{minor} {} kinds {} structs {fields} fields {} resources",
            schemas.kinds().count(),
            schemas.structs().len(),
            schemas.resources().len(),
        );
    }
    assert_eq!(
        counts,
        "\
1.30 158 kinds 610 structs 2527 fields 80 resources
1.31 159 kinds 622 structs 2574 fields 80 resources
1.32 160 kinds 625 structs 2590 fields 80 resources
1.33 177 kinds 694 structs 2853 fields 88 resources
1.34 181 kinds 717 structs 2975 fields 90 resources
1.35 181 kinds 722 structs 2987 fields 90 resources
1.36 191 kinds 758 structs 3122 fields 95 resources
1.37 201 kinds 849 structs 3409 fields 100 resources
"
    );
    assert!(Schemas::for_version(29).is_none() && Schemas::for_version(38).is_none());
}

#[test]
fn the_table_stays_small() {
    assert!(TABLE.len() < 300 * 1024, "{} bytes", TABLE.len());
}

/// A name that the table does not explain is read as any value; only these are.
#[test]
fn every_type_that_is_named_is_there() {
    for minor in Schemas::VERSIONS {
        let schemas = schemas(minor);
        let mut any = Vec::new();
        for own in schemas.structs() {
            for field in &own.fields {
                let mut kind = schemas.type_of(field.kind);
                while let Type::Pointer(inner) | Type::List(inner) | Type::Map(inner) = kind {
                    kind = schemas.type_of(inner);
                }
                if kind == Type::Scalar(Scalar::Json) {
                    any.push(format!("{}.{}", own.go_name(), field.name.as_str()));
                }
            }
        }
        assert_eq!(
            any,
            ["v1.JSONSchemaProps.default", "v1.JSONSchemaProps.enum", "v1.JSONSchemaProps.example"]
        );
    }
}

#[test]
fn fields_know_how_they_are_merged_and_written() {
    let schemas = schemas(37);
    let pod = schemas.kind("v1", "Pod").unwrap();
    let spec = schemas.field_struct(pod, "spec").unwrap();
    let containers = spec.field("containers").unwrap();
    assert_eq!(containers.list, Some(ListType::Map("name")));
    assert_eq!((containers.required, containers.omit_empty), (true, false));
    assert_eq!((containers.patch_strategy, containers.patch_merge_key), ("merge", Some("name")));
    let container = schemas.field_struct(spec, "containers").unwrap();
    let port = schemas.field_struct(container, "ports").unwrap();
    assert_eq!(port.field("protocol").unwrap().default, Some("\"TCP\""));
    assert_eq!(port.go_name(), "v1.ContainerPort");
    let meta = schemas.field_struct(pod, "metadata").unwrap();
    assert!(meta.field("creationTimestamp").unwrap().omit_zero);
    let Type::Named(id) = schemas.type_of(port.field("protocol").unwrap().kind) else { panic!() };
    let protocol = schemas.named(id).unwrap();
    assert_eq!(
        (protocol.go_name(), protocol.values.as_slice()),
        ("v1.Protocol", &["SCTP", "TCP", "UDP"][..])
    );
}

#[test]
fn fields_come_with_their_version() {
    let has = |minor| {
        let schemas = schemas(minor);
        let pod = schemas.kind("v1", "Pod").unwrap();
        schemas.field_struct(pod, "spec").unwrap().field("resources").is_some()
    };
    assert!(!has(31) && has(32));
}

#[test]
fn resources_know_their_names_and_equivalents() {
    let schemas = schemas(37);
    let deployments = schemas.resource_of("apps/v1", "Deployment").unwrap();
    assert_eq!(
        (deployments.name, deployments.singular, deployments.namespaced),
        ("deployments", "deployment", true)
    );
    assert_eq!(deployments.short_names, ["deploy"]);
    assert_eq!(deployments.subresources, [("scale", Some("autoscaling/v1.Scale")), ("status", None)]);
    assert!(!schemas.resource_of("v1", "Node").unwrap().namespaced);
    let equivalents = |version, name| -> Vec<&str> {
        let resource = schemas.resource(version, name).unwrap();
        schemas.equivalents(resource).map(|other| other.group_version).collect()
    };
    assert_eq!(equivalents("autoscaling/v1", "horizontalpodautoscalers"), ["autoscaling/v2"]);
    assert_eq!(equivalents("v1", "events"), ["events.k8s.io/v1"]);
    assert!(equivalents("apps/v1", "deployments").is_empty());
}

#[test]
fn versions_that_went_say_so() {
    let schemas = schemas(37);
    assert_eq!(
        schemas.absence("policy/v1beta1", "PodDisruptionBudget").as_deref(),
        Some("`policy/v1beta1` PodDisruptionBudget was removed in 1.25; use policy/v1")
    );
    assert_eq!(schemas.absence("policy/v1", "PodDisruptionBudget"), None);
    assert_eq!(
        schemas.deprecation("v1", "Endpoints").as_deref(),
        Some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")
    );
    assert_eq!(Schemas::for_version(32).and_then(|older| older.deprecation("v1", "Endpoints")), None);
}
