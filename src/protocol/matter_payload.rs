//! Matter onboarding payloads: the QR text and the manual pairing code (Matter Core Specification, section 5.1).

use super::writer::Writer;
use super::{Encoded, Malformed, count_bytes, ensure};

/// What the QR symbol on a Matter device says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnboardingPayload {
    /// Vendor.
    pub vendor_id: u16,
    /// Product of that vendor.
    pub product_id: u16,
    /// What the user does before the device can be found.
    pub flow: CommissioningFlow,
    /// Where the device can be found, one bit each: see [`DISCOVERY_CAPABILITIES`].
    pub discovery: u8,
    /// Number of 12 bits that tells nearby devices apart.
    pub discriminator: u16,
    /// Passcode for PASE, 1 to 99999998 without the trivial ones.
    pub passcode: u32,
    /// TLV of the vendor after the packed members; empty in most payloads.
    pub extension: Vec<u8>,
}

/// What the user does before the device can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommissioningFlow {
    /// Only powers it on.
    Standard,
    /// Presses a button or the like.
    UserIntent,
    /// Follows the manufacturer's instructions.
    Custom,
}

/// What a user can type in place of scanning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManualCode {
    /// The upper 4 bits of the discriminator.
    pub short_discriminator: u8,
    /// Passcode for PASE.
    pub passcode: u32,
    /// Vendor and product; only in codes of 21 digits.
    pub ids: Option<(u16, u16)>,
}

/// Meaning of the discovery bits, the least significant first.
pub const DISCOVERY_CAPABILITIES: [&str; 5] =
    ["SoftAP", "Bluetooth Low Energy", "on network", "Wi-Fi public action frame", "NFC"];

impl OnboardingPayload {
    /// Writes the text of the QR symbol.
    pub fn encode(&self) -> Result<String, Malformed> {
        Ok(format!("{PREFIX}{}", base38(&self.pack()?.bytes)))
    }

    /// Reads the text of a QR symbol.
    pub fn decode(text: &str) -> Result<Self, Malformed> {
        let digits = text.strip_prefix(PREFIX).ok_or_else(|| Malformed::new("a Matter payload begins with `MT:`"))?;
        Self::unpack(&from_base38(digits)?)
    }

    /// The packed members before base38, each byte explained.
    pub fn pack(&self) -> Result<Encoded, Malformed> {
        ensure(self.discriminator < 1 << 12, || {
            format!("the discriminator {} has more than 12 bits", self.discriminator)
        })?;
        check_passcode(self.passcode)?;
        let mut packed = 0_u128;
        let mut at = 0;
        for (value, (_, width)) in self.values().into_iter().zip(MEMBERS) {
            packed |= u128::from(value) << at;
            at += width;
        }
        let mut writer = Writer::default();
        for (idx, byte) in packed.to_le_bytes().into_iter().take(PACKED_LEN).enumerate() {
            writer.field(members_of_byte(idx), &[byte], format!("{byte:08b}"));
        }
        writer.opaque("TLV data", &self.extension);
        Ok(writer.finish())
    }

    /// Reads the packed members.
    pub fn unpack(bytes: &[u8]) -> Result<Self, Malformed> {
        ensure(bytes.len() >= PACKED_LEN, || {
            format!("the payload has {}, not {PACKED_LEN}", count_bytes(bytes.len()))
        })?;
        let (members, extension) = bytes.split_at(PACKED_LEN);
        let mut packed = members.iter().rev().fold(0_u128, |packed, byte| packed << 8 | u128::from(*byte));
        let mut next = |width: u32| {
            let value = u32::try_from(packed & ((1 << width) - 1)).expect("no member has more than 32 bits");
            packed >>= width;
            value
        };
        let [version, vendor_id, product_id, flow, discovery, discriminator, passcode, padding] =
            MEMBERS.map(|(_, width)| next(width));
        ensure(version == 0, || format!("the version is {version}, not 0"))?;
        ensure(padding == 0, || "the padding is not 0".to_owned())?;
        check_passcode(passcode)?;
        Ok(Self {
            vendor_id: narrow(vendor_id),
            product_id: narrow(product_id),
            flow: CommissioningFlow::find(flow)?,
            discovery: narrow(discovery),
            discriminator: narrow(discriminator),
            passcode,
            extension: extension.to_vec(),
        })
    }

    /// The code to type; vendor and product are in it where the flow is not the standard one.
    pub fn manual_code(&self) -> ManualCode {
        ManualCode {
            short_discriminator: narrow(u32::from(self.discriminator >> 8 & 0xf)),
            passcode: self.passcode,
            ids: (self.flow != CommissioningFlow::Standard).then_some((self.vendor_id, self.product_id)),
        }
    }

    /// Names of the discovery bits that are set.
    pub fn discovery_names(&self) -> Vec<&'static str> {
        let is_set = |bit: &usize| self.discovery >> bit & 1 == 1;
        (0..DISCOVERY_CAPABILITIES.len()).filter(is_set).map(|bit| DISCOVERY_CAPABILITIES[bit]).collect()
    }

    /// The members in the order of [`MEMBERS`].
    fn values(&self) -> [u32; 8] {
        [
            0,
            self.vendor_id.into(),
            self.product_id.into(),
            self.flow.number(),
            self.discovery.into(),
            self.discriminator.into(),
            self.passcode,
            0,
        ]
    }
}

impl CommissioningFlow {
    const ALL: [Self; 3] = [Self::Standard, Self::UserIntent, Self::Custom];

    /// The two bits for it.
    #[must_use]
    pub fn number(self) -> u32 {
        match self {
            Self::Standard => 0,
            Self::UserIntent => 1,
            Self::Custom => 2,
        }
    }

    /// The flow with this number.
    pub fn find(number: u32) -> Result<Self, Malformed> {
        let flow = Self::ALL.into_iter().find(|flow| flow.number() == number);
        flow.ok_or_else(|| Malformed::new(format!("the commissioning flow {number} is reserved")))
    }
}

impl ManualCode {
    /// Writes 11 or 21 digits, the last of them the check digit.
    pub fn encode(self) -> Result<String, Malformed> {
        ensure(self.short_discriminator < 16, || {
            format!("the short discriminator {} has more than 4 bits", self.short_discriminator)
        })?;
        check_passcode(self.passcode)?;
        let discriminator = u32::from(self.short_discriminator);
        let first = u32::from(self.ids.is_some()) << 2 | discriminator >> 2;
        let second = (discriminator & 3) << 14 | self.passcode & 0x3fff;
        let ids = self.ids.map(|(vendor_id, product_id)| format!("{vendor_id:05}{product_id:05}"));
        let digits = format!("{first}{second:05}{:04}{}", self.passcode >> 14, ids.unwrap_or_default());
        let check = verhoeff(&digits);
        Ok(format!("{digits}{check}"))
    }

    /// Reads a code; dashes between groups are passed over.
    pub fn decode(text: &str) -> Result<Self, Malformed> {
        let digits = text.replace('-', "");
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        ensure(is_number, || "a manual pairing code has digits only".to_owned())?;
        ensure([11, 21].contains(&digits.len()), || format!("the code has {} digits, not 11 or 21", digits.len()))?;
        let (body, check) = digits.split_at(digits.len() - 1);
        ensure(verhoeff(body).to_string() == check, || "the check digit is wrong".to_owned())?;
        let number = |from: usize, to: usize| body[from..to].parse::<u32>().expect("at most five digits");
        let (first, second, third) = (number(0, 1), number(1, 6), number(6, 10));
        ensure(first < 8, || format!("a code that begins with {first} is of a later version"))?;
        ensure(second < 1 << 16, || format!("the digits {second:05} have more than 16 bits"))?;
        ensure(third < 1 << 13, || format!("the digits {third:04} have more than 13 bits"))?;
        let is_long = body.len() == 20;
        ensure((first & 4 != 0) == is_long, || "the first digit does not fit the number of digits".to_owned())?;
        let passcode = third << 14 | second & 0x3fff;
        check_passcode(passcode)?;
        let ids = if is_long { Some((id(number(10, 15))?, id(number(15, 20))?)) } else { None };
        Ok(Self { short_discriminator: narrow((first & 3) << 2 | second >> 14), passcode, ids })
    }
}

/// Base38: three bytes, the least significant first, become five characters; two become four, one becomes two.
#[must_use]
pub fn base38(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut number = chunk.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte));
        for _ in 0..DIGITS_BY_BYTES[chunk.len()] {
            text.push(char::from(ALPHABET[number % 38]));
            number /= 38;
        }
    }
    text
}

/// Reads base38; digits whose number does not fit their bytes are refused.
pub fn from_base38(text: &str) -> Result<Vec<u8>, Malformed> {
    let mut bytes = Vec::new();
    for chunk in text.as_bytes().chunks(5) {
        let len = DIGITS_BY_BYTES.iter().position(|digits| *digits == chunk.len());
        let len = len.ok_or_else(|| Malformed::new(format!("{} base38 digits are left over", chunk.len())))?;
        let mut number = 0_u32;
        for byte in chunk.iter().rev() {
            let digit = ALPHABET.iter().position(|digit| digit == byte);
            let digit = digit.ok_or_else(|| Malformed::new("a character is not a base38 digit"))?;
            number = number * 38 + u32::try_from(digit).expect("there are 38 digits");
        }
        ensure(number < 1 << (8 * len), || {
            format!("base38 digits for {} stand for a larger number", count_bytes(len))
        })?;
        bytes.extend_from_slice(&number.to_le_bytes()[..len]);
    }
    Ok(bytes)
}

/// The passcodes that anyone would try first are not allowed (section 5.1.7).
pub fn check_passcode(passcode: u32) -> Result<(), Malformed> {
    let is_trivial = passcode.is_multiple_of(11_111_111) || [12_345_678, 87_654_321].contains(&passcode);
    ensure(!is_trivial && passcode < 99_999_999, || format!("the passcode {passcode:08} is not allowed"))
}

/// Which members have bits in the byte `idx`.
fn members_of_byte(idx: usize) -> String {
    let (from, to) =
        (8 * u32::try_from(idx).expect("a payload is short"), 8 * u32::try_from(idx + 1).expect("as above"));
    let mut names = Vec::new();
    let mut at = 0;
    for (name, width) in MEMBERS {
        if at < to && at + width > from {
            names.push(name);
        }
        at += width;
    }
    names.join(", ")
}

fn id(number: u32) -> Result<u16, Malformed> {
    u16::try_from(number).map_err(|_| Malformed::new(format!("the id {number} has more than 16 bits")))
}

/// For values that were masked to fewer bits than `T` has.
fn narrow<T: TryFrom<u32>>(number: u32) -> T {
    T::try_from(number).ok().expect("the value was masked to its width")
}

/// The check digit of Verhoeff: positions are permuted, and digits multiplied in the dihedral group of the pentagon.
fn verhoeff(digits: &str) -> u8 {
    let product = digits.bytes().rev().enumerate().fold(0, |product, (idx, byte)| {
        let permuted = (0..=idx % 8).fold(byte - b'0', |digit, _| PERMUTATION[usize::from(digit)]);
        multiply(product, permuted)
    });
    // The inverse: rotations are undone by the opposite one, reflections by themselves.
    if product < 5 { (5 - product) % 5 } else { product }
}

/// Digits below 5 are rotations of the pentagon, the others reflections.
fn multiply(a: u8, b: u8) -> u8 {
    let (turn_a, turn_b) = (a % 5, b % 5);
    let turn = if a < 5 { turn_a + turn_b } else { turn_a + 5 - turn_b } % 5;
    if (a < 5) == (b < 5) { turn } else { turn + 5 }
}

/// Members with their widths in bits, the least significant first (section 5.1.3).
const MEMBERS: [(&str, u32); 8] = [
    ("version", 3),
    ("vendor ID", 16),
    ("product ID", 16),
    ("custom flow", 2),
    ("discovery capabilities", 8),
    ("discriminator", 12),
    ("passcode", 27),
    ("padding", 4),
];
const PREFIX: &str = "MT:";
const PACKED_LEN: usize = 11;
const ALPHABET: &[u8; 38] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.";
const DIGITS_BY_BYTES: [usize; 4] = [0, 2, 4, 5];
const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::explained;
    use proptest::prelude::*;

    fn light() -> OnboardingPayload {
        OnboardingPayload {
            vendor_id: 0xfff1,
            product_id: 0x8001,
            flow: CommissioningFlow::Standard,
            discovery: 2,
            discriminator: 3840,
            passcode: 20_202_021,
            extension: vec![],
        }
    }

    #[test]
    fn the_published_payload_comes_out() {
        let packed = light().pack().unwrap();
        assert_eq!(packed.fields[4].name, "product ID, custom flow, discovery capabilities");
        assert_eq!(hex::encode(explained(packed)), "88ff0f004400e04b846802");
        assert_eq!(light().encode().unwrap(), "MT:-24J042C00KA0648G00");
        assert_eq!(OnboardingPayload::decode("MT:-24J042C00KA0648G00").unwrap(), light());
        assert_eq!(OnboardingPayload { discovery: 4, ..light() }.encode().unwrap(), "MT:-24J0AFN00KA0648G00");
        assert_eq!(light().discovery_names(), ["Bluetooth Low Energy"]);
    }

    #[test]
    fn the_published_manual_codes_come_out() {
        assert_eq!(light().manual_code().encode().unwrap(), "34970112332");
        assert_eq!(ManualCode::decode("3497-011-2332").unwrap(), light().manual_code());
        let code = ManualCode { short_discriminator: 0, passcode: 123_456, ids: None };
        assert_eq!(code.encode().unwrap(), "00876800071");
        let long = OnboardingPayload { flow: CommissioningFlow::Custom, ..light() }.manual_code();
        let text = long.encode().unwrap();
        assert_eq!(text.len(), 21);
        assert_eq!(ManualCode::decode(&text).unwrap(), long);
    }

    #[test]
    fn a_payload_is_refused_for_the_stated_reason() {
        let refused = |text: &str| OnboardingPayload::decode(text).unwrap_err().message;
        assert_eq!(refused("-24J042C00KA0648G00"), "a Matter payload begins with `MT:`");
        assert_eq!(refused("MT:-24J042C00KA0648G0"), "3 base38 digits are left over");
        assert_eq!(refused("MT:-24J042C00KA0648g00"), "a character is not a base38 digit");
        assert_eq!(refused("MT:-24J042C00"), "the payload has 6 bytes, not 11");
        let with = |change: fn(&mut Vec<u8>)| {
            let mut bytes = light().pack().unwrap().bytes;
            change(&mut bytes);
            OnboardingPayload::unpack(&bytes).unwrap_err().message
        };
        assert_eq!(with(|bytes| bytes[0] |= 1), "the version is 1, not 0");
        assert_eq!(with(|bytes| bytes[10] |= 0x80), "the padding is not 0");
        assert_eq!(with(|bytes| bytes[4] |= 0x18), "the commissioning flow 3 is reserved");
        for passcode in [0, 11_111_111, 99_999_999, 12_345_678, 87_654_321, 100_000_000] {
            let message = OnboardingPayload { passcode, ..light() }.encode().unwrap_err().message;
            assert_eq!(message, format!("the passcode {passcode:08} is not allowed"));
        }
        assert!(OnboardingPayload { discriminator: 4096, ..light() }.encode().unwrap_err().message.contains("12 bits"));
    }

    #[test]
    fn a_mistyped_code_is_refused_for_the_stated_reason() {
        let refused = |text: &str| ManualCode::decode(text).unwrap_err().message;
        assert_eq!(refused("34970112331"), "the check digit is wrong");
        assert_eq!(refused("34970112323"), "the check digit is wrong", "two digits changed places");
        assert_eq!(refused("3497011233"), "the code has 10 digits, not 11 or 21");
        assert_eq!(refused("3497011233x"), "a manual pairing code has digits only");
        let checked = |body: &str| refused(&format!("{body}{}", verhoeff(body)));
        assert_eq!(checked("8497011233"), "a code that begins with 8 is of a later version");
        assert_eq!(checked("7497011233"), "the first digit does not fit the number of digits");
        assert_eq!(checked("3655361233"), "the digits 65536 have more than 16 bits");
        assert_eq!(checked("3497018192"), "the digits 8192 have more than 13 bits");
        assert_eq!(checked("3491520000"), "the passcode 00000000 is not allowed");
        assert_eq!(checked("74970112336553600000"), "the id 65536 has more than 16 bits");
    }

    #[test]
    fn base38_refuses_numbers_that_do_not_fit() {
        assert_eq!(base38(b"Hello World!"), "KKHF3W2S013OPM3EJX11");
        for text in ["S6", "OE71", "QLS18", "0", "000", "a0"] {
            assert!(from_base38(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn payloads_come_back(ids: (u16, u16), flow in 0..3_u32, discovery: u8, discriminator in 0..4096_u16, passcode in 1..11_111_111_u32, extension: Vec<u8>) {
            let flow = CommissioningFlow::find(flow).unwrap();
            let payload = OnboardingPayload { vendor_id: ids.0, product_id: ids.1, flow, discovery, discriminator, passcode, extension };
            let text = payload.encode().unwrap();
            prop_assert_eq!(ManualCode::decode(&payload.manual_code().encode().unwrap()).unwrap(), payload.manual_code());
            prop_assert_eq!(OnboardingPayload::decode(&text).unwrap(), payload);
        }

        #[test]
        fn no_text_makes_the_decoders_panic(text in "(MT:)?[0-9A-Z.é-]{0,30}", digits in "[0-9]{10,22}") {
            let _ = (OnboardingPayload::decode(&text), ManualCode::decode(&digits), ManualCode::decode(&text));
        }
    }
}
