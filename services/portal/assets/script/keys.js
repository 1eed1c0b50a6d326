// Keys for whoever wants them; nothing works by keys alone. They rest while one types, and can be switched off.
{
  const OFF = "phidia-keys-off";
  const isOff = () => sessionStorage.getItem(OFF) !== null;
  const isTyping = (at) => at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
  let led = false;
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const step = (by) => {
    const all = rows();
    const at = all.indexOf(document.activeElement?.closest("[data-row]"));
    const to = all[Math.min(all.length - 1, Math.max(0, at + by))];
    to?.focus();
    return Boolean(to);
  };
  const press = (found) => {
    if (!found) return false;
    found.click();
    return true;
  };
  const did = (key) => {
    if (led) {
      led = false;
      return press(document.querySelector(`nav [data-key="${CSS.escape(key)}"]`));
    }
    if (key === "g") return (led = true);
    if (key === "/") {
      const search = document.querySelector("input[type=search]");
      search?.focus();
      return Boolean(search);
    }
    if (key === "?") return press(document.querySelector("[data-help]"));
    if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
    if (key === "Enter" && document.activeElement?.matches("[data-row]")) return press(document.activeElement.querySelector("a"));
    if (!/^[\w[\]+-]$/.test(key)) return false;
    const own = document.activeElement?.closest("[data-row]")?.querySelector(`[data-press="${CSS.escape(key)}"]`);
    return press(own ?? document.querySelector(`main [data-press="${CSS.escape(key)}"]:not([data-row] *)`));
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (isOff() || isTyping(event.target)) return;
    if (did(event.key)) event.preventDefault();
  });
  const place = document.getElementById("keys-switch");
  if (place) {
    const button = place.querySelector("button");
    const say = () => (button.textContent = isOff() ? place.dataset.on : place.dataset.off);
    button.addEventListener("click", () => {
      isOff() ? sessionStorage.removeItem(OFF) : sessionStorage.setItem(OFF, "1");
      say();
    });
    place.hidden = false;
    say();
  }
}
