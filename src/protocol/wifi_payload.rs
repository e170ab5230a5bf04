//! The payload of a Wi-Fi QR symbol as phones read it, `WIFI:T:WPA;S:…;P:…;;`, with its escapes.

use super::{Malformed, ensure};

/// A network to join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WifiPayload {
    /// Name of the network, 1 to 32 bytes.
    pub ssid: String,
    /// Passphrase; absent for an open network.
    pub passphrase: Option<String>,
    /// Whether the network does not announce its name.
    pub hidden: bool,
}

impl WifiPayload {
    /// Writes the payload.
    pub fn encode(&self) -> Result<String, Malformed> {
        self.check()?;
        let kind = self.passphrase.as_ref().map_or("", |_| "T:WPA;");
        let passphrase = self.passphrase.as_ref().map(|passphrase| format!("P:{};", escape(passphrase)));
        let hidden = if self.hidden { "H:true;" } else { "" };
        Ok(format!("WIFI:{kind}S:{};{}{hidden};", escape(&self.ssid), passphrase.unwrap_or_default()))
    }

    /// Reads a payload; its members may be in any order.
    pub fn decode(text: &str) -> Result<Self, Malformed> {
        let body = text.strip_prefix("WIFI:").ok_or_else(|| Malformed::new("a Wi-Fi payload begins with `WIFI:`"))?;
        let members = split(body)?;
        let find = |name: &str| members.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        for (idx, (name, _)) in members.iter().enumerate() {
            ensure(["H", "P", "S", "T"].contains(&name.as_str()), || format!("`{name}` is not supported"))?;
            ensure(members[..idx].iter().all(|(key, _)| key != name), || format!("`{name}` is there twice"))?;
        }
        let ssid = find("S").ok_or_else(|| Malformed::new("`S`, the name of the network, is missing"))?;
        let passphrase = match (find("T").as_deref(), find("P")) {
            (None | Some("nopass" | ""), None) => None,
            (Some("WPA"), Some(passphrase)) => Some(passphrase),
            (Some("WPA"), None) => return Err(Malformed::new("`P`, the passphrase, is missing")),
            (None | Some("nopass" | ""), Some(_)) => return Err(Malformed::new("a passphrase for an open network")),
            (Some(kind), _) => return Err(Malformed::new(format!("`T:{kind}` is not supported"))),
        };
        let payload = Self { ssid, passphrase, hidden: find("H").is_some_and(|hidden| hidden == "true") };
        payload.check()?;
        Ok(payload)
    }

    /// IEEE 802.11: an SSID has at most 32 octets, a passphrase 8 to 63 printable ASCII characters.
    fn check(&self) -> Result<(), Malformed> {
        let len = self.ssid.len();
        ensure((1..=32).contains(&len), || format!("the name of the network has {len} bytes, not 1 to 32"))?;
        let Some(passphrase) = &self.passphrase else { return Ok(()) };
        let is_printable = passphrase.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        ensure(is_printable, || "the passphrase has characters that are not printable ASCII".to_owned())?;
        let len = passphrase.len();
        ensure((8..=63).contains(&len), || format!("the passphrase has {len} characters, not 8 to 63"))
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | ';' | ',' | ':' | '"') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Names and unescaped values up to the empty member at the end.
fn split(body: &str) -> Result<Vec<(String, String)>, Malformed> {
    let mut members = Vec::new();
    let mut chars = body.chars();
    while let Some(member) = member(&mut chars)? {
        let (name, value) = member;
        if name.is_empty() && value.is_none() {
            ensure(chars.as_str().is_empty(), || "there is text after `;;`".to_owned())?;
            return Ok(members);
        }
        let value = value.ok_or_else(|| Malformed::new(format!("`{name}` has no value")))?;
        members.push((name, value));
    }
    Err(Malformed::new("a Wi-Fi payload ends with `;;`"))
}

type Member = (String, Option<String>);

fn member(chars: &mut std::str::Chars<'_>) -> Result<Option<Member>, Malformed> {
    let (mut name, mut value) = (String::new(), None::<String>);
    while let Some(c) = chars.next() {
        let c = match c {
            ';' => return Ok(Some((name, value))),
            ':' if value.is_none() => {
                value = Some(String::new());
                continue;
            }
            '\\' => chars.next().ok_or_else(|| Malformed::new("a backslash at the end"))?,
            c => c,
        };
        value.as_mut().unwrap_or(&mut name).push(c);
    }
    ensure(name.is_empty() && value.is_none(), || format!("`{name}` does not end with `;`"))?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn separators_are_escaped() {
        let payload = WifiPayload {
            ssid: "\"foo;bar\\baz\"".to_owned(),
            passphrase: Some("a:b,c;12345".to_owned()),
            hidden: true,
        };
        let text = payload.encode().unwrap();
        assert_eq!(text, r#"WIFI:T:WPA;S:\"foo\;bar\\baz\";P:a\:b\,c\;12345;H:true;;"#);
        assert_eq!(WifiPayload::decode(&text).unwrap(), payload);
        let open = WifiPayload { ssid: "guest".to_owned(), passphrase: None, hidden: false };
        assert_eq!(open.encode().unwrap(), "WIFI:S:guest;;");
        assert_eq!(WifiPayload::decode("WIFI:S:guest;T:nopass;;").unwrap(), open);
    }

    #[test]
    fn a_payload_is_refused_for_the_stated_reason() {
        let refused = |text: &str| WifiPayload::decode(text).unwrap_err().message;
        assert_eq!(refused("WLAN:S:a;;"), "a Wi-Fi payload begins with `WIFI:`");
        assert_eq!(refused("WIFI:S:a;"), "a Wi-Fi payload ends with `;;`");
        assert_eq!(refused("WIFI:S:a"), "`S` does not end with `;`");
        assert_eq!(refused("WIFI:S:a\\"), "a backslash at the end");
        assert_eq!(refused("WIFI:S:a;;x"), "there is text after `;;`");
        assert_eq!(refused("WIFI:S;;"), "`S` has no value");
        assert_eq!(refused("WIFI:S:a;S:b;;"), "`S` is there twice");
        assert_eq!(refused("WIFI:S:a;X:b;;"), "`X` is not supported");
        assert_eq!(refused("WIFI:T:WPA;P:12345678;;"), "`S`, the name of the network, is missing");
        assert_eq!(refused("WIFI:S:a;T:WPA;;"), "`P`, the passphrase, is missing");
        assert_eq!(refused("WIFI:S:a;P:12345678;;"), "a passphrase for an open network");
        assert_eq!(refused("WIFI:S:a;T:WEP;P:12345678;;"), "`T:WEP` is not supported");
        assert_eq!(refused("WIFI:S:a;T:WPA;P:1234567;;"), "the passphrase has 7 characters, not 8 to 63");
        assert_eq!(refused("WIFI:S:;;"), "the name of the network has 0 bytes, not 1 to 32");
    }

    proptest! {
        #[test]
        fn networks_come_back(ssid in ".{1,8}", passphrase in prop::option::of("[ -~]{8,63}"), hidden: bool) {
            let payload = WifiPayload { ssid, passphrase, hidden };
            prop_assert_eq!(WifiPayload::decode(&payload.encode().unwrap()).unwrap(), payload);
        }

        #[test]
        fn no_text_makes_the_decoder_panic(text in "(WIFI:)?[STPH:;\\\\a]{0,20}") {
            let _ = WifiPayload::decode(&text);
        }
    }
}
