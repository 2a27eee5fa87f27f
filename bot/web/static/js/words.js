// The page's words in the reader's language, and the language of other people's words.

import { page } from "./page.js";

export let language = document.documentElement.lang === "zh" ? "zh" : "en";

export function setLanguage(chosen) {
  language = chosen;
}

/** A text cut at its {names}, with their values in between; a value may be an element. */
export function textParts(key, values = {}) {
  return page.texts[language][key].split(/\{(\w+)\}/).map((part, index) => (index % 2 ? values[part] : part));
}

export function text(key, values) {
  return textParts(key, values).join("");
}

export function countText(key, count) {
  return text(count === 1 ? `${key}_one` : key, { count });
}

/** The text of a key, or the name itself if there is no such text. */
export function nameText(prefix, name) {
  return page.texts[language][`${prefix}_${name}`] ?? name;
}

export function readableDate(date) {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  if (!parts) return date;
  const month = text("months").split(" ")[Number(parts[2]) - 1];
  return text("date_format", { year: parts[1], month, day: Number(parts[3]) });
}

const HAN = /\p{Script=Han}/u;
const KANA_OR_HANGUL = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** "zh" for text in Chinese characters, so that it is set and read aloud as Chinese; else nothing. */
export function langOf(string) {
  return HAN.test(string) && !KANA_OR_HANGUL.test(string) ? "zh" : undefined;
}
