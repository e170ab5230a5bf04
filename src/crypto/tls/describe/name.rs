//! Names of the numbers in TLS, as its registries at IANA have them.

/// The content type of `change_cipher_spec` records.
pub(super) const CHANGE_CIPHER_SPEC: u32 = 20;
/// The content type of records that hold an alert.
pub(super) const ALERT: u32 = 21;
/// The content type of records that hold handshake messages.
pub(super) const HANDSHAKE: u32 = 22;

/// The name of a record's content type.
#[must_use]
pub fn content_type_name(code: u8) -> &'static str {
    find(CONTENT_TYPES, u32::from(code))
}

/// The name of a handshake message, `unknown` where no standard names it.
#[must_use]
pub fn handshake_name(message_type: u8) -> &'static str {
    find(HANDSHAKE_TYPES, u32::from(message_type))
}

/// The name of an alert (RFC 8446 6), `unknown` where no standard names it.
#[must_use]
pub fn alert_name(code: u8) -> &'static str {
    find(ALERTS, u32::from(code))
}

pub(super) fn content_type(code: u32) -> String {
    with_code(find(CONTENT_TYPES, code), code)
}

pub(super) fn handshake(code: u32) -> String {
    with_code(find(HANDSHAKE_TYPES, code), code)
}

pub(super) fn alert(code: u32) -> String {
    with_code(find(ALERTS, code), code)
}

pub(super) fn extension(code: u32) -> &'static str {
    find(EXTENSIONS, code)
}

/// `name (code)`, as the standards list their constants.
pub(super) fn with_code(name: &str, code: u32) -> String {
    format!("{name} ({code})")
}

pub(super) fn version(code: u32) -> String {
    in_hex(VERSIONS, code)
}

pub(super) fn cipher_suite(code: u32) -> String {
    in_hex(CIPHER_SUITES, code)
}

pub(super) fn group(code: u32) -> String {
    in_hex(GROUPS, code)
}

pub(super) fn signature_scheme(code: u32) -> String {
    in_hex(SIGNATURE_SCHEMES, code)
}

pub(super) fn certificate_type(code: u32) -> String {
    with_code(find(CERTIFICATE_TYPES, code), code)
}

pub(super) fn point_format(code: u32) -> String {
    with_code(find(POINT_FORMATS, code), code)
}

pub(super) fn psk_mode(code: u32) -> String {
    with_code(find(PSK_MODES, code), code)
}

fn in_hex(table: Table, code: u32) -> String {
    format!("{} (0x{code:04x})", find(table, code))
}

fn find(table: Table, code: u32) -> &'static str {
    table.iter().find(|(known, _)| *known == code).map_or("unknown", |(_, name)| name)
}

// Each table is in the order of its numbers.
type Table = &'static [(u32, &'static str)];

const CONTENT_TYPES: Table =
    &[(CHANGE_CIPHER_SPEC, "change_cipher_spec"), (ALERT, "alert"), (HANDSHAKE, "handshake"), (23, "application_data")];

const HANDSHAKE_TYPES: Table = &[
    (0, "HelloRequest"),
    (1, "ClientHello"),
    (2, "ServerHello"),
    (3, "HelloVerifyRequest"),
    (4, "NewSessionTicket"),
    (5, "EndOfEarlyData"),
    (8, "EncryptedExtensions"),
    (11, "Certificate"),
    (12, "ServerKeyExchange"),
    (13, "CertificateRequest"),
    (14, "ServerHelloDone"),
    (15, "CertificateVerify"),
    (16, "ClientKeyExchange"),
    (20, "Finished"),
    (22, "CertificateStatus"),
    (24, "KeyUpdate"),
    (25, "CompressedCertificate"),
    (254, "MessageHash"),
];

const ALERTS: Table = &[
    (0, "close_notify"),
    (10, "unexpected_message"),
    (20, "bad_record_mac"),
    (21, "decryption_failed"),
    (22, "record_overflow"),
    (30, "decompression_failure"),
    (40, "handshake_failure"),
    (41, "no_certificate"),
    (42, "bad_certificate"),
    (43, "unsupported_certificate"),
    (44, "certificate_revoked"),
    (45, "certificate_expired"),
    (46, "certificate_unknown"),
    (47, "illegal_parameter"),
    (48, "unknown_ca"),
    (49, "access_denied"),
    (50, "decode_error"),
    (51, "decrypt_error"),
    (60, "export_restriction"),
    (70, "protocol_version"),
    (71, "insufficient_security"),
    (80, "internal_error"),
    (86, "inappropriate_fallback"),
    (90, "user_canceled"),
    (100, "no_renegotiation"),
    (109, "missing_extension"),
    (110, "unsupported_extension"),
    (111, "certificate_unobtainable"),
    (112, "unrecognized_name"),
    (113, "bad_certificate_status_response"),
    (114, "bad_certificate_hash_value"),
    (115, "unknown_psk_identity"),
    (116, "certificate_required"),
    (120, "no_application_protocol"),
    (121, "ech_required"),
];

const EXTENSIONS: Table = &[
    (0, "server_name"),
    (1, "max_fragment_length"),
    (5, "status_request"),
    (10, "supported_groups"),
    (11, "ec_point_formats"),
    (13, "signature_algorithms"),
    (14, "use_srtp"),
    (15, "heartbeat"),
    (16, "application_layer_protocol_negotiation"),
    (18, "signed_certificate_timestamp"),
    (19, "client_certificate_type"),
    (20, "server_certificate_type"),
    (21, "padding"),
    (22, "encrypt_then_mac"),
    (23, "extended_master_secret"),
    (27, "compress_certificate"),
    (28, "record_size_limit"),
    (35, "session_ticket"),
    (41, "pre_shared_key"),
    (42, "early_data"),
    (43, "supported_versions"),
    (44, "cookie"),
    (45, "psk_key_exchange_modes"),
    (47, "certificate_authorities"),
    (48, "oid_filters"),
    (49, "post_handshake_auth"),
    (50, "signature_algorithms_cert"),
    (51, "key_share"),
    (54, "connection_id"),
    (57, "quic_transport_parameters"),
    (65037, "encrypted_client_hello"),
    (65281, "renegotiation_info"),
];

const VERSIONS: Table = &[
    (0x0300, "SSL 3.0"),
    (0x0301, "TLS 1.0"),
    (0x0302, "TLS 1.1"),
    (0x0303, "TLS 1.2"),
    (0x0304, "TLS 1.3"),
    (0xfefd, "DTLS 1.2"),
    (0xfeff, "DTLS 1.0"),
];

const CIPHER_SUITES: Table = &[
    (0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    (0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"),
    (0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
    (0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"),
    (0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256"),
    (0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"),
    (0x1301, "TLS_AES_128_GCM_SHA256"),
    (0x1302, "TLS_AES_256_GCM_SHA384"),
    (0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
    (0x1304, "TLS_AES_128_CCM_SHA256"),
    (0x1305, "TLS_AES_128_CCM_8_SHA256"),
    (0x5600, "TLS_FALLBACK_SCSV"),
    (0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
    (0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
    (0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    (0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    (0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
    (0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"),
    (0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
    (0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
    (0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    (0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    (0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    (0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    (0xc0a8, "TLS_PSK_WITH_AES_128_CCM_8"),
    (0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"),
    (0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"),
    (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    (0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
    (0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
];

const GROUPS: Table = &[
    (0x0017, "secp256r1"),
    (0x0018, "secp384r1"),
    (0x0019, "secp521r1"),
    (0x001d, "x25519"),
    (0x001e, "x448"),
    (0x0100, "ffdhe2048"),
    (0x0101, "ffdhe3072"),
    (0x0102, "ffdhe4096"),
    (0x0103, "ffdhe6144"),
    (0x0104, "ffdhe8192"),
    (0x0200, "MLKEM512"),
    (0x0201, "MLKEM768"),
    (0x0202, "MLKEM1024"),
    (0x11eb, "SecP256r1MLKEM768"),
    (0x11ec, "X25519MLKEM768"),
];

const SIGNATURE_SCHEMES: Table = &[
    (0x0201, "rsa_pkcs1_sha1"),
    (0x0203, "ecdsa_sha1"),
    (0x0401, "rsa_pkcs1_sha256"),
    (0x0403, "ecdsa_secp256r1_sha256"),
    (0x0501, "rsa_pkcs1_sha384"),
    (0x0503, "ecdsa_secp384r1_sha384"),
    (0x0601, "rsa_pkcs1_sha512"),
    (0x0603, "ecdsa_secp521r1_sha512"),
    (0x0804, "rsa_pss_rsae_sha256"),
    (0x0805, "rsa_pss_rsae_sha384"),
    (0x0806, "rsa_pss_rsae_sha512"),
    (0x0807, "ed25519"),
    (0x0808, "ed448"),
    (0x0809, "rsa_pss_pss_sha256"),
    (0x080a, "rsa_pss_pss_sha384"),
    (0x080b, "rsa_pss_pss_sha512"),
];

const CERTIFICATE_TYPES: Table = &[(1, "rsa_sign"), (2, "dss_sign"), (64, "ecdsa_sign")];

const POINT_FORMATS: Table = &[(0, "uncompressed"), (1, "ansiX962_compressed_prime"), (2, "ansiX962_compressed_char2")];

const PSK_MODES: Table = &[(0, "psk_ke"), (1, "psk_dhe_ke")];
