// Whether the page is light on dark.
const light = colour => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
const style = getComputedStyle(document.documentElement);
return light(style.color) > light(style.backgroundColor);
