//! Examples of diagnostics: for each code the shortest piece of a file that raises it, and what to do.
//!
//! A test builds a project around each and looks for the code, so none can go stale.

use crate::diag::Code;

/// A piece of a file that raises a code.
#[derive(Debug)]
pub struct Example {
    /// The code.
    pub code: Code,
    /// Path of the file in a project.
    pub file: &'static str,
    /// The piece; in a flow file, what follows zones, actors and links.
    pub text: &'static str,
    /// What to do.
    pub fix: &'static str,
}

/// The example of `code`.
pub fn of(code: Code) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.code == code)
}

/// One for each code that is not a lint's, by code; lints have their own.
pub const EXAMPLES: &[Example] = &[
    Example {
        code: Code::BROKEN_LINK,
        file: "content/index.md",
        text: "See [another](other.md).",
        fix: "Correct the path, or write the page; the hint lists pages of similar names.",
    },
    Example {
        code: Code::DUPLICATE_NAME,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "first"
at = "device"
op = "random"
out = "number"

[[step]]
id = "second"
at = "device"
op = "nonce"
out = "number""#,
        fix: "Give the second one a name of its own: a name stands for one thing in the whole run.",
    },
    Example {
        code: Code::INVALID_EDIT,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "number"
at = "device"
op = "random"
out = "number"

[[attack]]
id = "two"
title = "Two changes"
edit = [{ set = "number", drop = "number" }]
expect.accepted = "Nothing follows.""#,
        fix: "Write one edit for each change, in their order.",
    },
    Example {
        code: Code::INVALID_LAYOUT,
        file: "flows/case.toml",
        text: r#"[messages.frame]
field = [
  { name = "payload", type = "bytes" },
  { name = "mac", type = "bytes", size = 32 },
]

[[step]]
id = "number"
at = "device"
op = "random"
out = "number""#,
        fix: "Give every field but the last a `size` or a `prefix`, and write numbers that fit theirs.",
    },
    Example {
        code: Code::INVALID_REFERENCE,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "price"
at = "device"
op = "constant"
with.value = "price $5"
out = "price""#,
        fix: "Write `$name`, `$name.member`, `${name|filter}`, or `$$` for a dollar.",
    },
    Example {
        code: Code::INVALID_TEMPLATE,
        file: "templates/home.html",
        text: "{{ nothing.at_all }}",
        fix: "Correct the template by the message; take the shipped one as a pattern.",
    },
    Example {
        code: Code::INVALID_TOML,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "key"#,
        fix: "Correct the text where the pointer stands; all mistakes of the file are told at once.",
    },
    Example {
        code: Code::INVALID_VALUE,
        file: "flows/case.toml",
        text: r#"[links.wire]
between = ["device", "server"]
medium = "wifi"
exposure = "active"

[[step]]
id = "number"
at = "device"
op = "random"
out = "number""#,
        fix: "Take one of the words that the hint names.",
    },
    Example {
        code: Code::MISSING_ARGUMENT,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "request"
at = "device"
op = "csr"
out = "request""#,
        fix: "Add the argument; the hint says what it is.",
    },
    Example {
        code: Code::MISSING_CHAPTER,
        file: "content/SUMMARY.md",
        text: "# Summary

- [Case](index.md)
- [Elsewhere](elsewhere.md)",
        fix: "Write the chapter, or take it out of the summary.",
    },
    Example {
        code: Code::MISSING_KEY,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "key"
at = "device""#,
        fix: "Add the key; the hint says what it is.",
    },
    Example {
        code: Code::NO_MITIGATION,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "one"
at = "device"
op = "constant"
with.value = "one"
out = "one"

[[attack]]
id = "noticed-by-nobody"
title = "Noticed by nobody"
edit = [{ set = "one", with.value = "two" }]
expect.accepted = "It gets through.""#,
        fix: "Add a `[[mitigation]]` with the attack in `against`, or say in `no-mitigation` why there is none.",
    },
    Example {
        code: Code::NOT_A_TREE,
        file: "data/decisions.toml",
        text: r#"edition = 1

[[question]]
id = "owner"
text = "Is the owner known?"

[[question.answer]]
label = "perhaps"
why = "Then ask again."
next = "owner""#,
        fix: "Let one answer alone lead to a question, and never back to one that was asked.",
    },
    Example {
        code: Code::NOT_HELD,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "key"
at = "device"
op = "keygen"
out = "device-key"

[[step]]
id = "request"
at = "server"
op = "csr"
with = { key = "$device-key", common-name = "device" }
out = "request""#,
        fix: "Send it there first and `receive` it, let the other actor do the step, or correct the name.",
    },
    Example {
        code: Code::OFF_LINK,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "hello"
from = "clerk"
to = "server"
via = "net"
op = "deliver"
with.word = "hello""#,
        fix: "Take a link that joins the two, or declare one in `[links]`.",
    },
    Example {
        code: Code::STALE_ACKNOWLEDGEMENT,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "key"
at = "device"
op = "keygen"
out = "key"

[[acknowledge]]
lint = "secret-in-clear"
at = "key"
reason = "It stays where it is.""#,
        fix: "Take the acknowledgement away, or correct `at` where the finding has moved.",
    },
    Example {
        code: Code::STALE_DECLARATION,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "key"
at = "device"
op = "keygen"
out = "key"

[[goal]]
id = "key-stays"
claim = "never-leaves"
with.value = "device/key"
unmet = "It was sent once.""#,
        fix: "Take the declaration away.",
    },
    Example {
        code: Code::UNDETECTED_PROBE,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "root"
at = "server"
op = "authority"
with.name = "Case"
out = "root"

[[step]]
id = "token"
at = "device"
op = "random"
out = "token"

[[step]]
id = "tls"
from = "device"
to = "server"
via = "net"
op = "tls"
client = { name = "server.example" }
server = { credential = "$root" }

[[step]]
id = "send"
from = "device"
to = "server"
in = "tls"
op = "deliver"
with.token = "$token"

[[goal]]
id = "secret"
claim = "known-only-to"
with = { value = "device/token", actors = ["device", "server"] }"#,
        fix: "Add the check that notices it, or declare it as `[[undetected]]` with the reason.",
    },
    Example {
        code: Code::UNEXPECTED_OUTCOME,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "one"
at = "device"
op = "constant"
with.value = "one"
out = "one"

[[step]]
id = "same"
at = "device"
op = "check-equal"
with = { left = "$one", right = "one", code = "not-one" }

[[attack]]
id = "noticed"
title = "Noticed"
edit = [{ set = "one", with.value = "two" }]
expect.accepted = "It gets through.""#,
        fix: "Find out which of the two is wrong, the flow or what it declares; `trustlane run FLOW --scenario ID` tells the run step by step.",
    },
    Example {
        code: Code::UNKNOWN_ARGUMENT,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "number"
at = "device"
op = "random"
out = "number"
with.size = 16"#,
        fix: "Correct the name; the hint and the reference of operations list what there is.",
    },
    Example {
        code: Code::UNKNOWN_DIRECTIVE,
        file: "content/index.md",
        text: "```{figures} case
```",
        fix: "Correct the name; the reference lists the directives, roles and callouts.",
    },
    Example {
        code: Code::UNKNOWN_KEY,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "key"
at = "device"
op = "keygen"
otu = "key""#,
        fix: "Correct the key, or take it away.",
    },
    Example {
        code: Code::UNKNOWN_NAME,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "key"
at = "devise"
op = "keygen"
out = "key""#,
        fix: "Correct the name, or declare what it names.",
    },
    Example {
        code: Code::UNKNOWN_OPERATION,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "key"
at = "device"
op = "keygne"
out = "key""#,
        fix: "Correct the name; the reference lists the operations.",
    },
    Example {
        code: Code::UNMET_ASSERTION,
        file: "content/index.md",
        text: "The method has {assert}`no step at all <case steps = 0>`.",
        fix: "Say what the run shows, which the message tells, or change the flow so that it bears the sentence out.",
    },
    Example {
        code: Code::UNMET_GOAL,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "token"
at = "server"
op = "random"
out = "token"

[[step]]
id = "hello"
from = "server"
to = "device"
via = "net"
op = "deliver"
with.token = "$token"
receive.token = "token"

[[goal]]
id = "secret"
claim = "known-only-to"
with = { value = "server/token", actors = ["server"] }"#,
        fix: "Change the flow so that the run bears the goal out, or claim what it does bear out.",
    },
    Example {
        code: Code::UNREACHABLE_QUESTION,
        file: "data/decisions.toml",
        text: r#"edition = 1

[[question]]
id = "owner"
text = "Is the owner known?"

[[question.answer]]
label = "no"
why = "Then a manufacturer has to vouch."
methods = ["case"]

[[question]]
id = "person"
text = "Does a person stand before the device?"

[[question.answer]]
label = "yes"
why = "Then a code will do."
methods = ["case"]"#,
        fix: "Name the question in the `next` of an answer, or remove it.",
    },
    Example {
        code: Code::UNSTATED_HARM,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "one"
at = "device"
op = "constant"
with.value = "one"
out = "one"

[[attack]]
id = "another"
title = "Another word"
edit = [{ set = "one", with.value = "two" }]
expect.accepted = "It gets through."
no-mitigation = "Nobody compares words.""#,
        fix: "Add a `[[goal]]` that the attack breaks, or one that the method does not keep, with `unmet`, and a mitigation that keeps it.",
    },
    Example {
        code: Code::UNSUPPORTED_EDITION,
        file: "flows/case.toml",
        text: "edition = 99",
        fix: "Take a version of Trustlane that reads the edition.",
    },
    Example {
        code: Code::WRONG_PLACE,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "key"
from = "device"
to = "server"
via = "net"
op = "keygen"
out = "key""#,
        fix: "Give the step the keys of its operation's shape: `at`, or `from` and `to` with `via` or `in`.",
    },
    Example {
        code: Code::WRONG_TYPE,
        file: "flows/case.toml",
        text: r#"[[step]]
id = "key"
at = 7
op = "keygen""#,
        fix: "Write a value of the type that the message names.",
    },
];
