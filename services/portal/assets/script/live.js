// Parts of a page that are drawn anew when something happened: the server sends them whole, and this puts them in their place.
{
  const live = document.querySelector("[data-live]");
  const trusted = globalThis.trustedTypes?.createPolicy("phidia", { createHTML: (html) => html }) ?? { createHTML: (html) => html };
  let stream;
  const swap = (name, html) => {
    const old = document.querySelector(`[data-part="${CSS.escape(name)}"]`);
    if (!old) return;
    // Nobody is disturbed while typing there.
    const at = document.activeElement;
    const isThere = old.contains(at);
    if (isThere && at.matches("input:not([type=checkbox]), textarea, select")) return;
    const id = isThere ? at.closest("[id]").id : "";
    const ticked = new Set([...old.querySelectorAll("[type=checkbox]:checked")].map((box) => box.value));
    const made = document.createElement("template");
    made.innerHTML = trusted.createHTML(html);
    old.replaceChildren(made.content);
    for (const box of old.querySelectorAll("[type=checkbox]")) box.checked ||= ticked.has(box.value);
    if (id) document.getElementById(id)?.focus();
    document.dispatchEvent(new CustomEvent("phidia-part", { detail: name }));
  };
  const open = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(live.dataset.live);
    stream.addEventListener("part", (event) => {
      const { name, html } = JSON.parse(event.data);
      swap(name, html);
    });
  };
  const close = () => {
    stream?.close();
    stream = undefined;
  };
  if (live) {
    // A browser has six lines to a host: a page that nobody looks at keeps none.
    document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
    addEventListener("pagehide", close);
    addEventListener("pageshow", open);
    open();
  }
}
