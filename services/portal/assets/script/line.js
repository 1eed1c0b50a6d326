// Says so when the line is down, and when it is back; a form that is sent meanwhile waits, as it is, and goes once.
{
  const EVERY = 10_000;
  const note = document.getElementById("line");
  if (note) {
    let lost = false;
    let waiting;
    const say = (now) => {
      if (now === lost) return;
      lost = now;
      note.classList.toggle("back", !lost);
      note.textContent = lost ? note.dataset.lost : note.dataset.back;
      note.hidden = false;
      if (!lost) {
        setTimeout(() => (note.hidden = !lost), 5_000);
        const { form, button } = waiting ?? {};
        waiting = undefined;
        form?.requestSubmit(button);
      }
    };
    const look = async () => {
      try {
        const answer = await fetch("/khoe", { cache: "no-store", signal: AbortSignal.timeout(5_000) });
        say(!answer.ok);
      } catch {
        say(true);
      }
    };
    setInterval(() => document.hidden || look(), EVERY);
    addEventListener("offline", () => say(true));
    addEventListener("online", look);
    document.addEventListener("phidia-line", look);
    // Before a browser leaves the page for an answer that cannot come.
    document.addEventListener(
      "submit",
      (event) => {
        if (!lost) return;
        event.preventDefault();
        event.stopPropagation();
        waiting = { form: event.target, button: event.submitter };
        look();
      },
      true,
    );
  }
}
