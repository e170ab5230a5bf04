//! The algorithms that keys are for, and how each is named in DER.

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `EdDSA` over Curve25519 (RFC 8032).
    Ed25519,
    /// ECDSA and ECDH over P-256 (FIPS 186-5; NIST SP 800-186).
    P256,
    /// ECDSA and ECDH over P-384.
    P384,
    /// RSA signatures (RFC 8017).
    Rsa,
    /// Diffie-Hellman over Curve25519 (RFC 7748).
    X25519,
}

/// How a signature is made and written; each key uses the member of its algorithm, and Ed25519 needs none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureForm {
    /// For P-256 and P-384.
    pub ecdsa: EcdsaForm,
    /// For RSA.
    pub rsa: RsaPadding,
}

/// How r and s of ECDSA are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EcdsaForm {
    /// Ecdsa-Sig-Value in DER (RFC 3279, section 2.2.3).
    Der,
    /// One after the other, each as long as the order of the curve (RFC 7518, section 3.4).
    Raw,
}

/// How a digest becomes a number for RSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaPadding {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2).
    Pkcs1,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes (RFC 8017, section 8.1).
    Pss,
}

impl SignatureForm {
    /// As JOSE has it: `ES256`, `ES384`, `EdDSA`, `RS256` (RFC 7518, section 3.1; RFC 8037, section 3.1).
    pub const JOSE: Self = Self { ecdsa: EcdsaForm::Raw, rsa: RsaPadding::Pkcs1 };
    /// As handshakes of TLS 1.3 have it (RFC 8446, section 4.2.3).
    pub const TLS: Self = Self { ecdsa: EcdsaForm::Der, rsa: RsaPadding::Pss };
    /// As X.509 has it (RFC 5758; RFC 8410; RFC 4055).
    pub const X509: Self = Self { ecdsa: EcdsaForm::Der, rsa: RsaPadding::Pkcs1 };
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Ed25519, Self::P256, Self::P384, Self::Rsa, Self::X25519];

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::Rsa => "RSA",
            Self::X25519 => "X25519",
        }
    }

    /// Whether its keys sign.
    pub fn signs(self) -> bool {
        match self {
            Self::Ed25519 | Self::P256 | Self::P384 | Self::Rsa => true,
            Self::X25519 => false,
        }
    }

    /// `alg` of a JWS with such a key (RFC 7518, section 3.1; RFC 8037, section 3.1); `None` where it signs nothing.
    pub fn jws_name(self) -> Option<&'static str> {
        match self {
            Self::Ed25519 => Some("EdDSA"),
            Self::P256 => Some("ES256"),
            Self::P384 => Some("ES384"),
            Self::Rsa => Some("RS256"),
            Self::X25519 => None,
        }
    }

    /// The signature algorithm of requests and certificates that such a key signs, as the writer of X.509 knows it;
    /// `None` where it signs nothing.
    pub(in crate::crypto) fn x509(self) -> Option<&'static rcgen::SignatureAlgorithm> {
        match self {
            Self::Ed25519 => Some(&rcgen::PKCS_ED25519),
            Self::P256 => Some(&rcgen::PKCS_ECDSA_P256_SHA256),
            Self::P384 => Some(&rcgen::PKCS_ECDSA_P384_SHA384),
            Self::Rsa => Some(&rcgen::PKCS_RSA_SHA256),
            Self::X25519 => None,
        }
    }

    /// The same as `AlgorithmIdentifier` in DER.
    pub(in crate::crypto) fn x509_identifier(self) -> Option<&'static [u8]> {
        match self {
            Self::Ed25519 => Some(self.identifier()),
            // ecdsa-with-SHA256 and ecdsa-with-SHA384, without parameters (RFC 5758, section 3.2).
            Self::P256 => Some(&[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]),
            Self::P384 => Some(&[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03]),
            // sha256WithRSAEncryption, with NULL (RFC 4055, section 5).
            Self::Rsa => {
                Some(&[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00])
            }
            Self::X25519 => None,
        }
    }

    /// `AlgorithmIdentifier` of its keys, in DER.
    pub(super) fn identifier(self) -> &'static [u8] {
        match self {
            // RFC 8410, section 3.
            Self::Ed25519 => &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70],
            Self::X25519 => &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e],
            // id-ecPublicKey with the named curve (RFC 5480, section 2.1.1).
            Self::P256 => &[
                0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
                0x3d, 0x03, 0x01, 0x07,
            ],
            Self::P384 => &[
                0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00,
                0x22,
            ],
            // rsaEncryption with NULL (RFC 3279, section 2.3.1).
            Self::Rsa => &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00],
        }
    }
}
