//! Commands of clusters as the Interaction Model carries them (Matter Core Specification, chapters 8, 10 and 11).
//!
//! To add a command: a line in [`COMMANDS`].

use super::tlv::{self, Element, Holds, Member, each, of, plain};
use crate::annotation::{Field, Kind};
use crate::protocol::{Malformed, ensure};

/// A command of a cluster, with what it carries.
#[derive(Debug)]
pub struct Command {
    /// Name in the standard.
    pub name: &'static str,
    /// Name of the cluster.
    pub cluster: &'static str,
    /// Number of the cluster.
    pub cluster_id: u32,
    /// Number of the command in the cluster.
    pub id: u32,
    /// Whether the server of the cluster sends it, as an answer.
    pub is_response: bool,
    /// What it carries, by tag.
    pub fields: &'static [CommandField],
    members: &'static [Member],
}

/// A field of a command.
#[derive(Debug)]
pub struct CommandField {
    /// Context tag.
    pub tag: u8,
    /// Name in the standard.
    pub name: &'static str,
    /// What sort of value it is.
    pub form: Form,
}

/// What sort of value a field of a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// True or false.
    Boolean,
    /// Bytes.
    Octets,
    /// UTF-8.
    Text,
    /// A number without a sign.
    Unsigned,
}

/// A command in an `InvokeRequest`, or what an `InvokeResponse` says of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Endpoint of the node; 0 has the clusters for commissioning.
    pub endpoint: u16,
    /// Number of the cluster.
    pub cluster_id: u32,
    /// Number of the command.
    pub command_id: u32,
    /// What it carries, or how it went where nothing is answered but that.
    pub body: Body,
}

/// What is said of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Its fields: a structure.
    Fields(Element),
    /// Its status; 0 is success (section 8.10.1).
    Status(u8),
}

/// Opcode of `InvokeRequest` (section 10.2.1).
pub const INVOKE_REQUEST: u8 = 0x08;
/// Opcode of `InvokeResponse`.
pub const INVOKE_RESPONSE: u8 = 0x09;

macro_rules! command {
    ($cluster:ident, $id:literal, $name:literal, $is_response:literal, [$(($tag:literal, $field:literal, $form:ident, $holds:expr)),*]) => {
        Command {
            name: $name,
            cluster: $cluster.1,
            cluster_id: $cluster.0,
            id: $id,
            is_response: $is_response,
            fields: &[$(CommandField { tag: $tag, name: $field, form: Form::$form }),*],
            members: {
                const FIELDS: &[Member] = &[$(Member { tag: Some($tag), name: $field, holds: $holds }),*];
                const DATA: &[Member] = &[of(0, "CommandPath", PATH), of(1, "CommandFields", FIELDS)];
                const ANSWER: &[Member] = &[of(0, "Command", DATA), of(1, "Status", STATUS)];
                const BODY: &[Member] = if $is_response { ANSWER } else { DATA };
                const LIST: &[Member] = &[each(if $is_response { "InvokeResponseIB" } else { "CommandDataIB" }, BODY)];
                const MESSAGE: &[Member] = if $is_response {
                    &[plain(0, "SuppressResponse"), of(1, "InvokeResponses", LIST), plain(REVISION_TAG, "InteractionModelRevision")]
                } else {
                    &[plain(0, "SuppressResponse"), plain(1, "TimedRequest"), of(2, "InvokeRequests", LIST), plain(REVISION_TAG, "InteractionModelRevision")]
                };
                MESSAGE
            },
        }
    };
}

const VALUE: Holds = Holds::A(Kind::Plain);
const RANDOM: Holds = Holds::A(Kind::Random);
const KEY: Holds = Holds::A(Kind::Key);
const SIGNATURE: Holds = Holds::A(Kind::Signature);

type Cluster = (u32, &'static str);
/// Section 11.10.
const GENERAL_COMMISSIONING: Cluster = (0x30, "General Commissioning");
/// Section 11.9.
const NETWORK_COMMISSIONING: Cluster = (0x31, "Network Commissioning");
/// Section 11.18.
const OPERATIONAL_CREDENTIALS: Cluster = (0x3e, "Operational Credentials");

/// Every command, in the order of clusters and numbers.
pub const COMMANDS: &[Command] = &[
    command!(
        GENERAL_COMMISSIONING,
        0x00,
        "ArmFailSafe",
        false,
        [(0, "ExpiryLengthSeconds", Unsigned, VALUE), (1, "Breadcrumb", Unsigned, VALUE)]
    ),
    command!(
        GENERAL_COMMISSIONING,
        0x01,
        "ArmFailSafeResponse",
        true,
        [(0, "ErrorCode", Unsigned, VALUE), (1, "DebugText", Text, VALUE)]
    ),
    command!(
        GENERAL_COMMISSIONING,
        0x02,
        "SetRegulatoryConfig",
        false,
        [
            (0, "NewRegulatoryConfig", Unsigned, VALUE),
            (1, "CountryCode", Text, VALUE),
            (2, "Breadcrumb", Unsigned, VALUE)
        ]
    ),
    command!(
        GENERAL_COMMISSIONING,
        0x03,
        "SetRegulatoryConfigResponse",
        true,
        [(0, "ErrorCode", Unsigned, VALUE), (1, "DebugText", Text, VALUE)]
    ),
    command!(GENERAL_COMMISSIONING, 0x04, "CommissioningComplete", false, []),
    command!(
        GENERAL_COMMISSIONING,
        0x05,
        "CommissioningCompleteResponse",
        true,
        [(0, "ErrorCode", Unsigned, VALUE), (1, "DebugText", Text, VALUE)]
    ),
    command!(
        NETWORK_COMMISSIONING,
        0x02,
        "AddOrUpdateWiFiNetwork",
        false,
        [(0, "SSID", Octets, VALUE), (1, "Credentials", Octets, KEY), (2, "Breadcrumb", Unsigned, VALUE)]
    ),
    command!(
        NETWORK_COMMISSIONING,
        0x05,
        "NetworkConfigResponse",
        true,
        [(0, "NetworkingStatus", Unsigned, VALUE), (1, "DebugText", Text, VALUE), (2, "NetworkIndex", Unsigned, VALUE)]
    ),
    command!(
        NETWORK_COMMISSIONING,
        0x06,
        "ConnectNetwork",
        false,
        [(0, "NetworkID", Octets, VALUE), (1, "Breadcrumb", Unsigned, VALUE)]
    ),
    command!(
        NETWORK_COMMISSIONING,
        0x07,
        "ConnectNetworkResponse",
        true,
        [(0, "NetworkingStatus", Unsigned, VALUE), (1, "DebugText", Text, VALUE)]
    ),
    command!(OPERATIONAL_CREDENTIALS, 0x00, "AttestationRequest", false, [(0, "AttestationNonce", Octets, RANDOM)]),
    command!(
        OPERATIONAL_CREDENTIALS,
        0x01,
        "AttestationResponse",
        true,
        [(0, "AttestationElements", Octets, VALUE), (1, "AttestationSignature", Octets, SIGNATURE)]
    ),
    command!(
        OPERATIONAL_CREDENTIALS,
        0x02,
        "CertificateChainRequest",
        false,
        [(0, "CertificateType", Unsigned, VALUE)]
    ),
    command!(OPERATIONAL_CREDENTIALS, 0x03, "CertificateChainResponse", true, [(0, "Certificate", Octets, VALUE)]),
    command!(
        OPERATIONAL_CREDENTIALS,
        0x04,
        "CSRRequest",
        false,
        [(0, "CSRNonce", Octets, RANDOM), (1, "IsForUpdateNOC", Boolean, VALUE)]
    ),
    command!(
        OPERATIONAL_CREDENTIALS,
        0x05,
        "CSRResponse",
        true,
        [(0, "NOCSRElements", Octets, VALUE), (1, "AttestationSignature", Octets, SIGNATURE)]
    ),
    command!(
        OPERATIONAL_CREDENTIALS,
        0x06,
        "AddNOC",
        false,
        [
            (0, "NOCValue", Octets, VALUE),
            (1, "ICACValue", Octets, VALUE),
            (2, "IPKValue", Octets, KEY),
            (3, "CaseAdminSubject", Unsigned, VALUE),
            (4, "AdminVendorId", Unsigned, VALUE)
        ]
    ),
    command!(
        OPERATIONAL_CREDENTIALS,
        0x07,
        "UpdateNOC",
        false,
        [(0, "NOCValue", Octets, VALUE), (1, "ICACValue", Octets, VALUE)]
    ),
    command!(
        OPERATIONAL_CREDENTIALS,
        0x08,
        "NOCResponse",
        true,
        [(0, "StatusCode", Unsigned, VALUE), (1, "FabricIndex", Unsigned, VALUE), (2, "DebugText", Text, VALUE)]
    ),
    command!(OPERATIONAL_CREDENTIALS, 0x0a, "RemoveFabric", false, [(0, "FabricIndex", Unsigned, VALUE)]),
    command!(
        OPERATIONAL_CREDENTIALS,
        0x0b,
        "AddTrustedRootCertificate",
        false,
        [(0, "RootCACertificate", Octets, VALUE)]
    ),
];

/// `CommandPathIB` (section 10.6).
const PATH: &[Member] = &[plain(0, "EndpointId"), plain(1, "ClusterId"), plain(2, "CommandId")];
/// `CommandStatusIB` and `StatusIB` (section 10.6).
const STATUS: &[Member] =
    &[of(0, "CommandPath", PATH), of(1, "Status", &[plain(0, "Status"), plain(1, "ClusterStatus")])];
/// A status and nothing else, of a command that has no answer of its own.
const STATUS_MESSAGE: &[Member] = &[
    plain(0, "SuppressResponse"),
    of(
        1,
        "InvokeResponses",
        &[each(
            "InvokeResponseIB",
            &[of(0, "Command", &[of(0, "CommandPath", PATH), plain(1, "CommandFields")]), of(1, "Status", STATUS)],
        )],
    ),
    plain(REVISION_TAG, "InteractionModelRevision"),
];

/// The tag of every message (section 10.7).
const REVISION_TAG: u8 = 0xff;
/// The revision of Matter 1.2 and 1.3.
const REVISION: u64 = 11;

impl Command {
    /// The command called `name`.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        COMMANDS.iter().find(|command| command.name == name)
    }

    /// The command with these numbers.
    #[must_use]
    pub fn numbered(cluster_id: u32, id: u32) -> Option<&'static Self> {
        COMMANDS.iter().find(|command| command.cluster_id == cluster_id && command.id == id)
    }
}

impl Invocation {
    /// An `InvokeRequest` with this one command (section 10.7.9).
    #[must_use]
    pub fn encode_request(&self) -> Vec<u8> {
        let Body::Fields(fields) = &self.body else { return self.encode_response() };
        message([
            (0, Element::Boolean(false)),
            (1, Element::Boolean(false)),
            (2, Element::Array(vec![self.data(fields.clone())])),
        ])
    }

    /// An `InvokeResponse` about this one command (section 10.7.10).
    #[must_use]
    pub fn encode_response(&self) -> Vec<u8> {
        let answer = match &self.body {
            Body::Fields(fields) => (0, self.data(fields.clone())),
            Body::Status(status) => {
                let status = Element::Structure(vec![(0, Element::Unsigned((*status).into()))]);
                (1, Element::Structure(vec![(0, self.path()), (1, status)]))
            }
        };
        message([(0, Element::Boolean(false)), (1, Element::Array(vec![Element::Structure(vec![answer])]))])
    }

    fn data(&self, fields: Element) -> Element {
        Element::Structure(vec![(0, self.path()), (1, fields)])
    }

    fn path(&self) -> Element {
        let numbers = [u64::from(self.endpoint), self.cluster_id.into(), self.command_id.into()];
        Element::List((0..).map(Some).zip(numbers.map(Element::Unsigned)).collect())
    }

    /// Reads an `InvokeRequest` with one command.
    pub fn decode_request(bytes: &[u8]) -> Result<Self, Malformed> {
        let element = Element::decode(bytes)?;
        element.boolean(0, "SuppressResponse")?;
        let timed = element.boolean(1, "TimedRequest")?;
        ensure(!timed, || "no timed request was announced".to_owned())?;
        let data = only(element.array(2, "InvokeRequests")?)?;
        Self::from_data(data)
    }

    /// Reads an `InvokeResponse` about one command.
    pub fn decode_response(bytes: &[u8]) -> Result<Self, Malformed> {
        let element = Element::decode(bytes)?;
        element.boolean(0, "SuppressResponse")?;
        let answer = only(element.array(1, "InvokeResponses")?)?;
        if let Some(data) = answer.find(0) {
            return Self::from_data(data);
        }
        let status = answer.need(1, "Status")?;
        let code = status.need(1, "Status")?.number(0, "Status")?;
        Self::at_path(status.need(0, "CommandPath")?, Body::Status(code))
    }

    fn from_data(data: &Element) -> Result<Self, Malformed> {
        let fields = data.find(1).cloned().unwrap_or(Element::Structure(Vec::new()));
        Self::at_path(data.need(0, "CommandPath")?, Body::Fields(fields))
    }

    fn at_path(path: &Element, body: Body) -> Result<Self, Malformed> {
        Ok(Self {
            endpoint: path.number(0, "EndpointId")?,
            cluster_id: path.number(1, "ClusterId")?,
            command_id: path.number(2, "CommandId")?,
            body,
        })
    }
}

fn message<const N: usize>(members: [(u8, Element); N]) -> Vec<u8> {
    let members = members.into_iter().chain([(REVISION_TAG, Element::Unsigned(REVISION))]);
    Element::Structure(members.collect()).to_bytes()
}

fn only(items: &[Element]) -> Result<&Element, Malformed> {
    match items {
        [one] => Ok(one),
        items => Err(Malformed::new(format!("{} commands in one message, 1 is expected", items.len()))),
    }
}

/// The name of a message of the Interaction Model.
#[must_use]
pub fn title(opcode: u8) -> Option<&'static str> {
    match opcode {
        INVOKE_REQUEST => Some("InvokeRequest"),
        INVOKE_RESPONSE => Some("InvokeResponse"),
        _ => None,
    }
}

/// Explains a message of the Interaction Model, with the names of the command in it.
#[must_use]
pub fn describe(bytes: &[u8]) -> Vec<Field> {
    let invocation = Invocation::decode_request(bytes).or_else(|_| Invocation::decode_response(bytes));
    let members = invocation.ok().map_or(STATUS_MESSAGE, |invocation| match invocation.body {
        Body::Status(_) => STATUS_MESSAGE,
        Body::Fields(_) => Command::numbered(invocation.cluster_id, invocation.command_id)
            .map_or(STATUS_MESSAGE, |command| command.members),
    });
    tlv::describe(bytes, members)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::annotation::{Inside, leaves};
    use crate::protocol::testing::assert_explained;

    fn arm() -> Invocation {
        let command = Command::find("ArmFailSafe").unwrap();
        let fields = Element::Structure(vec![(0, Element::Unsigned(60)), (1, Element::Unsigned(1))]);
        Invocation { endpoint: 0, cluster_id: command.cluster_id, command_id: command.id, body: Body::Fields(fields) }
    }

    #[test]
    fn a_command_is_the_bytes_that_the_standard_asks_for() {
        let bytes = arm().encode_request();
        assert_eq!(
            hex::encode(&bytes),
            "1528002801360215370024000024013024020018350124003c240101181818 24ff0b18".replace(' ', "")
        );
        assert_eq!(Invocation::decode_request(&bytes).unwrap(), arm());
        let fields = describe(&bytes);
        assert_explained(&bytes, &fields);
        let Inside::Fields(requests) = &fields[3].inside else { panic!("{fields:?}") };
        assert_eq!((fields[3].name.as_str(), requests[1].name.as_str()), ("InvokeRequests", "CommandDataIB"));
        let names = format!("{fields:?}");
        assert!(names.contains("ExpiryLengthSeconds") && names.contains("CommandPath"), "{names}");
    }

    #[test]
    fn answers_come_back() {
        let status = Invocation { body: Body::Status(0xca), ..arm() };
        let bytes = status.encode_response();
        assert_eq!(Invocation::decode_response(&bytes).unwrap(), status);
        assert_explained(&bytes, &describe(&bytes));
        let data = Invocation { command_id: 1, ..arm() };
        assert_eq!(Invocation::decode_response(&data.encode_response()).unwrap(), data);
        assert!(leaves(&describe(&data.encode_response())).len() > 20);
    }

    #[test]
    fn what_is_no_single_command_is_refused() {
        let two = message([
            (0, Element::Boolean(false)),
            (1, Element::Boolean(false)),
            (2, Element::Array(vec![arm().data(Element::Null), arm().data(Element::Null)])),
        ]);
        let refused = Invocation::decode_request(&two).unwrap_err().message;
        assert_eq!(refused, "2 commands in one message, 1 is expected");
        let refused = Invocation::decode_response(&arm().encode_request()).unwrap_err().message;
        assert_eq!(refused, "`InvokeResponses` is a boolean, not an array");
    }

    #[test]
    fn the_table_is_in_order_and_each_name_stands_for_one_command() {
        assert!(COMMANDS.is_sorted_by_key(|command| (command.cluster_id, command.id)));
        for command in COMMANDS {
            assert_eq!(Command::find(command.name).unwrap().id, command.id);
            assert_eq!(Command::numbered(command.cluster_id, command.id).unwrap().name, command.name);
            assert!(command.fields.is_sorted_by_key(|field| field.tag), "{}", command.name);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            assert_explained(&bytes, &describe(&bytes));
        }
    }
}
