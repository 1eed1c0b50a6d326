// What is wrong with a page in front of somebody, in words. `least`: how wide and high what is pressed has to be, CSS pixels.
const [least] = arguments;
const faults = [];
const say = (what, element) => faults.push(element ? what + ": " + told(element) : what);
const told = element => element.cloneNode(false).outerHTML.slice(0, 160) + " " + (element.textContent || "").trim().slice(0, 40);
const root = document.documentElement;

if (!root.lang) say("the page does not say its language");
if (!document.title.trim()) say("the page has no title");
const headings = document.querySelectorAll("h1");
if (headings.length !== 1) say(headings.length + " first headings (h1)");
if (!document.querySelector("main")) say("no main part");
const ids = new Set();
for (const element of document.querySelectorAll("[id]")) {
  if (ids.has(element.id)) say("an id twice", element);
  ids.add(element.id);
}
for (const element of document.querySelectorAll("*")) {
  for (const attribute of element.attributes) {
    if (attribute.name === "style" || attribute.name.startsWith("on")) say("style or script within the page", element);
  }
}
for (const label of document.querySelectorAll("label[for]")) {
  if (!document.getElementById(label.htmlFor)) say("a label of nothing", label);
}
for (const name of ["aria-describedby", "aria-labelledby", "aria-controls"]) {
  for (const element of document.querySelectorAll(`[${name}]`)) {
    for (const id of element.getAttribute(name).split(/\s+/)) {
      if (id && !document.getElementById(id)) say(`${name} leads nowhere`, element);
    }
  }
}
for (const link of document.querySelectorAll("a[href^='#']")) {
  const id = decodeURIComponent(link.getAttribute("href").slice(1));
  if (id && !document.getElementById(id)) say("a link into the page that leads nowhere", link);
}

const width = root.clientWidth;
if (root.scrollWidth > width) {
  say(`the page is ${root.scrollWidth} wide on a screen of ${width}`);
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    const sticks = box.width > 0 && box.right + scrollX > width + 0.5;
    if (sticks && ![...element.children].some(inner => inner.getBoundingClientRect().right + scrollX > width + 0.5)) {
      say("sticks out to the right", element);
    }
  }
}

const shown = element => element.checkVisibility({ visibilityProperty: true });
const controls = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")]
  .filter(element => shown(element) && !element.disabled && element.tabIndex >= 0);
const before = document.activeElement;
for (const element of controls) {
  const labels = [...(element.labels || [])];
  const isField = element.matches("input:not([type=submit]):not([type=button]), select, textarea");
  if (isField && !labels.length && !element.ariaLabel && !element.getAttribute("aria-labelledby")) {
    say("a field without a label", element);
  }
  // What shows itself only with the focus has it here.
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  const box = [...element.getClientRects()].find(box => box.width > 0 && box.height > 0);
  if (!box) {
    say("nothing to be pressed is seen of it", element);
    continue;
  }
  const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const own = [element, ...labels];
  if (!hit || !own.some(one => one.contains(hit))) {
    say(hit ? "it is covered by " + told(hit) : "it lies outside the page", element);
  }
  // A link within a sentence is as high as its line.
  const isInline = element.matches("a") && getComputedStyle(element).display === "inline" && !element.closest("nav")
    && [...element.parentElement.childNodes].some(other => other !== element && other.textContent.trim());
  // What is read may scroll and be stood on; nobody has to hit it.
  const isPressed = element.matches("a, button, input, select, textarea, summary, [role=button]");
  if (isPressed && !isInline && !element.closest("[contenteditable], iframe")) {
    const boxes = own.map(one => one.getBoundingClientRect()).filter(box => box.width > 0);
    const high = Math.max(...boxes.map(box => box.height));
    const wide = Math.max(...boxes.map(box => box.right)) - Math.min(...boxes.map(box => box.left));
    if (high < least - 0.5 || wide < least - 0.5) {
      say(`${Math.round(wide)} × ${Math.round(high)} to be pressed, ${least} is the least`, element);
    }
  }
}
if (before && before !== document.body) before.focus({ preventScroll: true });
else if (document.activeElement) document.activeElement.blur();
scrollTo(0, 0);
return faults;
