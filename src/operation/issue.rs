//! Certificates issued by an authority.

use super::acting::wrong_kind;
use super::keygen::{self, SIGNING};
use super::{Accepts, Acting, Args, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::clock::Timestamp;
use crate::crypto::certificate::{self, Certificate, Credential, Profile, Purpose, Subject};
use crate::crypto::csr::CertificateSigningRequest;
use crate::crypto::key::{PrivateKey, PublicKey, WRONG_ALGORITHM};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// Words for what a certificate may be used for.
pub const USES: &[&str] = &["client", "server", "client-and-server", "signer", "registration-authority", "authority"];

/// Issues a certificate for a request or a public key.
pub struct Issue;

/// Provides an actor with a key and certificate before the method begins.
pub struct IssueCredential;

impl Operation for Issue {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "issue",
                summary: "Issues a certificate; the subject comes from the request unless it is given.",
                standard: "RFC 5280, section 4",
                shape: Shape::Local,
                params: &[
                    needs("issuer", Accepts::Kinds(&[ArtifactKind::Credential]), "the authority"),
                    takes("csr", Accepts::Kinds(&[ArtifactKind::CertificateSigningRequest]), "the request"),
                    takes(
                        "public-key",
                        Accepts::Kinds(&[ArtifactKind::PublicKey]),
                        "the key to certify, where there is no request",
                    ),
                    needs("use", Accepts::Choice(USES), "what the certificate may be used for"),
                    takes("common-name", Accepts::Text, "CN of the subject"),
                    takes("serial-number", Accepts::Text, "serialNumber attribute of the subject"),
                    takes("organization", Accepts::Text, "O of the subject"),
                    takes("vendor-id", Accepts::Text, "matter-vendor-id of the subject, 4 hexadecimal digits"),
                    takes("product-id", Accepts::Text, "matter-product-id of the subject, 4 hexadecimal digits"),
                    takes("dns-names", Accepts::ListOf(&[ArtifactKind::Text]), "DNS names of a server"),
                    takes(
                        "days",
                        Accepts::Number,
                        "validity in days; 0 for no end (9999-12-31, IEEE 802.1AR); 365 where absent",
                    ),
                    takes("masa-url", Accepts::Text, "MASA URL extension (RFC 8995, section 2.3.2)"),
                ],
                result: Some(ArtifactKind::Certificate),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let request = match args.value("csr") {
            None => None,
            Some(Value::CertificateSigningRequest(request)) => Some(request),
            Some(other) => return Err(wrong_kind("csr", other)),
        };
        let key = match request {
            Some(request) => request.public_key(),
            None => args.public_key("public-key")?,
        };
        if !key.algorithm().signs() {
            let message = format!("a key of {} signs nothing, and cannot be certified", key.title());
            return Err(Refused::policy(WRONG_ALGORITHM, message));
        }
        let profile = profile(args, acting.clock, request)?;
        Ok(Some(Value::Certificate(certificate::issue(profile, &key, &args.credential("issuer")?)?)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { relies_on: &["issuer"], ..Bearing::NONE } }
    }
}

impl Operation for IssueCredential {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "issue-credential",
                summary: "Provides an actor with a new key and a certificate for it, before the method begins.",
                standard: "",
                shape: Shape::Setup,
                params: &[
                    needs(
                        "issuer",
                        Accepts::Kinds(&[ArtifactKind::Credential]),
                        "the authority, held by the actor that hands over",
                    ),
                    needs("use", Accepts::Choice(USES), "what the certificate may be used for"),
                    needs("name", Accepts::Text, "CN of the subject, and DNS name of a server"),
                    takes("serial-number", Accepts::Text, "serialNumber attribute of the subject"),
                    takes("organization", Accepts::Text, "O of the subject"),
                    takes("days", Accepts::Number, "validity in days; 365 where absent"),
                    takes("algorithm", Accepts::Choice(SIGNING), "what the key is for; `p256` where absent"),
                ],
                result: Some(ArtifactKind::Credential),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let issuer = args.credential("issuer")?;
        let profile = profile(args, acting.clock, None)?;
        let key = PrivateKey::generate_for(keygen::algorithm(args));
        Ok(Some(Value::Credential(issued(profile, key, &issuer)?)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { relies_on: &["issuer"], ..Bearing::NONE } }
    }
}

fn issued(profile: Profile, key: PrivateKey, issuer: &Credential) -> Result<Credential, Refused> {
    let public: PublicKey = key.public();
    let mut chain = vec![certificate::issue(profile, &public, issuer)?];
    // What is sent in a handshake is every certificate below the root (RFC 8446, section 4.4.2).
    chain.extend(issuer.chain.iter().filter(|link| !is_root(link)).cloned());
    Ok(Credential { chain, key })
}

fn is_root(certificate: &Certificate) -> bool {
    certificate.subject() == certificate.issuer()
}

fn profile(args: &Args, clock: Timestamp, request: Option<&CertificateSigningRequest>) -> Result<Profile, Refused> {
    let purpose = purpose(&args.text_or("use", "client"));
    let mut subject = request.map(CertificateSigningRequest::subject_fields).unwrap_or_default();
    subject = Subject {
        common_name: args.text("common-name").or_else(|| args.text("name")).or(subject.common_name),
        serial_number: args.text("serial-number").or(subject.serial_number),
        organization: args.text("organization").or(subject.organization),
        vendor_id: args.text("vendor-id").or(subject.vendor_id),
        product_id: args.text("product-id").or(subject.product_id),
        ..subject
    };
    let mut dns_names = args.texts("dns-names");
    if let (Some(name), true) = (args.text("name"), serves(purpose)) {
        dns_names.push(name);
    }
    let (not_before, not_after) = match args.number("days", 365) {
        0 => (clock, Timestamp::LAST),
        days => validity_in_days(clock, days)?,
    };
    Ok(Profile { subject, purpose, dns_names, not_before, not_after, serial: None, masa_url: args.text("masa-url") })
}

fn purpose(word: &str) -> Purpose {
    match word {
        "server" => Purpose::Server,
        "client-and-server" => Purpose::ClientAndServer,
        "signer" => Purpose::Signer,
        "registration-authority" => Purpose::RegistrationAuthority,
        "authority" => Purpose::Authority { path_len: Some(0) },
        _ => Purpose::Client,
    }
}

fn serves(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Server | Purpose::ClientAndServer | Purpose::RegistrationAuthority)
}

/// Validity from `clock` on for `seconds`.
pub fn validity(clock: Timestamp, seconds: i64) -> (Timestamp, Timestamp) {
    (clock, clock.plus(seconds))
}

/// Validity from `clock` on for `days`, of which there is at least one.
pub fn validity_in_days(clock: Timestamp, days: i64) -> Result<(Timestamp, Timestamp), Refused> {
    if days < 1 {
        return Err(Refused::policy("wrong-validity", format!("{days} days is no validity")));
    }
    Ok(validity(clock, days.saturating_mul(DAY)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_days_leads_beyond_the_last_date() {
        let clock = Timestamp(1_000);
        assert_eq!(validity_in_days(clock, 1).unwrap(), (clock, Timestamp(1_000 + DAY)));
        assert_eq!(validity_in_days(clock, i64::MAX).unwrap(), (clock, Timestamp::LAST));
        for days in [0, -1, i64::MIN] {
            assert_eq!(validity_in_days(clock, days).unwrap_err().message, format!("{days} days is no validity"));
        }
    }
}
