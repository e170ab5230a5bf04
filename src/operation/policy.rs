//! What registered devices may do: policies, groups, thing types.

use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::registry::policy;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Refuses what no policy allows.
pub struct Authorize;

/// Declares a policy.
pub struct Policy;

/// Attaches a policy.
pub struct PolicyAttach;

/// Puts a device into a group.
pub struct RegistryGroup;

/// Declares a thing type.
pub struct ThingType;

impl Operation for Authorize {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "authorize",
                summary: "Refuses an action that no policy of the device or of its groups allows, or that one denies.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    needs("action", Accepts::Text, "the action, such as `mqtt:Publish`"),
                    needs("resource", Accepts::Text, "what it is done to, such as a topic"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let [id, action, resource] = ["id", "action", "resource"].map(|name| acting.args.text_or(name, ""));
        acting.check(format!("{id} may do {action} on {resource}"));
        acting.registry.authorize(&id, &action, &resource)?;
        Ok(None)
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { matches: &["id"], revocation: &["id"], ..Bearing::NONE } }
    }
}

impl Operation for Policy {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "policy",
                summary: "Declares a policy: actions, each with the resources on which it is allowed or denied; `*` stands for any text, `?` for one character, `$${thing}` for the device.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("name", Accepts::Text, "name of the policy"),
                    takes("allow", Accepts::Table, "what is allowed: action = resource, or a list of resources"),
                    takes("deny", Accepts::Table, "what is denied, whatever else allows it"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let name = acting.args.text_or("name", "");
        let declared =
            policy::Policy { allow: acting.args.table_lists("allow"), deny: acting.args.table_lists("deny") };
        acting.registry.declare_policy(&name, declared, acting.cause())?;
        Ok(None)
    }
}

impl Operation for PolicyAttach {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "policy-attach",
                summary: "Attaches a policy to a device or to a group, or takes it off.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("policy", Accepts::Text, "name of the policy"),
                    takes("id", Accepts::Text, "id of the device"),
                    takes("group", Accepts::Text, "name of the group"),
                    takes("detach", Accepts::Boolean, "whether it is taken off"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let policy = acting.args.text_or("policy", "");
        let applies = !acting.args.is_set("detach");
        if let Some(id) = acting.args.text("id") {
            acting.registry.attach(&policy, &id, applies, acting.cause())?;
        }
        if let Some(group) = acting.args.text("group") {
            acting.registry.attach_to_group(&policy, &group, applies, acting.cause())?;
        }
        Ok(None)
    }
}

impl Operation for RegistryGroup {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-group",
                summary: "Puts a device into a group, or takes it out; of a quarantined device, only the policies of the group `quarantine` apply.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    needs("group", Accepts::Text, "name of the group"),
                    takes("remove", Accepts::Boolean, "whether it is taken out"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let (id, group) = (acting.args.text_or("id", ""), acting.args.text_or("group", ""));
        acting.registry.group(&id, &group, !acting.args.is_set("remove"), acting.cause())?;
        Ok(None)
    }
}

impl Operation for ThingType {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "thing-type",
                summary: "Declares a type of device with the attributes that each of its devices must have.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("name", Accepts::Text, "name of the type"),
                    needs("attributes", Accepts::ListOf(&[ArtifactKind::Text]), "names of the attributes"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let name = acting.args.text_or("name", "");
        let attributes = acting.args.texts("attributes").into_iter().collect();
        acting.registry.declare_type(&name, attributes, acting.cause());
        Ok(None)
    }
}
