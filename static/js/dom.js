// Finding and making elements, and listening to those that are there now or come later.

export const queryAll = (selector, within = document) => [...within.querySelectorAll(selector)];

export function createElement(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

// listen hands events to the element that fits the selector and holds what was pressed or changed.
export function listen(type, selector, handle) {
  document.addEventListener(type, (event) => {
    const found = event.target instanceof Element && event.target.closest(selector);
    if (found) handle(found, event);
  });
}

// onLoad sets up the page, and later each part that htmx swaps in.
export function onLoad(setUp) {
  setUp(document);
  document.addEventListener("htmx:load", (event) => {
    if (event.target !== document.body) setUp(event.target);
  });
}
