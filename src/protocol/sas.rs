//! Shared access signatures as Azure's device services want them: what is signed, and the token around the signature.

use super::encoding::{base64, from_base64, percent_decode, percent_encode};
use super::writer::Writer;
use super::{Encoded, Malformed, ensure};
use crate::annotation::Kind;
use crate::clock::Timestamp;

/// A token, taken apart; nothing is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SasToken {
    /// The resource as it stands in the token, percent-encoded: the signature is over this text, not over its meaning.
    pub encoded_resource: String,
    /// HMAC-SHA256 over [`string_to_sign`](Self::string_to_sign).
    pub signature: Vec<u8>,
    /// Seconds since 1970 after which it is no longer valid.
    pub expiry: u64,
    /// Name of the key or policy: `registration` for the provisioning service.
    pub key_name: Option<String>,
}

impl SasToken {
    /// A token for `resource`; `sign` gets the string to sign and gives its HMAC-SHA256.
    pub fn sign(resource: &str, expiry: u64, key_name: Option<&str>, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Self {
        let encoded_resource = percent_encode(resource);
        let signature = sign(string_to_sign(&encoded_resource, expiry).as_bytes());
        Self { encoded_resource, signature, expiry, key_name: key_name.map(str::to_owned) }
    }

    /// The resource in plain text, such as `0ne00/registrations/sn-007`.
    pub fn resource(&self) -> Result<String, Malformed> {
        percent_decode(&self.encoded_resource).map_err(|malformed| malformed.inside("sr"))
    }

    /// What the signature is over.
    pub fn string_to_sign(&self) -> String {
        string_to_sign(&self.encoded_resource, self.expiry)
    }

    /// Writes the token.
    pub fn encode(&self) -> Encoded {
        let mut writer = Writer::default();
        writer.of(Kind::Text, "scheme", SCHEME.as_bytes(), SCHEME);
        writer.field("separator", b" ", "ends the scheme");
        let resource = self.resource().unwrap_or_else(|malformed| malformed.message);
        write_member(&mut writer, Kind::Text, "sr", &self.encoded_resource, &resource);
        writer.field("separator", b"&", "separates members");
        let signature = percent_encode(&base64(&self.signature));
        write_member(&mut writer, Kind::Digest, "sig", &signature, &hex::encode(&self.signature));
        writer.field("separator", b"&", "separates members");
        write_member(&mut writer, Kind::Plain, "se", &self.expiry.to_string(), &moment(self.expiry));
        if let Some(key_name) = &self.key_name {
            writer.field("separator", b"&", "separates members");
            write_member(&mut writer, Kind::Text, "skn", &percent_encode(key_name), key_name);
        }
        writer.finish()
    }

    /// Reads a token; its members may be in any order.
    pub fn decode(text: &str) -> Result<Self, Malformed> {
        let members = text.strip_prefix(SCHEME).and_then(|rest| rest.strip_prefix(' '));
        let members = members.ok_or_else(|| Malformed::new(format!("a token begins with `{SCHEME} `")))?;
        let [mut resource, mut signature, mut expiry, mut key_name] = [const { None }; 4];
        for member in members.split('&') {
            let (name, value) =
                member.split_once('=').ok_or_else(|| Malformed::new(format!("`{member}` has no value")))?;
            let slot = match name {
                "sr" => &mut resource,
                "sig" => &mut signature,
                "se" => &mut expiry,
                "skn" => &mut key_name,
                _ => return Err(Malformed::new(format!("`{name}` is not a member of a token"))),
            };
            ensure(slot.replace(value).is_none(), || format!("`{name}` is there twice"))?;
        }
        let missing = |name: &'static str| move || Malformed::new(format!("`{name}` is missing"));
        let token = Self {
            encoded_resource: resource.ok_or_else(missing("sr"))?.to_owned(),
            signature: read_signature(signature.ok_or_else(missing("sig"))?)?,
            expiry: read_expiry(expiry.ok_or_else(missing("se"))?)?,
            key_name: key_name.map(percent_decode).transpose().map_err(|malformed| malformed.inside("skn"))?,
        };
        token.resource()?;
        Ok(token)
    }
}

/// Explains every byte of a token; one that is no token, or that is written in another way, is a single field.
#[must_use]
pub fn describe(text: &str) -> Encoded {
    match SasToken::decode(text).map(|token| token.encode()) {
        Ok(encoded) if encoded.bytes == text.as_bytes() => encoded,
        Ok(_) => {
            let mut writer = Writer::default();
            writer.of(Kind::Text, "shared access signature", text.as_bytes(), text);
            writer.finish()
        }
        Err(malformed) => Encoded::unexplained(text.as_bytes(), malformed),
    }
}

/// The percent-encoded resource and the expiry, on two lines.
#[must_use]
pub fn string_to_sign(encoded_resource: &str, expiry: u64) -> String {
    format!("{encoded_resource}\n{expiry}")
}

/// A registration id in the form from which device keys are derived: checked, and in lower case.
///
/// The device key is the HMAC-SHA256 of this text under the group's key.
pub fn registration_id(text: &str) -> Result<String, Malformed> {
    let len = text.len();
    ensure((1..=128).contains(&len), || format!("a registration id has 1 to 128 characters, not {len}"))?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    ensure(text.bytes().all(fits), || "a registration id has letters, digits, `-`, `.`, `_` and `:` only".to_owned())?;
    ensure(!text.ends_with(['.', '_', ':']), || "a registration id ends with a letter, a digit or `-`".to_owned())?;
    Ok(text.to_ascii_lowercase())
}

fn write_member(writer: &mut Writer, kind: Kind, name: &str, value: &str, words: &str) {
    writer.field("name", format!("{name}=").as_bytes(), name);
    writer.of(kind, name, value.as_bytes(), words);
}

fn read_signature(value: &str) -> Result<Vec<u8>, Malformed> {
    percent_decode(value).and_then(|text| from_base64(&text)).map_err(|malformed| malformed.inside("sig"))
}

fn read_expiry(value: &str) -> Result<u64, Malformed> {
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    let expiry = if is_number { value.parse().ok() } else { None };
    expiry.ok_or_else(|| Malformed::new(format!("`se`: `{value}` is not a number of seconds")))
}

/// The expiry for people; as the number where no calendar has it.
fn moment(expiry: u64) -> String {
    let in_calendar = i64::try_from(expiry).is_ok_and(|seconds| seconds <= LAST_SECOND_OF_9999);
    if in_calendar { Timestamp(expiry.cast_signed()).to_string() } else { expiry.to_string() }
}

const LAST_SECOND_OF_9999: i64 = 253_402_300_799;
const SCHEME: &str = "SharedAccessSignature";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::explained;
    use proptest::prelude::*;

    fn token() -> SasToken {
        SasToken::sign("0ne00/registrations/sn-007", 1_767_229_200, Some("registration"), |input| {
            assert_eq!(input, b"0ne00%2Fregistrations%2Fsn-007\n1767229200");
            vec![0xfb; 32]
        })
    }

    #[test]
    fn a_token_comes_back() {
        let encoded = token().encode();
        let expiry = encoded.fields.iter().find(|field| field.name == "se").unwrap();
        assert_eq!(expiry.value, "2026-01-01T01:00:00Z");
        let text = String::from_utf8(explained(encoded)).unwrap();
        assert_eq!(
            text,
            "SharedAccessSignature sr=0ne00%2Fregistrations%2Fsn-007\
             &sig=%2B%2Fv7%2B%2Fv7%2B%2Fv7%2B%2Fv7%2B%2Fv7%2B%2Fv7%2B%2Fv7%2B%2Fv7%2B%2Fv7%2B%2Fv7%2B%2Fs%3D\
             &se=1767229200&skn=registration"
        );
        assert_eq!(SasToken::decode(&text).unwrap(), token());
        assert_eq!(token().resource().unwrap(), "0ne00/registrations/sn-007");
    }

    #[test]
    fn the_signature_is_over_the_resource_as_it_was_received() {
        let token = SasToken::decode("SharedAccessSignature se=1&sig=AA%3D%3D&sr=a%2fb").unwrap();
        assert_eq!(token.string_to_sign(), "a%2fb\n1");
        assert_eq!(token.key_name, None);
        assert_eq!(describe("SharedAccessSignature se=1&sig=AA%3D%3D&sr=a%2fb").fields.len(), 1);
    }

    #[test]
    fn a_token_is_refused_for_the_stated_reason() {
        let refused =
            |members: &str| SasToken::decode(&format!("SharedAccessSignature {members}")).unwrap_err().message;
        assert_eq!(SasToken::decode("Bearer x").unwrap_err().message, "a token begins with `SharedAccessSignature `");
        assert_eq!(refused("sr=a&se=1"), "`sig` is missing");
        assert_eq!(refused("sig=AA%3D%3D&se=1"), "`sr` is missing");
        assert_eq!(refused("sr=a&sig=AA%3D%3D"), "`se` is missing");
        assert_eq!(refused("sr=a&sr=b"), "`sr` is there twice");
        assert_eq!(refused("sr"), "`sr` has no value");
        assert_eq!(refused("sr=a&x=1"), "`x` is not a member of a token");
        assert_eq!(refused("sr=a&sig=AA%3D%3D&se=+1"), "`se`: `+1` is not a number of seconds");
        assert!(refused("sr=a&sig=AA&se=1").starts_with("`sig`: not base64"));
        assert!(refused("sr=a%2&sig=AA%3D%3D&se=1").starts_with("`sr`: "));
    }

    #[test]
    fn registration_ids_are_checked_and_lower_case() {
        assert_eq!(registration_id("SN-007-888-ABC").unwrap(), "sn-007-888-abc");
        assert!(registration_id("").unwrap_err().message.contains("1 to 128"));
        assert!(registration_id(&"a".repeat(129)).unwrap_err().message.contains("not 129"));
        assert!(registration_id("a/b").unwrap_err().message.contains("only"));
        assert!(registration_id("a.").unwrap_err().message.contains("ends with"));
    }

    proptest! {
        #[test]
        fn tokens_come_back(resource: String, expiry: u64, key_name: Option<String>, signature: Vec<u8>) {
            let token = SasToken::sign(&resource, expiry, key_name.as_deref(), |_| signature.clone());
            let text = String::from_utf8(explained(token.encode())).unwrap();
            prop_assert_eq!(SasToken::decode(&text).unwrap(), token);
        }

        #[test]
        fn no_text_makes_the_decoder_panic(members in "[a-z0-9=&%]{0,30}") {
            let text = format!("SharedAccessSignature {members}");
            prop_assert_eq!(explained(describe(&text)), text.as_bytes());
        }
    }
}
