// The list of reports beside the chat, with a filter once there are many.

import { element, facts } from "./elements.js";
import { byId } from "./page.js";
import { addLanguage } from "./preferences.js";
import { getReports } from "./server.js";
import { countText, langOf, readableDate, text } from "./words.js";

const FILTER_FROM = 12; // reports

const reports = { documents: [], generation: null, state: "loading" };

async function loadReports() {
  try {
    reports.documents = await getReports();
    reports.state = reports.documents.length ? "loaded" : "empty";
  } catch ({ kind }) {
    byId("reports").hidden = kind === "off"; // a key may be for questions only
    if (!reports.documents.length) reports.state = "failed"; // an older list is better than none
  }
  showReports();
}

/** Load the list anew if it is of another generation of the index. */
export function keepUpWith({ generation }) {
  if (generation === reports.generation) return;
  reports.generation = generation;
  loadReports();
}

export function showReports() {
  const filter = byId("reports-filter");
  filter.hidden = reports.documents.length < FILTER_FROM;
  const wanted = filter.hidden ? "" : filter.value.trim().toLowerCase();
  const shown = reports.documents.filter((report) =>
    [report.title, report.source, report.date].some((field) => field?.toLowerCase().includes(wanted)));
  const note = reports.state !== "loaded" ? `reports_${reports.state}` : shown.length ? null : "reports_none_match";
  byId("reports-note").hidden = !note;
  byId("reports-note").textContent = note ? text(note) : "";
  byId("reports-retry").hidden = reports.state !== "failed";
  byId("reports").querySelector("ul").replaceChildren(...shown.map(reportItem));
}

function reportItem(report) {
  const path = report.document_id.split("/").map(encodeURIComponent).join("/");
  const href = addLanguage(new URL(`/documents/${path}/view`, location.href)).href;
  return element("li", {},
    element("a", { href, lang: langOf(report.title) }, report.title),
    facts([report.date && readableDate(report.date), report.source, countText("paragraph_count", report.paragraphs),
      report.title_derived && text("untitled")]));
}

export function startReports() {
  byId("reports-filter").addEventListener("input", showReports);
  byId("reports-retry").addEventListener("click", loadReports);
  byId("reports").hidden = false; // without JavaScript there is no list to head
  loadReports();
}
