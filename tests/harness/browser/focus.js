// Whether what has the focus looks otherwise than without: an outline of two pixels or more, of a colour that is seen.
const style = getComputedStyle(document.activeElement);
const clear = /^rgba\(.*, 0\)$|^transparent$/;
const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && !clear.test(style.outlineColor);
const ringed = style.boxShadow !== "none";
return outlined || ringed;
