// A form that is on its way is not sent again by a second click; its key makes the server do it once in any case.
{
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    // After the form was read: a button that is disabled is not sent.
    setTimeout(() => event.submitter?.setAttribute("aria-disabled", "true"), 0);
  });
  // Shown again by the back button: it can be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
    }
  });
}
