import { compact, number } from "../format.js";

/**
 * Creates an element with properties (or attributes, if there is no such property) and children. Strings become text nodes, so
 * data is never parsed as markup.
 * @param {string} tag
 * @param {Record<string, unknown>} [props] undefined ones are omitted
 * @param {...(Node | string)} children
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined) continue;
    if (name in node) node[name] = value;
    else node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}

/** Pairs of term and value as a `<dl>`. Pairs without a value are omitted. */
export function facts(props, pairs) {
  const known = pairs.filter(([, value]) => value);
  return el("dl", props, ...known.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value))));
}

/** @param {string} label @param {() => void} action @param {Record<string, unknown>} [props] */
export function button(label, action, props = {}) {
  const node = el("button", { type: "button", ...props }, label);
  node.addEventListener("click", action);
  return node;
}

/** If an action removes the focused element, moves the focus to the container. Otherwise it would go to the top of the page. */
export function keepFocus(container, action) {
  const hadFocus = container.contains(document.activeElement);
  action();
  const { activeElement } = document;
  // A hidden element keeps the focus until the browser renders.
  if (hadFocus && (activeElement === document.body || !activeElement.checkVisibility())) container.focus({ preventScroll: true });
}

/** The size of "1rem" in pixels: some visitors have larger text. */
export const remInPixels = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

/** A number in its short form. A tooltip and screen readers have the exact form. @param {number | undefined} value */
export function amount(value) {
  const [short, full] = [compact(value), number(value)];
  if (short === full) return el("span", { className: "amount" }, full);
  return el("span", { className: "amount", title: full },
    el("span", { "aria-hidden": "true" }, short), el("span", { className: "visually-hidden" }, full));
}
