// What could be meant by a name: things of a kind (`control`: to be pressed; `field`: to be filled in) that are shown and near which that name
// stands. Which of them bears it is for the browser to say.
const [kind, wanted] = arguments;
const plain = text => (text || "").replace(/\s+/g, " ").trim().toLowerCase();
const of = {
  control: "a[href], button, summary, [role=button], [role=tab], [role=menuitem], "
    + "input[type=submit], input[type=button], input[type=checkbox], input[type=radio]",
  field: "input:not([type=hidden]):not([type=submit]):not([type=button]), select, textarea",
}[kind];
const near = element => [
  element.getAttribute("aria-label"),
  ...(element.getAttribute("aria-labelledby") || "").split(/\s+/).map(id => document.getElementById(id)?.textContent),
  ...[...(element.labels || [])].map(label => label.textContent),
  element.textContent,
  element.value,
  element.title,
  element.closest("fieldset")?.querySelector("legend")?.textContent,
  ...[...element.querySelectorAll("[alt], [aria-label], title")].map(
    inner => inner.getAttribute("alt") || inner.getAttribute("aria-label") || inner.textContent),
].map(plain).join(" ");
const shown = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
return [...document.querySelectorAll(of)].filter(element => shown(element) && near(element).includes(plain(wanted)));
