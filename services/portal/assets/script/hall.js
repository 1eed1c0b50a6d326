// A slip is printed by itself, and makes room for the next person.
{
  const slip = document.querySelector("[data-print]");
  if (slip) {
    print();
    setTimeout(() => location.replace(slip.dataset.next), 8_000);
  }
}
// The board says aloud what is called, once somebody has asked for it.
{
  const button = document.getElementById("speak");
  if (button && globalThis.speechSynthesis) {
    let said;
    let speaks = false;
    button.parentElement.hidden = false;
    button.addEventListener("click", () => {
      speaks = !speaks;
      button.setAttribute("aria-pressed", String(speaks));
    });
    document.addEventListener("phidia-part", (event) => {
      const call = event.detail === "call" && document.querySelector("[data-call]");
      if (!call || call.dataset.call === said) return;
      const isFirst = said === undefined;
      said = call.dataset.call;
      if (!speaks || isFirst) return;
      const words = new SpeechSynthesisUtterance(call.textContent);
      words.lang = document.documentElement.lang;
      speechSynthesis.speak(words);
    });
  }
}
