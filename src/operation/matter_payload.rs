//! Onboarding payloads of Matter: passcode, QR text, and manual pairing code.

use super::{Accepts, Acting, Args, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::annotation::Kind;
use crate::crypto::party;
use crate::protocol::matter_payload::{CommissioningFlow, ManualCode, OnboardingPayload, check_passcode};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// A passcode.
pub struct Passcode;

/// The text of a QR symbol.
pub struct Payload;

/// The digits to type.
pub struct Manual;

/// Reads a payload or a code.
pub struct Read;

impl Operation for Passcode {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "matter-passcode",
                summary: "A random passcode of eight digits, none of those that anyone would try first.",
                standard: "Matter Core Specification, section 5.1.7",
                shape: Shape::Local,
                params: &[],
                result: Some(ArtifactKind::Token),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Random
    }

    fn perform(&self, _: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        loop {
            let mut bytes = [0; 4];
            party::fill(&mut bytes);
            // The upper bits are cut off and larger numbers drawn again, so that none is likelier than another.
            let passcode = u32::from_le_bytes(bytes) & 0x07ff_ffff;
            if check_passcode(passcode).is_ok() {
                return Ok(Some(Value::Token(format!("{passcode:08}"))));
            }
        }
    }
}

impl Operation for Payload {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "matter-payload",
                summary: "Writes what the QR symbol on a Matter device says.",
                standard: "Matter Core Specification, section 5.1.3",
                shape: Shape::Local,
                params: &[
                    needs("vendor-id", Accepts::Text, "vendor, 4 hexadecimal digits"),
                    needs("product-id", Accepts::Text, "product of that vendor, 4 hexadecimal digits"),
                    needs("discriminator", Accepts::Text, "tells nearby devices apart, 12 bits"),
                    needs("passcode", Accepts::Text, "the passcode, in decimal digits"),
                    takes(
                        "discovery",
                        Accepts::Number,
                        "where the device can be found, a bit each: 1 SoftAP, 2 Bluetooth, 4 on the network; 2 where absent",
                    ),
                    takes("flow", Accepts::Number, "what the user does before, 0 to 2; 0 (nothing) where absent"),
                ],
                result: Some(ArtifactKind::QrPayload),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let payload = OnboardingPayload {
            vendor_id: identifier(args, "vendor-id")?,
            product_id: identifier(args, "product-id")?,
            flow: CommissioningFlow::find(number(args, "flow", 0)?)?,
            discovery: number(args, "discovery", 2)?,
            discriminator: number(args, "discriminator", 0)?,
            passcode: number(args, "passcode", 0)?,
            extension: Vec::new(),
        };
        Ok(Some(Value::QrPayload(payload.encode()?)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { passes_on: &["passcode"], ..Bearing::NONE } }
    }
}

impl Operation for Manual {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "matter-manual-code",
                summary: "The digits to type in place of scanning a QR payload, the last of them a check digit.",
                standard: "Matter Core Specification, section 5.1.4",
                shape: Shape::Local,
                params: &[needs("payload", Accepts::Kinds(&[ArtifactKind::QrPayload]), "what the QR symbol says")],
                result: Some(ArtifactKind::Token),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let payload = OnboardingPayload::decode(&acting.args.text_or("payload", ""))?;
        Ok(Some(Value::Token(payload.manual_code().encode()?)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { passes_on: &["payload"], ..Bearing::NONE } }
    }
}

impl Operation for Read {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "matter-payload-read",
                summary: "Reads the payload of a QR symbol, or a manual pairing code: `passcode`, and `discriminator` (as a number, and as the two bytes of an advertisement) with `vendor-id`, `product-id`, `flow` and `discovery`, or `short-discriminator`.",
                standard: "Matter Core Specification, sections 5.1.3 and 5.1.4",
                shape: Shape::Local,
                params: &[needs(
                    "payload",
                    Accepts::Kinds(&[ArtifactKind::QrPayload, ArtifactKind::Text, ArtifactKind::Token]),
                    "the text that was scanned, or the digits that were typed",
                )],
                result: Some(ArtifactKind::Members),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let text = acting.args.text_or("payload", "");
        let passcode = |passcode: u32| Value::Token(format!("{passcode:08}"));
        let members: Vec<(&str, Value)> = if text.starts_with("MT:") {
            let read = OnboardingPayload::decode(&text)?;
            vec![
                ("vendor-id", digits(read.vendor_id)),
                ("product-id", digits(read.product_id)),
                ("flow", Value::Number(read.flow.number().into())),
                ("discovery", Value::Number(read.discovery.into())),
                ("discriminator", Value::Number(read.discriminator.into())),
                // Advertisements have it in two bytes, the least significant first (section 5.4.2.5).
                ("discriminator-bytes", Value::Bytes(read.discriminator.to_le_bytes().to_vec())),
                ("passcode", passcode(read.passcode)),
            ]
        } else {
            let read = ManualCode::decode(&text)?;
            let ids =
                read.ids.map(|(vendor, product)| [("vendor-id", digits(vendor)), ("product-id", digits(product))]);
            let short = ("short-discriminator", Value::Number(read.short_discriminator.into()));
            [short, ("passcode", passcode(read.passcode))].into_iter().chain(ids.into_iter().flatten()).collect()
        };
        let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
        Ok(Some(Value::Members(members.collect())))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { passes_on: &["payload"], ..Bearing::NONE } }
    }
}

/// A vendor or product as certificates write it.
fn digits(id: u16) -> Value {
    Value::Text(format!("{id:04X}"))
}

fn identifier(args: &Args, name: &str) -> Result<u16, Refused> {
    let text = args.text_or(name, "");
    let number = u16::from_str_radix(&text, 16).ok().filter(|_| text.len() == 4 && !text.starts_with('+'));
    number.ok_or_else(|| Refused::malformed(format!("`{name}` is `{text}`, not 4 hexadecimal digits")))
}

/// The number called `name`, in digits or as a value.
fn number<T: TryFrom<u64>>(args: &Args, name: &str, default: u64) -> Result<T, Refused> {
    let text = args.text(name).unwrap_or_else(|| default.to_string());
    let number = text.parse().ok().and_then(|number: u64| T::try_from(number).ok());
    number.ok_or_else(|| Refused::malformed(format!("`{name}` cannot be `{text}`")))
}
