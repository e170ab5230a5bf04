//! Claims about what is refused later in the life of a device: runs of that stage decide, and attacks that test it.

use super::case::{Case, Run};
use super::testimony::{Exhibit, Testimony};
use super::{ClaimSpec, Evidence};
use crate::registry::{Change, Role, State};
use crate::vocabulary::LifecycleStage;

/// A claim that something is refused once the device's life has gone on.
pub struct Later {
    spec: &'static ClaimSpec,
    /// The stage whose runs decide; absent where the refusals in every run do.
    stage: Option<LifecycleStage>,
    /// From when on a refusal counts.
    since: Since,
    /// Codes of the refusals that count; all of them where none is named.
    codes: &'static [&'static str],
    /// What is missing where no run decides.
    untried: &'static str,
}

/// From when on a refusal counts.
#[derive(Clone, Copy)]
enum Since {
    /// An operational credential was bound.
    Bound,
    /// The run left its base.
    Edited,
    /// The device was taken out of service.
    Gone,
    /// The device was offered to another owner.
    Offered,
}

impl Evidence for Later {
    fn spec(&self) -> &'static ClaimSpec {
        self.spec
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let runs = case.genuine().filter(|run| match self.stage {
            Some(stage) => run.kind == super::RunKind::Lifecycle(stage),
            None => true,
        });
        let decided: Vec<(&str, Vec<Exhibit>)> = runs.filter_map(|run| Some((run.title, self.refused(run)?))).collect();
        let titles: Vec<String> = decided.iter().map(|(title, _)| format!("“{title}”")).collect();
        let reason = format!("It was refused in {}.", titles.join(", "));
        let exhibits = decided.into_iter().flat_map(|(_, exhibits)| exhibits);
        let lived =
            if titles.is_empty() { Testimony::inconclusive(self.untried) } else { Testimony::shown(reason, exhibits) };
        // A credential that nobody can take back is refused by nobody.
        let unrevocable = case.found("no-revocation", |_| self.spec.name == REVOKED_REFUSED.spec.name);
        let decided = lived.or(case.tried(self.spec.name, ""));
        unrevocable.into_iter().fold(decided, Testimony::and)
    }
}

impl Later {
    /// The change after which refusals count, and those refusals; absent where there are none.
    fn refused(&self, run: &Run<'_>) -> Option<Vec<Exhibit>> {
        let first = run.first_edit;
        let since = match self.since {
            Since::Bound => run.noted(first, is_bound).unwrap_or(first),
            Since::Edited => first,
            Since::Gone => run.noted(first, is_gone)?,
            Since::Offered => run.noted(first, is_offered)?,
        };
        let counts = |code: &str| self.codes.is_empty() || self.stage.is_some() || self.codes.contains(&code);
        let refusals = run.refusals(since).filter(|(_, rejection)| counts(&rejection.code));
        let steps: Vec<&str> = refusals.map(|(event, _)| event.step.as_str()).collect();
        let change = run.trace.events.get(since).filter(|_| self.stage.is_some()).map(|event| event.step.as_str());
        (!steps.is_empty()).then(|| change.into_iter().chain(steps).map(|step| run.exhibit(step)).collect())
    }
}

fn is_bound(change: &Change) -> bool {
    matches!(change, Change::CredentialBound { role: Role::Operational, .. })
}

fn is_gone(change: &Change) -> bool {
    matches!(change, Change::Tombstone) || change.state() == Some(State::Decommissioned)
}

fn is_offered(change: &Change) -> bool {
    matches!(change, Change::TransferOffered { .. } | Change::OwnerChanged { from: Some(_), .. })
}

/// Later in its life the device got a new credential in place of the old one and worked with it, and the old one was refused.
pub const CREDENTIAL_REPLACED: Later = Later {
    spec: &ClaimSpec {
        name: "credential-replaced",
        shows: "Later in its life the device got a new credential in place of the old one and worked with it, and the old one was refused.",
        does_not_show: "That a real fleet rotates, or how often.",
        params: &[],
    },
    stage: Some(LifecycleStage::Rotation),
    since: Since::Bound,
    codes: &[],
    untried: "No run replaces the device's credential and presents the old one again.",
};

/// A device that was taken out of service was refused when it came back.
pub const DECOMMISSIONED_REFUSED: Later = Later {
    spec: &ClaimSpec {
        name: "decommissioned-refused",
        shows: "A device that was taken out of service was refused when it came back.",
        does_not_show: "That its data were erased: what is left inside of a device is declared.",
        params: &[],
    },
    stage: Some(LifecycleStage::Decommissioning),
    since: Since::Gone,
    codes: &[],
    untried: "No run takes the device out of service and lets it come back.",
};

/// A credential past its end was refused by whoever it was presented to.
pub const EXPIRED_REFUSED: Later = Later {
    spec: &ClaimSpec {
        name: "expired-refused",
        shows: "A credential past its end was refused by whoever it was presented to.",
        does_not_show: "That every party has the right time.",
        params: &[],
    },
    stage: None,
    since: Since::Edited,
    codes: &["expired", "expired-token"],
    untried: "No run presents a credential past its end.",
};

/// After the device went to another owner the former one, and what it had issued, were refused.
pub const FORMER_OWNER_REFUSED: Later = Later {
    spec: &ClaimSpec {
        name: "former-owner-refused",
        shows: "After the device went to another owner the former one, and what it had issued, were refused.",
        does_not_show: "That the former owner's data in the device were erased.",
        params: &[],
    },
    stage: Some(LifecycleStage::OwnershipTransfer),
    since: Since::Offered,
    codes: &[],
    untried: "No run gives the device to another owner and lets the former one act.",
};

/// A credential that was taken back was refused when it was presented.
pub const REVOKED_REFUSED: Later = Later {
    spec: &ClaimSpec {
        name: "revoked-refused",
        shows: "A credential that was taken back was refused when it was presented.",
        does_not_show: "How long it takes until everybody knows that it was taken back.",
        params: &[],
    },
    stage: Some(LifecycleStage::Revocation),
    since: Since::Edited,
    codes: &["revoked"],
    untried: "No run takes a credential back and presents it.",
};
