//! The payload that phone apps scan before they provision a device over Bluetooth or its own access point:
//! the JSON object of Espressif's unified provisioning.

use serde::{Deserialize, Serialize};

use super::{Malformed, ensure};

/// What an app needs to find a device and to prove that somebody stands before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvisioningPayload {
    ver: Version,
    /// Name under which the device advertises itself.
    pub name: String,
    /// User name; with security version 2 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Proof of possession; absent where the device asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pop: Option<String>,
    /// How the app reaches the device.
    pub transport: Transport,
    /// Security version 0, 1 or 2; where absent, the app asks the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<u8>,
}

/// How an app reaches a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Bluetooth Low Energy.
    Ble,
    /// The device's own access point.
    SoftAp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Version {
    V1,
}

impl ProvisioningPayload {
    /// A payload without the optional members beyond the proof of possession.
    pub fn new(name: impl Into<String>, pop: Option<String>, transport: Transport) -> Self {
        Self { ver: Version::V1, name: name.into(), username: None, pop, transport, security: None }
    }

    /// Writes the payload; its members keep the order of Espressif's own examples.
    pub fn encode(&self) -> Result<String, Malformed> {
        self.check()?;
        serde_json::to_string(self).map_err(|error| Malformed::new(error.to_string()))
    }

    /// Reads a payload.
    pub fn decode(text: &str) -> Result<Self, Malformed> {
        let payload: Self = serde_json::from_str(text)
            .map_err(|error| Malformed::new(format!("not a provisioning payload: {error}")))?;
        payload.check()?;
        Ok(payload)
    }

    fn check(&self) -> Result<(), Malformed> {
        ensure(!self.name.is_empty(), || "`name` is empty".to_owned())?;
        let fits = self.security.is_none_or(|security| security <= 2);
        ensure(fits, || "`security` is not 0, 1 or 2".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_is_what_apps_scan() {
        let payload = ProvisioningPayload::new("PROV_1a2b3c", Some("abcd1234".to_owned()), Transport::Ble);
        let text = payload.encode().unwrap();
        assert_eq!(text, r#"{"ver":"v1","name":"PROV_1a2b3c","pop":"abcd1234","transport":"ble"}"#);
        assert_eq!(ProvisioningPayload::decode(&text).unwrap(), payload);
        let open = ProvisioningPayload::decode(r#"{"ver":"v1","name":"x","transport":"softap","security":0}"#).unwrap();
        assert_eq!((open.pop, open.transport, open.security), (None, Transport::SoftAp, Some(0)));
    }

    #[test]
    fn a_payload_is_refused_for_the_stated_reason() {
        let refused = |text: &str| ProvisioningPayload::decode(text).unwrap_err().message;
        assert!(refused(r#"{"ver":"v2","name":"x","transport":"ble"}"#).contains("unknown variant `v2`"));
        assert!(refused(r#"{"ver":"v1","transport":"ble"}"#).contains("missing field `name`"));
        assert!(refused(r#"{"ver":"v1","name":"x","transport":"ble","pin":1}"#).contains("unknown field `pin`"));
        assert_eq!(refused(r#"{"ver":"v1","name":"","transport":"ble"}"#), "`name` is empty");
        assert_eq!(refused(r#"{"ver":"v1","name":"x","transport":"ble","security":3}"#), "`security` is not 0, 1 or 2");
    }
}
