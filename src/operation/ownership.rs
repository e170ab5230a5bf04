//! Devices change hands, and come to their end.

use super::{Accepts, Acting, Operation, Refused, Shape, Spec, needs, takes};
use crate::registry::State;
use crate::value::Value;

/// The new owner accepts a device.
pub struct RegistryAccept;

/// The end of a device.
pub struct RegistryDecommission;

/// The owner offers a device to another one.
pub struct RegistryTransfer;

impl Operation for RegistryAccept {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-accept",
                summary: "The owner to be accepts a device that was offered to it; the operational credential, policies and groups of the former owner are taken away.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    needs("owner", Accepts::Text, "who accepts; it must be the one to whom the device was offered"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        let owner = acting.args.text_or("owner", "");
        acting.check(format!("{id} was offered to {owner}"));
        acting.registry.accept(&id, &owner, acting.cause())?;
        Ok(None)
    }
}

impl Operation for RegistryDecommission {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-decommission",
                summary: "Ends the life of a device: its credentials are retired for good, its sessions end, and a tombstone is kept.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    takes("attributes", Accepts::Metadata, "metadata to add, such as the reason"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        let attributes = acting.args.table_texts("attributes");
        acting.registry.change(&id, State::Decommissioned, attributes, acting.cause())?;
        Ok(None)
    }
}

impl Operation for RegistryTransfer {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-transfer",
                summary: "The owner of an active or inactive device offers it to another one; until that one accepts, nobody can use it.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    needs("owner", Accepts::Text, "who offers; it must be the owner"),
                    needs("to", Accepts::Text, "the owner to be"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        let (owner, to) = (acting.args.text_or("owner", ""), acting.args.text_or("to", ""));
        acting.check(format!("{id} belongs to {owner}"));
        acting.registry.offer(&id, &owner, &to, acting.cause())?;
        Ok(None)
    }
}
