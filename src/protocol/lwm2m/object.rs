//! The objects that bootstrap writes, as the registry of OMA defines them.

/// An object.
#[derive(Debug)]
pub struct Object {
    /// Its number.
    pub id: u16,
    /// Its name in flows.
    pub name: &'static str,
    /// Its name in the registry.
    pub title: &'static str,
    /// Its resources that can be written, by number.
    pub resources: &'static [Resource],
}

/// A resource of an object.
#[derive(Debug)]
pub struct Resource {
    /// Its number.
    pub id: u16,
    /// Its name in flows.
    pub name: &'static str,
    /// Its name in the registry.
    pub title: &'static str,
    /// What its value is.
    pub kind: Type,
    /// Whether its value is a secret.
    pub is_secret: bool,
}

/// What the value of a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Boolean,
    /// A signed number.
    Integer,
    /// Bytes.
    Opaque,
    /// UTF-8; `String` in the registry.
    Text,
}

const fn resource(id: u16, name: &'static str, title: &'static str, kind: Type) -> Resource {
    Resource { id, name, title, kind, is_secret: false }
}

const fn secret(id: u16, name: &'static str, title: &'static str) -> Resource {
    Resource { id, name, title, kind: Type::Opaque, is_secret: true }
}

/// Objects by number.
pub const OBJECTS: &[Object] = &[
    Object {
        id: 0,
        name: "security",
        title: "LwM2M Security",
        resources: &[
            resource(0, "server-uri", "LwM2M Server URI", Type::Text),
            resource(1, "bootstrap-server", "Bootstrap-Server", Type::Boolean),
            resource(2, "security-mode", "Security Mode", Type::Integer),
            resource(3, "identity", "Public Key or Identity", Type::Opaque),
            resource(4, "server-public-key", "Server Public Key", Type::Opaque),
            secret(5, "secret-key", "Secret Key"),
            resource(10, "short-server-id", "Short Server ID", Type::Integer),
            resource(11, "client-hold-off-time", "Client Hold Off Time", Type::Integer),
            resource(12, "bootstrap-server-account-timeout", "Bootstrap-Server Account Timeout", Type::Integer),
        ],
    },
    Object {
        id: 1,
        name: "server",
        title: "LwM2M Server",
        resources: &[
            resource(0, "short-server-id", "Short Server ID", Type::Integer),
            resource(1, "lifetime", "Lifetime", Type::Integer),
            resource(2, "default-minimum-period", "Default Minimum Period", Type::Integer),
            resource(3, "default-maximum-period", "Default Maximum Period", Type::Integer),
            resource(5, "disable-timeout", "Disable Timeout", Type::Integer),
            resource(6, "notification-storing", "Notification Storing When Disabled or Offline", Type::Boolean),
            resource(7, "binding", "Binding", Type::Text),
        ],
    },
];

impl Object {
    /// The object that flows call `name`.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        OBJECTS.iter().find(|object| object.name == name)
    }
}
