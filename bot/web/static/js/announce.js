// Short notes: what a screen reader says once, and the buttons that copy something and say so.

import { button, element } from "./elements.js";
import { byId } from "./page.js";
import { text } from "./words.js";

export const NOTE_SHOWN_MS = 2500;

/** Have a screen reader say this once; parts may be strings or elements with a lang of their own. */
export function announce(...parts) {
  byId("announcer").replaceChildren(...parts.flatMap((part) => [part, " "]));
}

export async function copy(string) {
  try {
    await navigator.clipboard.writeText(string);
    return true;
  } catch {
    return copyTheOldWay(string);
  }
}

/** navigator.clipboard exists on https and localhost only; an office network often serves plain http. */
function copyTheOldWay(string) {
  const focused = document.activeElement;
  const field = element("textarea", { class: "visually-hidden", readonly: "" });
  field.value = string;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focused?.focus({ preventScroll: true });
  return done;
}

export function copyButton(key, contents) {
  const made = button(key, async () => {
    const outcome = text((await copy(contents())) ? "copied" : "copy_failed");
    made.textContent = outcome;
    announce(outcome);
    setTimeout(() => { made.textContent = text(key); }, NOTE_SHOWN_MS);
  });
  return made;
}
