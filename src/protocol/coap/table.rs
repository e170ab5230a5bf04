//! Codes, options and content formats, as the registries at IANA have them.

/// A method or a response code.
#[derive(Debug)]
pub struct Named {
    /// Class in three bits, detail in five.
    pub code: u8,
    /// Its name.
    pub name: &'static str,
}

/// An option.
#[derive(Debug)]
pub struct OptionSpec {
    /// Its number; an odd one is critical.
    pub number: u16,
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub format: OptionFormat,
    /// Most bytes of its value.
    pub longest: usize,
}

/// What the value of an option is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionFormat {
    /// Nothing.
    Empty,
    /// The number of a content format.
    Media,
    /// Bytes.
    Opaque,
    /// UTF-8.
    Text,
    /// A number.
    Uint,
}

/// A content format.
#[derive(Debug)]
pub struct Format {
    /// Its number.
    pub number: u16,
    /// Media type.
    pub name: &'static str,
}

const fn named(class: u8, detail: u8, name: &'static str) -> Named {
    Named { code: class << 5 | detail, name }
}

/// Codes by number (RFC 7252, section 12.1).
pub const CODES: &[Named] = &[
    named(0, 0, "Empty"),
    named(0, 1, "GET"),
    named(0, 2, "POST"),
    named(0, 3, "PUT"),
    named(0, 4, "DELETE"),
    named(2, 1, "Created"),
    named(2, 2, "Deleted"),
    named(2, 3, "Valid"),
    named(2, 4, "Changed"),
    named(2, 5, "Content"),
    named(4, 0, "Bad Request"),
    named(4, 1, "Unauthorized"),
    named(4, 2, "Bad Option"),
    named(4, 3, "Forbidden"),
    named(4, 4, "Not Found"),
    named(4, 5, "Method Not Allowed"),
    named(4, 6, "Not Acceptable"),
    named(4, 12, "Precondition Failed"),
    named(4, 13, "Request Entity Too Large"),
    named(4, 15, "Unsupported Content-Format"),
    named(5, 0, "Internal Server Error"),
    named(5, 1, "Not Implemented"),
    named(5, 2, "Bad Gateway"),
    named(5, 3, "Service Unavailable"),
    named(5, 4, "Gateway Timeout"),
    named(5, 5, "Proxying Not Supported"),
];

const fn option(number: u16, name: &'static str, format: OptionFormat, longest: usize) -> OptionSpec {
    OptionSpec { number, name, format, longest }
}

/// Options by number (RFC 7252, section 5.10).
pub const OPTIONS: &[OptionSpec] = &[
    option(1, "If-Match", OptionFormat::Opaque, 8),
    option(3, "Uri-Host", OptionFormat::Text, 255),
    option(4, "ETag", OptionFormat::Opaque, 8),
    option(5, "If-None-Match", OptionFormat::Empty, 0),
    option(7, "Uri-Port", OptionFormat::Uint, 2),
    option(8, "Location-Path", OptionFormat::Text, 255),
    option(11, "Uri-Path", OptionFormat::Text, 255),
    option(12, "Content-Format", OptionFormat::Media, 2),
    option(14, "Max-Age", OptionFormat::Uint, 4),
    option(15, "Uri-Query", OptionFormat::Text, 255),
    option(17, "Accept", OptionFormat::Media, 2),
    option(20, "Location-Query", OptionFormat::Text, 255),
    option(35, "Proxy-Uri", OptionFormat::Text, 1034),
    option(39, "Proxy-Scheme", OptionFormat::Text, 255),
    option(60, "Size1", OptionFormat::Uint, 4),
];

/// Content formats by number (RFC 7252, section 12.3, and the registry of `CoAP` content formats).
pub const FORMATS: &[Format] = &[
    Format { number: 0, name: "text/plain" },
    Format { number: 40, name: "application/link-format" },
    Format { number: 42, name: "application/octet-stream" },
    Format { number: 50, name: "application/json" },
    Format { number: 60, name: "application/cbor" },
    Format { number: 112, name: "application/senml+cbor" },
    Format { number: 11542, name: "application/vnd.oma.lwm2m+tlv" },
    Format { number: 11543, name: "application/vnd.oma.lwm2m+json" },
];

impl Format {
    /// The format with this media type.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// The format with this number.
    #[must_use]
    pub fn of(number: u16) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.number == number)
    }
}

/// The option with this number.
pub(super) fn spec(number: u16) -> Option<&'static OptionSpec> {
    OPTIONS.iter().find(|option| option.number == number)
}
