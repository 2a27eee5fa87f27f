// Elements are built here. What the server says reaches the page only as text nodes, never as HTML.

import { text } from "./words.js";

/** An element with attributes (undefined ones left out), listeners (`on…` functions) and children. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

export function button(key, onclick) {
  return element("button", { type: "button", class: "action", onclick }, text(key));
}

/** Small facts in a row, such as date and source; missing ones are left out. */
export function facts(parts) {
  return element("span", { class: "facts" }, ...parts.filter(Boolean).map((part) => element("span", {}, part)));
}

/** A part that folds away. It notes on `turn[key]` whether it is open, so that this survives a change of language. */
export function folding(turn, key, name, summary, body) {
  const ontoggle = (event) => { turn[key] = event.target.open; };
  const attributes = { class: name, ...(turn[key] && { open: "" }), ontoggle };
  return element("details", attributes, element("summary", {}, summary), body);
}
