// A report's page starts here, and the one that says that a report is gone. The server has written them in full, marks
// included; this adds small conveniences.

import { NOTE_SHOWN_MS, announce, copy } from "./announce.js";
import { byId } from "./page.js";
import { startTheme } from "./preferences.js";
import { lasting } from "./storage.js";
import { language, text } from "./words.js";

let noticeTimer;

/** The link keeps the reader's place; the server renders the other language. */
function followLanguageSwitch() {
  const url = new URL(location.href);
  const link = byId("language-switch");
  url.searchParams.set("lang", link.hreflang);
  link.href = url.href;
  lasting.write("language", link.hreflang);
}

async function copyParagraphLink(event) {
  const link = event.target.closest(".paragraph-number");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const copied = await copy(new URL(`${location.pathname}?${link.dataset.query}${link.hash}`, location.href).href);
  const number = link.hash.slice(2);
  showNotice(copied ? text("paragraph_link_copied", { number }) : text("copy_failed"));
}

function showNotice(words) {
  const notice = byId("notice");
  notice.textContent = words;
  notice.hidden = false;
  announce(words);
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { notice.hidden = true; }, NOTE_SHOWN_MS);
}

/** A report link from elsewhere names no language, so show the one chosen before. Returns whether it is on its way. */
function honourRememberedLanguage() {
  const url = new URL(location.href);
  const remembered = lasting.read("language");
  if (url.searchParams.has("lang") || !["zh", "en"].includes(remembered) || remembered === language) return false;
  url.searchParams.set("lang", remembered);
  location.replace(url);
  return true;
}

/** Go to where cited words stand now, or to both versions if they were changed; the link only knows where they stood. */
function goToCitedWords() {
  const place = byId("report-text")?.dataset.open;
  if (!place || location.hash === `#${place}`) return;
  const moved = byId("moved");
  if (moved && /^#[pc]\d+$/.test(location.hash)) moved.hidden = false;
  location.replace(`#${place}`);
}

if (!honourRememberedLanguage()) goToCitedWords();
startTheme();
byId("language-switch").addEventListener("click", followLanguageSwitch);
byId("report-text")?.addEventListener("click", copyParagraphLink);
