//! Changes and look-ups of the device registry.

use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::registry::State;
use crate::value::Value;

/// Adds a record.
pub struct RegistryAdd;

/// Moves a record to another state.
pub struct RegistrySet;

/// Refuses unless a record is as it should be.
pub struct RegistryCheck;

const STATES: Accepts = Accepts::Choice(&[
    "listed",
    "pending",
    "provisioned",
    "active",
    "inactive",
    "quarantined",
    "transferring",
    "decommissioned",
]);

impl Operation for RegistryAdd {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-add",
                summary: "Adds a device to the registry; a second record of the same id is refused.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    needs("state", STATES, "its first state"),
                    takes("attributes", Accepts::Table, "metadata: serial number, fingerprint, owner"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        let attributes = acting.args.table_texts("attributes");
        let state = state(acting);
        acting.check(format!("no other device is called {id}"));
        acting.registry.create(&id, state, attributes, acting.step, acting.clock).map(|()| None).map_err(|state| {
            Refused::policy("already-registered", format!("`{id}` is in the registry already, {}", state.name()))
        })
    }
}

impl Operation for RegistrySet {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-set",
                summary: "Moves a device to another state; only the edges of the life cycle are allowed.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    needs("state", STATES, "the new state"),
                    takes("attributes", Accepts::Table, "metadata to add or replace"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        let attributes = acting.args.table_texts("attributes");
        let to = state(acting);
        acting.registry.change(&id, to, attributes, acting.step, acting.clock).map(|()| None).map_err(|from| match from
        {
            None => unknown(&id),
            Some(from) => Refused::policy(
                "illegal-transition",
                format!("`{id}` is {} and cannot become {}", from.name(), to.name()),
            ),
        })
    }
}

impl Operation for RegistryCheck {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-check",
                summary: "Refuses unless a device is registered, in the given state and with the given attributes.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    takes("state", STATES, "the state it must be in"),
                    takes("attributes", Accepts::Table, "attributes that it must have"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        acting.check(format!("{id} is in the registry as it should be"));
        let record = acting.registry.records.get(&id).ok_or_else(|| unknown(&id))?;
        if acting.args.find("state").is_some() && record.state != state(acting) {
            let message = format!("`{id}` is {}, not {}", record.state.name(), state(acting).name());
            return Err(Refused::policy("wrong-state", message));
        }
        for (name, value) in acting.args.table_texts("attributes") {
            if record.attributes.get(&name) != Some(&value) {
                return Err(Refused::policy("wrong-attribute", format!("`{id}` is registered with another {name}")));
            }
        }
        Ok(None)
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { matches: &["attributes", "id"], revocation: &["state"], ..Bearing::NONE } }
    }
}

fn state(acting: &Acting<'_>) -> State {
    // The word was checked against the same list before the run.
    State::find(&acting.args.text_or("state", "")).unwrap_or(State::Listed)
}

fn unknown(id: &str) -> Refused {
    Refused::policy("unknown-device", format!("`{id}` is not in the registry"))
}
