//! The clone rule: a key is in one place, and a serial number has one identity.

use super::{Cause, Change, Credential, Record, Registry, Role, State, Violation};

impl Registry {
    /// Refuses a device that the rule holds; of a quarantined one, its state says so.
    pub(super) fn refuse_held(id: &str, record: &Record) -> Result<(), Violation> {
        let held = record.suspicion.as_ref().filter(|_| record.state != State::Quarantined);
        held.map_or(Ok(()), |reason| Err(Violation::new("suspected-clone", format!("`{id}` is held: {reason}"))))
    }

    /// The clone rule on binding: a serial number has one identity, and a key belongs to one device.
    pub(super) fn refuse_clone(
        &mut self,
        id: &str,
        role: Role,
        bound: &Credential,
        cause: Cause<'_>,
    ) -> Result<(), Violation> {
        let record = self.record(id)?;
        let serial = record.serial.as_ref().or(bound.serial_number.as_ref());
        let is_second_identity = |other: &Record| {
            other.identity.as_ref().is_some_and(|identity| identity.key() != bound.key())
                && serial.is_some()
                && (other.serial.as_ref() == serial)
        };
        if role == Role::Identity && record.identity.as_ref().is_some_and(|known| known.key() != bound.key()) {
            return Err(self.suspect(&[id.to_owned()], "the device has two identity keys", cause));
        }
        let others =
            || self.records.iter().filter(|(other, record)| *other != id && record.state != State::Decommissioned);
        let twin = others().find(|(_, other)| other.has_key(role, bound.key())).map(|(other, _)| other.clone());
        if let Some(twin) = twin {
            return Err(self.suspect(&[id.to_owned(), twin], "two devices have the same key", cause));
        }
        let twin = others().find(|(_, other)| role == Role::Identity && is_second_identity(other));
        match twin.map(|(other, _)| other.clone()) {
            Some(twin) => Err(self.suspect(&[id.to_owned(), twin], "one serial number has two identity keys", cause)),
            None => Ok(()),
        }
    }

    /// The clone rule on presentation: a key is in one live session, and a serial number has one identity.
    pub(super) fn refuse_twin(
        &mut self,
        id: &str,
        role: Role,
        presented: &Credential,
        session: &str,
        cause: Cause<'_>,
    ) -> Result<(), Violation> {
        let is_twin = |(other, record): &(&String, &Record)| {
            record.sessions.iter().any(|(live, key)| key == presented.key() && (*other != id || live != session))
        };
        let twin = self.records.iter().find(is_twin).map(|(other, _)| other.clone());
        if let Some(twin) = twin {
            let ids = if twin == id { vec![twin] } else { vec![id.to_owned(), twin] };
            return Err(self.suspect(&ids, "one key is in two live sessions", cause));
        }
        let record = self.record(id)?;
        let is_other_identity = record.identity.as_ref().is_some_and(|identity| {
            identity.key() != presented.key()
                && presented.serial_number.is_some()
                && presented.serial_number == record.serial
                && (role == Role::Identity || presented.issuer == identity.issuer)
        });
        let is_known =
            record.has_key(role, presented.key()) || record.retired.iter().any(|it| it.key() == presented.key());
        if is_other_identity && !is_known {
            return Err(self.suspect(&[id.to_owned()], "one serial number has two identity keys", cause));
        }
        Ok(())
    }

    /// Holds every device of `ids`; those that are active are quarantined.
    fn suspect(&mut self, ids: &[String], reason: &str, cause: Cause<'_>) -> Violation {
        for id in ids {
            let Some(record) = self.records.get_mut(id) else { continue };
            record.suspicion = Some(reason.to_owned());
            let is_active = record.state == State::Active;
            self.note(id, Change::Suspected { reason: reason.to_owned() }, cause);
            // Only an active device can be quarantined; another one is held where it is.
            let quarantined = is_active.then(|| self.enter(id, State::Quarantined, cause));
            debug_assert!(quarantined.is_none_or(|result| result.is_ok()), "an active device can be quarantined");
        }
        let names: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
        Violation::new("duplicate-identity", format!("{}: {reason}", names.join(" and ")))
    }
}
