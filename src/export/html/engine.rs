//! The template engine, without a way to the environment, the clock or chance.

use std::collections::{BTreeMap, HashMap};

use tera::{Result, Tera, Value};

/// Functions of Tera that would make a page depend on where and when it is built.
const FORBIDDEN: [&str; 3] = ["get_env", "now", "get_random"];

/// An engine that knows `templates`.
pub fn engine(templates: &BTreeMap<String, String>) -> Result<Tera> {
    let mut tera = Tera::default();
    for name in FORBIDDEN {
        tera.register_function(name, move |_: &HashMap<String, Value>| -> Result<Value> {
            Err(format!("`{name}` is not available: the same sources must give the same pages").into())
        });
    }
    tera.autoescape_on(vec![".html"]);
    // Tera's own also escapes `/`, which makes every path unreadable and protects nothing in HTML.
    tera.set_escape_fn(super::prose::escape);
    tera.add_raw_templates(templates.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
    Ok(tera)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str) -> Result<String> {
        let templates = BTreeMap::from([("page.html".to_owned(), template.to_owned())]);
        engine(&templates)?.render("page.html", &tera::Context::new())
    }

    #[test]
    fn templates_reach_neither_environment_nor_clock() {
        for template in ["{{ get_env(name=\"HOME\") }}", "{{ now() }}", "{{ get_random(end=9) }}"] {
            assert!(render(template).is_err(), "{template} gave something");
        }
    }

    #[test]
    fn values_are_escaped() {
        assert_eq!(render("{% set x = \"<b>\" %}{{ x }}").unwrap(), "&lt;b&gt;");
    }
}
