//! Certificate revocation lists.

use super::issue::DAY;
use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::clock::Timestamp;
use crate::crypto::crl::CertificateRevocationList;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Makes a revocation list.
pub struct Crl;

impl Operation for Crl {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "crl",
                summary: "Makes a certificate revocation list; each certificate on it is revoked as of now for key compromise.",
                standard: "RFC 5280, section 5",
                shape: Shape::Local,
                params: &[
                    needs("issuer", Accepts::Kinds(&[ArtifactKind::Credential]), "the authority"),
                    takes(
                        "revoked",
                        Accepts::ListOf(&[ArtifactKind::Certificate, ArtifactKind::Chain]),
                        "certificates to revoke; none where absent",
                    ),
                    takes("days", Accepts::Number, "days until the next list; 7 where absent"),
                    takes("number", Accepts::Number, "number of the list; 1 where absent"),
                ],
                result: Some(ArtifactKind::CertificateRevocationList),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let revoked: Vec<(Vec<u8>, Timestamp)> = args
            .certificates("revoked")?
            .iter()
            .map(|certificate| (certificate.serial_bytes(), acting.clock))
            .collect();
        let next = acting.clock.plus(args.number("days", 7).saturating_mul(DAY));
        let number = u64::try_from(args.number("number", 1)).unwrap_or(1);
        let list =
            CertificateRevocationList::create(&args.credential("issuer")?, &revoked, acting.clock, next, number)?;
        Ok(Some(Value::CertificateRevocationList(list)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { relies_on: &["issuer"], ..Bearing::NONE } }
    }
}
