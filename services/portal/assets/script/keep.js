// What is typed into a form that says so (`data-keep`) is kept: in this tab at once, and in the draft after a pause. What comes back says what is
// wrong with what was filled in; it stands in nobody's way. The tab forgets it when the draft has it.
{
  const PAUSE = 600;
  const AT_LEAST_EVERY = 10_000;
  const form = document.querySelector("form[data-keep]");
  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => globalThis.print());
  }
  if (form) {
    const place = `phidia-typed ${form.action}`;
    const note = form.querySelector("[data-saved]");
    const revision = form.elements.namedItem("ban");
    const touched = new Set();
    let typed = 0;
    let saved = 0;
    let timer;
    let since;
    let isSaving = false;
    let isLeaving = false;

    const texts = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "khoa" && name !== "ban");
    const isFault = () => document.querySelector(".faults") !== null;
    const remember = () => {
      try {
        sessionStorage.setItem(place, JSON.stringify({ ban: revision.value, typed: texts() }));
      } catch {
        // A full or forbidden store: the page itself still has it.
      }
    };
    const forget = () => sessionStorage.removeItem(place);

    // What was typed and saved nowhere when the tab was left is put back: where the draft has gone on since, it was saved.
    const restore = () => {
      const known = JSON.parse(sessionStorage.getItem(place) ?? "null");
      if (!known || isFault()) return;
      if (known.ban !== revision.value) return forget();
      let isChanged = false;
      for (const [name, value] of known.typed) {
        const control = form.elements.namedItem(name);
        if (!control || control.type === "hidden" || control.type === "submit" || control.value === value) continue;
        if (control.type === "checkbox") control.checked = true;
        else control.value = value;
        isChanged = true;
      }
      if (!isChanged) return forget();
      typed += 1;
      later();
    };

    const tell = (faults) => {
      const wrong = new Map(faults.map(({ o, loi }) => [o, loi]));
      for (const name of touched) {
        const control = document.getElementById(`f-${name}`);
        const field = control?.matches("fieldset") ? control : control?.closest(".field");
        if (!field) continue;
        const id = `e-${name}`;
        const old = document.getElementById(id);
        const sentence = wrong.get(name);
        field.classList.toggle("faulty", Boolean(sentence));
        const described = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
        if (!sentence) {
          old?.remove();
          control.removeAttribute("aria-invalid");
        } else {
          const told = old ?? Object.assign(document.createElement("p"), { id, className: "fault" });
          if (!old) field.querySelector("label, legend").after(told);
          if (told.textContent !== sentence) told.textContent = sentence;
          if (!control.matches("fieldset")) control.setAttribute("aria-invalid", "true");
          described.push(id);
        }
        if (described.length) control.setAttribute("aria-describedby", described.join(" "));
        else control.removeAttribute("aria-describedby");
      }
    };

    const save = async () => {
      if (isSaving || isLeaving || typed === saved) return;
      isSaving = true;
      since = undefined;
      const upTo = typed;
      try {
        // Files go their own way.
        const body = new URLSearchParams([...texts(), ["khoa", form.elements.namedItem("khoa").value], ["ban", revision.value]]);
        const answer = await fetch(form.dataset.keep, { method: "POST", body, signal: AbortSignal.timeout(15_000) });
        const said = await answer.json();
        if (!answer.ok) throw new Error(said.chua);
        revision.value = said.ban;
        saved = upTo;
        if (typed === saved) forget();
        note.textContent = said.luc;
        tell(said.loi);
      } catch (trouble) {
        note.textContent = [form.dataset.unsaved, trouble instanceof SyntaxError || trouble.name !== "Error" ? "" : trouble.message].join(" ").trim();
        // Sooner than by its own heartbeat it is known that the line is down.
        if (trouble.name !== "Error") document.dispatchEvent(new Event("phidia-line"));
        later(AT_LEAST_EVERY);
      } finally {
        isSaving = false;
        if (typed !== saved && since) later();
      }
    };
    const later = (pause = PAUSE) => {
      const now = Date.now();
      since ??= now;
      // However much is typed, it is not put off for ever.
      const wait = pause === PAUSE ? Math.min(pause, since + AT_LEAST_EVERY - now) : pause;
      clearTimeout(timer);
      timer = setTimeout(save, Math.max(0, wait));
    };

    form.addEventListener("input", (event) => {
      if (event.target.type === "file") return;
      typed += 1;
      remember();
      later();
    });
    // Nobody is told of what they have not come to yet.
    form.addEventListener("focusout", (event) => {
      const name = event.target.name;
      if (!name || event.target.type === "file") return;
      touched.add(name);
      // The parts of a day, and of a choice, are told of together.
      const group = event.target.closest("fieldset.field");
      if (group?.id && !group.contains(event.relatedTarget)) touched.add(group.id.slice(2));
      if (typed === saved && document.getElementById(`e-${name}`) === null) {
        typed += 1;
        later();
      }
    });
    form.addEventListener("submit", () => (isLeaving = true));
    addEventListener("pageshow", () => (isLeaving = false));
    restore();
  }
}
