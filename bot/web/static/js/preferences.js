// Preferences: the language and the theme, as they are chosen, remembered and shown.

import { byId, page } from "./page.js";
import { lasting } from "./storage.js";
import { language, setLanguage, text } from "./words.js";

let languageWasChosen = false; // by switch or address; links to reports then carry it along

const otherLanguage = () => (language === "zh" ? "en" : "zh");

/** The language in the address goes first, then the one chosen earlier, then the one the page was served in. */
export function chooseLanguage() {
  const inAddress = new URLSearchParams(location.search).get("lang");
  const remembered = lasting.read("language");
  languageWasChosen = Boolean(page.texts[inAddress] ?? page.texts[remembered]);
  if (!page.texts[inAddress] && page.texts[remembered]) setLanguage(remembered);
}

export function switchLanguage() {
  setLanguage(otherLanguage());
  languageWasChosen = true;
  lasting.write("language", language);
  const url = new URL(location.href);
  url.searchParams.delete("lang"); // the choice just made overrides the one in the address
  history.replaceState(null, "", url);
}

export function addLanguage(url) {
  if (languageWasChosen) url.searchParams.set("lang", language);
  return url;
}

export function showLanguage() {
  document.documentElement.lang = language;
  for (const part of document.querySelectorAll("[data-text]")) part.textContent = text(part.dataset.text);
  for (const attribute of ["aria-label", "placeholder"]) {
    for (const part of document.querySelectorAll(`[data-text-${attribute}]`)) {
      part.setAttribute(attribute, text(part.getAttribute(`data-text-${attribute}`)));
    }
  }
  const link = byId("language-switch");
  link.href = `?lang=${otherLanguage()}`;
  link.lang = link.hreflang = otherLanguage();
  document.querySelector(".brand").href = addLanguage(new URL("/", location.href)).href;
}

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function darkIsShown() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : systemIsDark.matches;
}

export function showTheme(theme) {
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  byId("theme-switch").textContent = text(darkIsShown() ? "use_light" : "use_dark");
}

export function startTheme() {
  const control = byId("theme-switch");
  control.hidden = false;
  control.addEventListener("click", () => {
    const theme = darkIsShown() ? "light" : "dark";
    lasting.write("theme", theme);
    showTheme(theme);
  });
  systemIsDark.addEventListener("change", () => showTheme());
  showTheme(lasting.read("theme"));
}
