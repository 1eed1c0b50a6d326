//! `--watch`: a verb that reads asks again and again, and what came of it is shown whenever it has changed.

use std::{process::ExitCode, time::Duration};

use console::{Term, style};

use crate::{
    command::Arguments,
    ending::Ending,
    refusal,
    show::{self, Page},
};

/// Gives the command of this process every so often, until it is stopped or nobody reads any more.
///
/// # Errors
/// What the command is refused with, other than that nobody is there: that may pass.
pub(crate) async fn run(
    every: Duration,
    mut give: impl AsyncFnMut(Arguments) -> anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    let mut before = Page::default();
    while show::is_heard() {
        // It was understood once.
        let Ok(arguments) = Arguments::read() else { return Ok(Ending::Misunderstood.into()) };
        let speech = arguments.speech();
        let page = match show::on_a_page(give(arguments)).await {
            (Ok(_), page) => page,
            (Err(error), _) if Ending::of_error(&error) == Ending::Away => {
                Page { asides: refusal::told(&error, speech), ..before.clone() }
            }
            (Err(error), _) => return Err(error),
        };
        draw(&page, &before);
        before = page;
        tokio::time::sleep(every).await;
    }
    Ok(Ending::Done.into())
}

/// Shows what has changed: at a terminal all of it, in the place of what was there, and elsewhere what is new below it.
fn draw(page: &Page, before: &Page) {
    let (is_new, advises) = (page.lines != before.lines, page.asides != before.asides);
    let terminal = Term::stdout();
    let in_place = terminal.is_term() && (is_new || advises);
    if in_place {
        // Where that does not go, it is shown below.
        let _ = terminal.clear_screen();
    } else if is_new && page.lines.len() > 1 && !before.lines.is_empty() {
        // Blocks are told apart; JSON is one line.
        show::line("");
    }
    if is_new || in_place {
        for line in &page.lines {
            let stands_out = !before.lines.is_empty() && !before.lines.contains(line);
            match stands_out {
                true => show::line(&style(line).bold().to_string()),
                false => show::line(line),
            }
        }
    }
    if advises || in_place {
        page.asides.iter().for_each(|line| show::aside(line));
    }
}
