//! `completions` and `man`, made from the same description as the parser.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::failure::{Outcome, local};

pub(crate) fn completions(shell: Shell) -> Outcome<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "layr", &mut script);
    crate::output::stdout_line(String::from_utf8_lossy(&script).trim_end())
}

/// One page: the program, then each command in its own section.
pub(crate) fn man() -> Outcome<()> {
    let mut page = Vec::new();
    let command = Cli::command();
    let render = |page: &mut Vec<u8>| -> std::io::Result<()> {
        clap_mangen::Man::new(command.clone().disable_help_subcommand(true)).render(page)?;
        sections(&command, "layr", page)
    };
    render(&mut page).map_err(|error| local("cannot write the man page", &error))?;
    crate::output::stdout_line(one_page(&command, &String::from_utf8_lossy(&page)).trim_end())
}

/// The list of commands names each as a page of its own; here they are sections.
fn one_page(command: &clap::Command, page: &str) -> String {
    command.get_subcommands().fold(page.to_owned(), |page, sub| {
        let name = sub.get_name().replace('-', r"\-");
        page.replace(&format!(r"layr\-{name}(1)"), &format!(r"\fBlayr {name}\fR"))
    })
}

fn sections(command: &clap::Command, prefix: &str, page: &mut Vec<u8>) -> std::io::Result<()> {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let name = format!("{prefix} {}", sub.get_name());
        let man = clap_mangen::Man::new(sub.clone().bin_name(name.clone()).display_name(name.clone()));
        page.extend_from_slice(format!(".SH \"{}\"\n", name.to_uppercase()).as_bytes());
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
        sections(sub, &name, page)?;
    }
    Ok(())
}
