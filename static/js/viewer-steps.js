// Which photo the viewer shows next.

// uniqueLinks are the photos of a list, each once: a list may link one by its picture and by its name. Of two links
// to a photo the pressed one stays.
export function uniqueLinks(links, pressed) {
  return links.filter((link, i) => link === pressed || (link.href !== pressed.href && links.findIndex((other) => other.href === link.href) === i));
}

// wrap goes on at the other end.
export const wrap = (index, length) => (index + length) % length;

// indexForKey is where a key leads, undefined when it leads nowhere.
export const indexForKey = (key, index, length) => ({ ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: length - 1 })[key];

// swipe is what a finger wants that moved so many pixels: "next", "previous", "close" or "" for nothing.
export function swipe(x, y, hasSeveral) {
  if (Math.abs(x) > Math.max(48, Math.abs(y)) && hasSeveral) return x < 0 ? "next" : "previous";
  return y > 96 && y > Math.abs(x) ? "close" : "";
}

// dragTransform is how the photo follows the finger; where there is no other, it resists.
export function dragTransform(x, y, hasSeveral) {
  if (Math.abs(x) > Math.abs(y)) return `translateX(${hasSeveral ? x : x / 4}px)`;
  return `translateY(${Math.max(0, y)}px)`;
}
