// What is said of a citation beside its source: what replaced the report, and where else the passage stands.

import { element } from "./elements.js";
import { addLanguage } from "./preferences.js";
import { langOf, readableDate, text, textParts } from "./words.js";

const MOST_REPRINTS = 3;
const MOST_DIFFERENCES = 3;
const LONGEST_WORDS = 40;

function shortened(words) {
  const characters = [...words];
  return characters.length <= LONGEST_WORDS ? words : `${characters.slice(0, LONGEST_WORDS - 1).join("")}…`;
}

function reportLink({ title, date, url }) {
  const words = date ? text("report_dated", { title, date: readableDate(date) }) : text("report_title", { title });
  return element("a", { href: addLanguage(new URL(url, location.href)).href, lang: langOf(title) }, words);
}

function notice(name, key, values) {
  return element("p", { class: `notice-${name}` }, ...textParts(key, values));
}

/** What a reprint changed, in words: the first few differences, and how many more there are. */
export function changesOf(differences) {
  const said = differences.slice(0, MOST_DIFFERENCES).map(({ kind, old, new: now }) =>
    text(`change_${kind}`, { old: shortened(old), new: shortened(now) }));
  const more = differences.length - said.length;
  return [...said, ...(more > 0 ? [text("changes_more", { count: more })] : [])].join(text("change_separator"));
}

function reprint(found) {
  const report = reportLink(found);
  if (!found.differences.length) return notice("reprint", "reprint", { report });
  return notice("reprint", "reprint_changed", { report, changes: changesOf(found.differences) });
}

function versions({ superseded_by: newer, supersedes = [] }) {
  const reports = element("span", {}, ...supersedes.map(reportLink));
  return [
    newer && notice("superseded", "superseded_by", { report: reportLink(newer) }),
    supersedes.length && notice("supersedes", "supersedes", { reports }),
  ];
}

/** The notices of a citation, or nothing; mostly there are none. */
export function noticesOf(citation) {
  const { duplicates = [] } = citation;
  const more = duplicates.length - MOST_REPRINTS;
  const found = [
    ...versions(citation),
    ...duplicates.slice(0, MOST_REPRINTS).map(reprint),
    more > 0 && notice("reprint", "reprints_more", { count: String(more) }),
  ].filter(Boolean);
  return found.length ? element("div", { class: "notices" }, ...found) : null;
}
