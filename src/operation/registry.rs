//! Changes and look-ups of the device registry.

use super::presence::{PRESENTED, credential};
use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::registry::{Entrance, Role, State};
use crate::value::Value;

/// Adds a record.
pub struct RegistryAdd;

/// Lets a record out of the staging area.
pub struct RegistryApprove;

/// Refuses unless a record is as it should be.
pub struct RegistryCheck;

/// Moves a record to another state.
pub struct RegistrySet;

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
                    needs("state", STATES, "its first state: `listed`, `pending` or `provisioned`"),
                    takes("serial", Accepts::Text, "serial number; that of its identity where absent"),
                    takes("type", Accepts::Text, "thing type"),
                    takes("owner", Accepts::Text, "owner"),
                    takes("staged", Accepts::Boolean, "whether an operator must approve it before it is provisioned"),
                    takes("attributes", Accepts::Metadata, "metadata: manufacturer, model, firmware, endpoint"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        let entrance = Entrance {
            serial: acting.args.text("serial"),
            thing_type: acting.args.text("type"),
            owner: acting.args.text("owner"),
            is_staged: acting.args.is_set("staged"),
            attributes: acting.args.table_texts("attributes"),
        };
        acting.check(format!("no other device is called {id}"));
        acting.registry.create(&id, state(acting), entrance, acting.cause())?;
        Ok(None)
    }
}

impl Operation for RegistryApprove {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-approve",
                summary: "Lets a device out of the staging area, or withdraws the suspicion of the clone rule.",
                standard: "",
                shape: Shape::Local,
                params: &[needs("id", Accepts::Text, "id of the device")],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        acting.registry.approve(&id, acting.cause())?;
        Ok(None)
    }
}

impl Operation for RegistryCheck {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-check",
                summary: "Refuses unless a device is registered, in the given state, of the given owner, with the given credential and attributes.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    takes("state", STATES, "the state it must be in"),
                    takes("owner", Accepts::Text, "whose it must be"),
                    takes("credential", PRESENTED, "a credential that must be bound to it, in either role"),
                    takes("attributes", Accepts::Metadata, "attributes that it must have"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        acting.check(format!("{id} is in the registry as it should be"));
        let record = acting.registry.record(&id)?;
        if acting.args.find("state").is_some() && record.state != state(acting) {
            let message = format!("`{id}` is {}, not {}", record.state.name(), state(acting).name());
            return Err(Refused::policy("wrong-state", message));
        }
        if acting.args.text("owner").is_some_and(|owner| record.owner.as_deref() != Some(&owner)) {
            return Err(Refused::policy("wrong-owner", format!("`{id}` belongs to somebody else")));
        }
        if acting.args.find("credential").is_some() {
            let presented = credential(acting.args.need("credential")?)?;
            let is_bound = |role| record.credential(role).is_some_and(|bound| bound.sha256 == presented.sha256);
            if !is_bound(Role::Identity) && !is_bound(Role::Operational) {
                return Err(Refused::policy("wrong-credential", format!("`{id}` has no such credential")));
            }
        }
        for (name, value) in acting.args.table_texts("attributes") {
            if record.attributes.get(&name) != Some(&value) {
                return Err(Refused::policy("wrong-attribute", format!("`{id}` is registered with another {name}")));
            }
        }
        Ok(None)
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { matches: &["attributes", "credential", "id", "owner"], revocation: &["state"], ..Bearing::NONE } }
    }
}

impl Operation for RegistrySet {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-set",
                summary: "Moves a device to another state; only the edges of the life cycle are allowed, and `active` only after the operational credential was used.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    needs("state", STATES, "the new state"),
                    takes("owner", Accepts::Text, "who claims it; a device of somebody else is refused"),
                    takes("attributes", Accepts::Metadata, "metadata to add or replace"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        if let Some(owner) = acting.args.text("owner") {
            acting.check(format!("{id} belongs to nobody else"));
            acting.registry.claim(&id, &owner, acting.cause())?;
        }
        let attributes = acting.args.table_texts("attributes");
        acting.registry.change(&id, state(acting), attributes, acting.cause())?;
        Ok(None)
    }
}

fn state(acting: &Acting<'_>) -> State {
    // The word was checked against the same list before the run.
    State::find(&acting.args.text_or("state", "")).unwrap_or(State::Listed)
}
