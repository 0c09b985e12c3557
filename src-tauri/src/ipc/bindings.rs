//! The page's bindings in TypeScript, written from the registry and the types that it names.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ts_rs::{Config, TS, TypeVisitor};

use super::{UiError, events};
use crate::commands::shapes::*;

const HEAD: &str = "\
// Written by a test from src-tauri/src/ipc/registry.rs and the types that it names; do not edit. To write it anew:
// LAYR_WRITE_BINDINGS=1 cargo test -p layr the_page_has_the_bindings
";

/// One command.
struct Command {
    name: &'static str,
    about: String,
    request: Option<String>,
    answer: String,
}

/// Every type that crosses, by its name on the page.
pub(super) struct Shapes {
    config: Config,
    declarations: BTreeMap<String, String>,
}

impl TypeVisitor for Shapes {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_some() {
            let declaration = format!("export {}\n", on_one_line(&T::decl(&self.config)));
            if self.declarations.insert(T::ident(&self.config), declaration).is_none() {
                T::visit_dependencies(self);
            }
        }
        T::visit_generics(self);
    }
}

impl Shapes {
    pub(super) fn of<T: TS + 'static + ?Sized>(&mut self) -> String {
        self.visit::<T>();
        match T::name(&self.config).as_str() {
            "null" => "void".to_owned(),
            name => name.to_owned(),
        }
    }
}

macro_rules! described {
    ($($(#[doc = $doc:literal])* $module:ident::$name:ident($($request:ty)?) -> $answer:ty,)*) => {
        fn commands(shapes: &mut Shapes) -> Vec<Command> {
            vec![$(Command {
                    name: stringify!($name),
                    about: [$($doc),*].concat().trim().to_owned(),
                    request: None$(.or(Some(shapes.of::<$request>())))?,
                    answer: shapes.of::<$answer>(),
            }),*]
        }
    };
}

registry!(described);

/// The whole file.
pub(super) fn text() -> String {
    let config = Config::new().with_large_int("number");
    let mut shapes = Shapes { config, declarations: BTreeMap::new() };
    let commands = commands(&mut shapes);
    shapes.of::<UiError>();
    let events = events::described(&mut shapes);
    let mut text = HEAD.to_owned();
    for declaration in shapes.declarations.values() {
        write!(text, "\n{declaration}").unwrap();
    }
    text.push_str("\n/** How a command gets to the shell and its answer back. */\n");
    text.push_str("export type Ask = <Answer>(command: string, request?: object) => Promise<Answer>;\n");
    text.push_str("\n/** Every command of the shell, over `ask`; a failure is a `UiError`. */\n");
    text.push_str("export const commandsOver = (ask: Ask) => ({\n");
    for Command { name, about, request, answer } in commands {
        let page_name = camel_case(name);
        let (taken, given) = match request {
            Some(request) => (format!("request: {request}"), ", request"),
            None => (String::new(), ""),
        };
        writeln!(text, "  /** {about} */").unwrap();
        writeln!(text, "  {page_name}: ({taken}) => ask<{answer}>('{name}'{given}),").unwrap();
    }
    text.push_str("});\n");
    text.push_str("\n/** What the shell tells the page unasked, by the event's name. */\n");
    text.push_str("export interface ShellEvents {\n");
    for (name, about, payload) in events {
        let payload = if payload == "void" { "null" } else { &payload };
        writeln!(text, "  /** {about} */\n  '{name}': {payload};").unwrap();
    }
    text.push_str("}\n");
    text
}

/// A declaration without its comments, which are those of the Rust type.
fn on_one_line(declaration: &str) -> String {
    let mut code = String::new();
    let mut rest = declaration;
    while let Some((before, comment)) = rest.split_once("/**") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let (initial, rest) = part.split_at(1);
        name + &initial.to_uppercase() + rest
    })
}
