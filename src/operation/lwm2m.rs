//! Objects of Lightweight M2M as the content of messages.

use std::collections::BTreeMap;

use super::{Accepts, Acting, Arg, Operation, Refused, Shape, Spec, needs};
use crate::protocol::lwm2m::{Data, OBJECTS, Object, Resource, Type};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Writes resources of an instance.
pub struct Lwm2mEncode;

/// Reads resources of an instance.
pub struct Lwm2mDecode;

const NAMES: Accepts = Accepts::Choice(&["security", "server"]);

impl Operation for Lwm2mEncode {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "lwm2m-encode",
                summary: "Writes resources of an instance of an LwM2M object as TLV.",
                standard: "OMA LwM2M 1.0, section 6.4.3",
                shape: Shape::Local,
                params: &[
                    needs("object", NAMES, "the object: `security` is 0, `server` is 1"),
                    needs(
                        "resources",
                        Accepts::Table,
                        "values by name: of `security`, `server-uri`, `bootstrap-server`, `security-mode`, `identity`, `server-public-key`, `secret-key`, `short-server-id`, `client-hold-off-time`, `bootstrap-server-account-timeout`; of `server`, `short-server-id`, `lifetime`, `default-minimum-period`, `default-maximum-period`, `disable-timeout`, `notification-storing`, `binding`",
                    ),
                ],
                // Of `security` a secret; see `result`.
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn result(&self, written: &dyn Fn(&str) -> Option<String>) -> Option<ArtifactKind> {
        Some(if is_secret(find(&written("object")?).ok()?) { ArtifactKind::Secret } else { ArtifactKind::Bytes })
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let object = find(&acting.args.text_or("object", ""))?;
        let Some(Arg::Table(given)) = acting.args.find("resources") else {
            return Err(Refused::policy("missing-value", "`resources` has no value"));
        };
        let known = |name: &String| object.resources.iter().any(|resource| resource.name == *name);
        if let Some(name) = given.keys().find(|name| !known(name)) {
            return Err(Refused::policy("wrong-value", format!("{} has no resource `{name}`", object.title)));
        }
        let resources = object.resources.iter().filter_map(|resource| Some((resource, given.get(resource.name)?)));
        let resources: Vec<(&Resource, Data)> =
            resources.map(|(resource, arg)| Ok((resource, data(resource, arg)?))).collect::<Result<_, Refused>>()?;
        let encoded = object.write(&resources)?;
        let bytes = encoded.bytes.clone();
        acting.layer = Some(encoded.into_layer(format!("{} as TLV", object.title)));
        Ok(Some(if is_secret(object) { Value::Secret(bytes) } else { Value::Bytes(bytes) }))
    }
}

impl Operation for Lwm2mDecode {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "lwm2m-decode",
                summary: "Reads resources of an instance of an LwM2M object from TLV, and refuses what is malformed. The members bear the names that `lwm2m-encode` takes.",
                standard: "OMA LwM2M 1.0, section 6.4.3",
                shape: Shape::Local,
                params: &[
                    needs("object", NAMES, "the object: `security` is 0, `server` is 1"),
                    needs("value", Accepts::Any, "the bytes"),
                ],
                result: Some(ArtifactKind::Members),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let object = find(&acting.args.text_or("object", ""))?;
        let resources = object.read(&acting.args.bytes("value")?)?;
        let members = resources.into_iter().map(|(resource, data)| (resource.name.to_owned(), value(resource, data)));
        Ok(Some(Value::Members(members.collect::<BTreeMap<_, _>>())))
    }
}

fn find(name: &str) -> Result<&'static Object, Refused> {
    Object::find(name).ok_or_else(|| {
        let known: Vec<&str> = OBJECTS.iter().map(|object| object.name).collect();
        Refused::policy("wrong-value", format!("`{name}` is none of the objects {}", known.join(", ")))
    })
}

fn is_secret(object: &Object) -> bool {
    object.resources.iter().any(|resource| resource.is_secret)
}

fn data(resource: &Resource, arg: &Arg) -> Result<Data, Refused> {
    match (resource.kind, arg) {
        (Type::Boolean, Arg::Boolean(flag)) => Ok(Data::Boolean(*flag)),
        (Type::Integer, Arg::Value(Value::Number(number))) => Ok(Data::Integer(*number)),
        (Type::Opaque, Arg::Value(value)) => Ok(Data::Opaque(value.canonical())),
        (Type::Text, arg) if arg.text().is_some() => Ok(Data::Text(arg.text().unwrap_or_default())),
        (kind, _) => {
            let kind = match kind {
                Type::Boolean => "true or false",
                Type::Integer => "a whole number",
                Type::Opaque => "a value",
                Type::Text => "text",
            };
            Err(Refused::policy("wrong-value", format!("`{}` takes {kind}", resource.name)))
        }
    }
}

fn value(resource: &Resource, data: Data) -> Value {
    match data {
        Data::Boolean(flag) => Value::Text(flag.to_string()),
        Data::Integer(number) => Value::Number(number),
        Data::Text(text) => Value::Text(text),
        Data::Opaque(bytes) if resource.is_secret => Value::Secret(bytes),
        // An identity is text in practice (RFC 4279, section 5.1).
        Data::Opaque(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Value::Text(text),
            Err(error) => Value::Bytes(error.into_bytes()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_specification_are_those_of_the_table() {
        let names: Vec<&str> = OBJECTS.iter().map(|object| object.name).collect();
        assert_eq!(NAMES, Accepts::Choice(&["security", "server"]));
        assert_eq!(names, ["security", "server"]);
        let summary = Lwm2mEncode.spec().params[1].summary;
        for resource in OBJECTS.iter().flat_map(|object| object.resources) {
            assert!(summary.contains(&format!("`{}`", resource.name)), "{}", resource.name);
        }
    }
}
