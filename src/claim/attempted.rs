//! Claims that attacks alone decide: what they tried was stopped, or it was not.
//!
//! Which attacks test a claim is data: a threat of the catalogue names it under `tests`.

use super::case::Case;
use super::testimony::Testimony;
use super::{ClaimSpec, Evidence};

/// A claim that attacks alone decide.
pub struct Attempted {
    spec: &'static ClaimSpec,
    /// What is missing where no attack tests it.
    untried: &'static str,
}

impl Evidence for Attempted {
    fn spec(&self) -> &'static ClaimSpec {
        self.spec
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        case.tried(self.spec.name, self.untried)
    }
}

/// Every attack that brings a trust anchor of somebody else into a party of the method was stopped.
pub const ANCHORS_PROTECTED: Attempted = Attempted {
    spec: &ClaimSpec {
        name: "anchors-protected",
        shows: "Every attack that brings a trust anchor of somebody else into a party of the method was stopped.",
        does_not_show: "That no other way leads into the trust store, such as a changed firmware.",
        params: &[],
    },
    untried: "No attack tries to plant a trust anchor.",
};

/// Every attack with a forged or foreign statement about the state of the device's hardware and software was stopped by whoever relies on it.
pub const ATTESTATION_VERIFIED: Attempted = Attempted {
    spec: &ClaimSpec {
        name: "attestation-verified",
        shows: "Every attack with a forged or foreign statement about the state of the device's hardware and software was stopped by whoever relies on it.",
        does_not_show: "That what the device measures of itself is so.",
        params: &[],
    },
    untried: "No run attests the state of the device, and so none forges it; what product it is `counterfeit-refused` says.",
};

/// Every attack with a certificate for another purpose, before its time or from an authority beyond its limits was stopped.
pub const CERTIFICATE_RULES: Attempted = Attempted {
    spec: &ClaimSpec {
        name: "certificate-rules-enforced",
        shows: "Every attack with a certificate for another purpose, before its time or from an authority beyond its limits was stopped.",
        does_not_show: "That every field of every certificate is judged.",
        params: &[],
    },
    untried: "No attack presents a certificate that breaks a rule.",
};

/// Every attack with a copied key or claim credential was stopped.
pub const CLONE_REFUSED: Attempted = Attempted {
    spec: &ClaimSpec {
        name: "clone-refused",
        shows: "Every attack with a copied key or claim credential was stopped.",
        does_not_show: "That a copy cannot be made; custody is declared, not measured.",
        params: &[],
    },
    untried: "No attack uses a copy of the device's credential.",
};

/// Every attack with a device that nobody made, ordered or vouched for was stopped.
pub const COUNTERFEIT_REFUSED: Attempted = Attempted {
    spec: &ClaimSpec {
        name: "counterfeit-refused",
        shows: "Every attack with a device that nobody made, ordered or vouched for was stopped.",
        does_not_show: "That the genuine device was not altered inside.",
        params: &[],
    },
    untried: "No attack brings a device that is not genuine.",
};

/// Every attempt to read the identity of the device on the way was stopped.
pub const IDENTITY_HIDDEN: Attempted = Attempted {
    spec: &ClaimSpec {
        name: "identity-hidden",
        shows: "Every attempt to read the identity of the device on the way was stopped.",
        does_not_show: "That the device cannot be recognised by its traffic, its address or its radio.",
        params: &[],
    },
    untried: "No attack reads along for the identity of the device.",
};

/// Every attack that floods a party of the method was stopped by a limit.
pub const OVERLOAD_BOUNDED: Attempted = Attempted {
    spec: &ClaimSpec {
        name: "overload-bounded",
        shows: "Every attack that floods a party of the method was stopped by a limit.",
        does_not_show: "How a real machine behaves under load: time and memory are not modelled.",
        params: &[],
    },
    untried: "No attack floods anybody.",
};

/// Every attack in which somebody who does not own the device claims it, or presents a forged voucher or one of another device, was stopped.
pub const OWNER_PROVEN: Attempted = Attempted {
    spec: &ClaimSpec {
        name: "owner-proven",
        shows: "Every attack in which somebody who does not own the device claims it, or presents a forged voucher or one of another device, was stopped.",
        does_not_show: "That whoever has the proof is the rightful owner.",
        params: &[],
    },
    untried: "No attack claims a device that belongs to somebody else.",
};

/// Every attacker that had the bytes of the device's memory failed to use the key in them.
pub const READ_OUT_REFUSED: Attempted = Attempted {
    spec: &ClaimSpec {
        name: "read-out-refused",
        shows: "Every attacker that had the bytes of the device's memory failed to use the key in them.",
        does_not_show: "That the hardware keeps the key that protects them: it is simulated.",
        params: &[],
    },
    untried: "No attack reads the device's memory.",
};

/// Every attack with an old or unsigned firmware was stopped by the device.
pub const UPDATE_VERIFIED: Attempted = Attempted {
    spec: &ClaimSpec {
        name: "update-verified",
        shows: "Every attack with an old or unsigned firmware was stopped by the device.",
        does_not_show: "That the firmware is free of faults.",
        params: &[],
    },
    untried: "No run installs software.",
};
