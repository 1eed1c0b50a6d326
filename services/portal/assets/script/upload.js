// Files, piece by piece: a line that drops costs one piece, and what goes too far or is of another kind is told before any of it is sent.
{
  const PIECE = 512 * 1024;
  const WAIT = 3_000;
  const key = document.querySelector("[data-upload] input[name=khoa]")?.value;
  const pause = (ms) => new Promise((go) => setTimeout(go, ms));
  // Not randomUUID: over plain HTTP in a centre there is none.
  const byChance = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const fault = (input, sentence) => {
    const field = input.closest(".field") ?? input.closest("fieldset").querySelector(".field");
    const control = field.querySelector("input[type=file]");
    const id = `e-${control.name}`;
    let told = document.getElementById(id);
    if (!told) {
      told = Object.assign(document.createElement("p"), { id, className: "fault" });
      field.querySelector("label").after(told);
    }
    told.setAttribute("role", "alert");
    told.textContent = told.textContent ? `${told.textContent} ${sentence}` : sentence;
    field.classList.add("faulty");
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", id);
  };

  // Why it would be refused; nothing: it would not.
  const refusal = (control, file) => {
    const ending = `.${file.name.split(".").pop().toLowerCase()}`;
    if (!control.accept.split(",").includes(ending)) return control.dataset.notTaken.replace("{}", file.name);
    if (file.size > Number(control.dataset.most)) return control.dataset.tooBig.replace("{}", file.name);
    return undefined;
  };

  const asked = async (path, options) => {
    const answer = await fetch(path, { ...options, signal: AbortSignal.timeout(60_000) });
    const said = await answer.json();
    if (answer.ok) return said;
    // What a second try would not mend.
    if (answer.status < 500 && answer.status !== 429) throw Object.assign(new Error(said.loi), { isFinal: true });
    throw new Error(said.loi);
  };

  // The same until it is done; only a refusal ends it.
  const patiently = async (told, control, work) => {
    for (;;) {
      try {
        return await work();
      } catch (trouble) {
        if (trouble.isFinal) throw trouble;
        told.textContent = control.dataset.broken;
        await pause(WAIT);
      }
    }
  };

  const send = async (control, file, bar, told) => {
    const lan = byChance();
    const body = () => new URLSearchParams({ khoa: key, ten: file.name, dai: file.size, lan });
    const begun = await patiently(told, control, () => asked("/tep", { method: "POST", body: body() }));
    let at = begun.co;
    while (at < file.size) {
      told.textContent = `${control.dataset.underWay} ${file.name}: ${Math.floor((at / file.size) * 100)} %`;
      bar.value = at / file.size;
      at = await patiently(told, control, async () => {
        try {
          const piece = file.slice(at, at + PIECE);
          const headers = { "phidia-khoa": key };
          return (await asked(`/tep/${begun.tep}/phan?tu=${at}`, { method: "POST", headers, body: piece })).co;
        } catch (trouble) {
          // Whether the piece arrived is asked: the answer may be what was lost.
          const { co } = await asked(`/tep/${begun.tep}/muc`, {});
          if (co > at) return co;
          throw trouble;
        }
      });
    }
    return begun.tep;
  };

  const take = async (input, files) => {
    const paper = input.closest("fieldset.part");
    const control = paper.querySelector("input[type=file][data-most]");
    const form = input.form;
    const bar = Object.assign(document.createElement("progress"), { max: 1 });
    const told = Object.assign(document.createElement("p"), { className: "soft" });
    told.setAttribute("role", "status");
    bar.setAttribute("aria-label", control.dataset.underWay);
    paper.append(bar, told);
    let isAny = false;
    for (const file of files) {
      try {
        const sentence = refusal(control, file);
        if (sentence) throw new Error(sentence);
        const value = await send(control, file, bar, told);
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name: control.name.replace(/tep$/, "co"), value }));
        isAny = true;
      } catch (trouble) {
        fault(control, trouble.message);
      }
    }
    bar.remove();
    told.remove();
    input.value = "";
    // The server draws the list; where something was refused that stays to be read first.
    if (isAny && !paper.querySelector(".fault")) form.requestSubmit(paper.querySelector("button[name=tai-len]"));
  };

  if (key) {
    for (const input of document.querySelectorAll("fieldset.part input[type=file]")) {
      input.addEventListener("change", () => input.files.length && take(input, [...input.files]));
    }
    for (const button of document.querySelectorAll("button[name=tai-len]")) button.hidden = true;
    for (const paper of document.querySelectorAll("fieldset.part")) {
      paper.addEventListener("dragover", (event) => {
        event.preventDefault();
        paper.classList.add("over");
      });
      paper.addEventListener("dragleave", () => paper.classList.remove("over"));
      paper.addEventListener("drop", (event) => {
        event.preventDefault();
        paper.classList.remove("over");
        if (event.dataTransfer.files.length) take(paper.querySelector("input[type=file][data-most]"), [...event.dataTransfer.files]);
      });
    }
  }
}
