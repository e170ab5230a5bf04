//! Layouts at random: values come back, bytes are explained, and nothing panics.

use proptest::prelude::*;

use super::super::testing::{assert_explained, explained};
use super::*;

fn field(name: &str, form: Form) -> LayoutField {
    LayoutField { name: name.to_owned(), form, meaning: String::new() }
}

fn layout(fields: Vec<LayoutField>) -> MessageLayout {
    let text = |text: &str| text.to_owned();
    MessageLayout { name: text("m"), title: text("M"), standard: String::new(), clause: String::new(), fields }
}

fn integer() -> impl Strategy<Value = Integer> {
    (1..=8_usize, prop_oneof![Just(ByteOrder::Big), Just(ByteOrder::Little)])
        .prop_map(|(size, order)| Integer { size, order })
}

fn prefix() -> impl Strategy<Value = Integer> {
    (prop_oneof![Just(1), Just(2), Just(4)], integer()).prop_map(|(size, any)| Integer { size, ..any })
}

fn extent() -> impl Strategy<Value = Extent> {
    prop_oneof![(1..20_usize).prop_map(Extent::Fixed), prefix().prop_map(Extent::Prefixed)]
}

fn named(most: u64) -> impl Strategy<Value = Vec<Named>> {
    prop::collection::btree_set(0..most, 1..5).prop_map(|numbers| {
        let named = |number| Named { number, name: format!("n{number}"), meaning: String::new() };
        numbers.into_iter().map(named).collect()
    })
}

fn constant() -> impl Strategy<Value = Constant> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 1..5).prop_map(Constant::Bytes),
        "[a-z]{1,5}".prop_map(Constant::Text),
        (integer(), any::<u64>()).prop_map(|(integer, number)| Constant::Number(integer, number & integer.max())),
    ]
}

fn leaf() -> BoxedStrategy<Form> {
    prop_oneof![
        extent().prop_map(|extent| Form::Bytes { extent, kind: None }),
        constant().prop_map(Form::Constant),
        (integer(), named(256)).prop_map(|(number, values)| Form::Enumeration { number, values }),
        (integer(), named(8)).prop_map(|(number, flags)| Form::Flags { number, flags }),
        extent().prop_map(Form::Text),
        integer().prop_map(Form::Unsigned),
    ]
    .boxed()
}

fn last() -> BoxedStrategy<Form> {
    prop_oneof![leaf(), Just(Form::Bytes { extent: Extent::Rest, kind: None }), Just(Form::Text(Extent::Rest))].boxed()
}

/// A layout whose fields are `inner`, closed by one that may take the rest.
fn layout_of(inner: BoxedStrategy<Form>) -> BoxedStrategy<MessageLayout> {
    (prop::collection::vec(inner, 0..5), last())
        .prop_map(|(mut forms, last)| {
            forms.push(last);
            layout(forms.into_iter().enumerate().map(|(index, form)| field(&format!("f{index}"), form)).collect())
        })
        .boxed()
}

fn any_layout() -> BoxedStrategy<MessageLayout> {
    let nested = (layout_of(leaf()), prefix())
        .prop_map(|(layout, prefix)| Form::Nested { layout: Arc::new(layout), prefix: Some(prefix) });
    let closed = layout_of(leaf())
        .prop_filter("nothing follows a rest", |layout| layout.open_end().is_none())
        .prop_map(|layout| Form::Nested { layout: Arc::new(layout), prefix: None });
    layout_of(prop_oneof![3 => leaf(), 1 => nested, 1 => closed].boxed())
}

fn bytes_of(extent: Extent) -> BoxedStrategy<Vec<u8>> {
    let length = match extent {
        Extent::Fixed(size) => size..size + 1,
        Extent::Prefixed(_) | Extent::Rest => 0..40,
    };
    prop::collection::vec(any::<u8>(), length).boxed()
}

fn text_of(extent: Extent) -> BoxedStrategy<String> {
    match extent {
        Extent::Fixed(size) => {
            any::<String>().prop_map(move |text| fitting(&text.replace('\0', ""), size).to_owned()).boxed()
        }
        Extent::Prefixed(_) | Extent::Rest => any::<String>().prop_map(|text| fitting(&text, 255).to_owned()).boxed(),
    }
}

fn fitting(text: &str, size: usize) -> &str {
    &text[..text.floor_char_boundary(size)]
}

fn item(form: &Form) -> BoxedStrategy<Item> {
    match form.clone() {
        Form::Bytes { extent, .. } => bytes_of(extent).prop_map(Item::Bytes).boxed(),
        Form::Constant(constant) => Just(constant.item()).boxed(),
        Form::Enumeration { values, .. } => {
            prop::sample::select(values).prop_map(|value| Item::Text(value.name)).boxed()
        }
        Form::Flags { flags, .. } => prop::collection::vec(any::<bool>(), flags.len())
            .prop_map(move |set| {
                let item = |(flag, set): (&Named, bool)| (flag.name.clone(), Item::Text(set.to_string()));
                Item::Members(flags.iter().zip(set).map(item).collect())
            })
            .boxed(),
        Form::Nested { layout, .. } => items(&layout).prop_map(Item::Members).boxed(),
        Form::Text(extent) => text_of(extent).prop_map(Item::Text).boxed(),
        Form::Unsigned(integer) => (0..=integer.max()).prop_map(Item::Number).boxed(),
    }
}

fn items(layout: &MessageLayout) -> BoxedStrategy<Items> {
    let one = |field: &LayoutField| (Just(field.name.clone()), item(&field.form)).boxed();
    let all: Vec<BoxedStrategy<(String, Item)>> = layout.fields.iter().map(one).collect();
    all.prop_map(|pairs| pairs.into_iter().collect()).boxed()
}

fn message() -> BoxedStrategy<(MessageLayout, Items)> {
    any_layout().prop_flat_map(|layout| (Just(layout.clone()), items(&layout))).boxed()
}

proptest! {
    #[test]
    fn values_come_back_and_every_byte_belongs_to_one_field((layout, items) in message()) {
        match encode(&layout, &items) {
            Ok(encoded) => {
                prop_assert!(encoded.clone().into_layer("all of it").is_complete());
                prop_assert_eq!(decode(&layout, &explained(encoded)).unwrap(), items);
            }
            Err(malformed) => {
                // Nothing but a prefix too small for a nested layout, or no byte at all.
                let fits = malformed.message.contains("a length of") || malformed.message.ends_with("no bytes");
                prop_assert!(fits, "{}", malformed.message);
            }
        }
    }

    #[test]
    fn no_bytes_make_the_decoder_panic_and_what_it_reads_is_what_is_written(
        layout in any_layout(),
        bytes in prop::collection::vec(any::<u8>(), 1..80),
    ) {
        if let Ok(items) = decode(&layout, &bytes) {
            prop_assert_eq!(explained(encode(&layout, &items).unwrap()), bytes);
        }
    }

    #[test]
    fn a_message_that_is_cut_short_or_changed_is_refused_or_means_something_else((layout, items) in message(), at: usize) {
        let Ok(encoded) = encode(&layout, &items) else { return Ok(()) };
        assert_explained(&encoded.bytes, &encoded.fields);
        let at = at % encoded.bytes.len();
        prop_assert_ne!(decode(&layout, &encoded.bytes[..at]).ok(), Some(items.clone()));
        let mut changed = encoded.bytes.clone();
        changed[at] ^= 1;
        prop_assert_ne!(decode(&layout, &changed).ok(), Some(items));
    }
}

#[test]
fn numbers_have_the_order_that_they_say() {
    let number = |order| Integer { size: 3, order };
    assert_eq!(number(ByteOrder::Big).write(0x01_02_03), [1, 2, 3]);
    assert_eq!(number(ByteOrder::Little).write(0x01_02_03), [3, 2, 1]);
    assert_eq!(number(ByteOrder::Little).read(&[3, 2, 1]), 0x01_02_03);
    assert_eq!(Integer { size: 8, order: ByteOrder::Big }.max(), 0x7fff_ffff_ffff_ffff);
    assert_eq!(Integer { size: 2, order: ByteOrder::Big }.max(), 65535);
}

#[test]
fn the_words_of_kinds_are_those_of_the_table() {
    let words: Vec<&str> = BytesKind::ALL.iter().map(|(word, _)| *word).collect();
    assert_eq!(words, BytesKind::WORDS);
}
