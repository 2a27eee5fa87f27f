// Citations: the quote with the sentence marked in it, and the link that opens the report at it.
// A mark stands where the reply's offsets say, in code points from the quote's beginning.

import { cut } from "./code-points.js";
import { element, facts, folding } from "./elements.js";
import { noticesOf } from "./notices.js";
import { addLanguage } from "./preferences.js";
import { langOf, readableDate, text } from "./words.js";

/** The citation that holds an answer's sentence. */
export function citedBy({ answer, citations }) {
  return citations.find(({ number }) => number === answer.citation) ?? citations[0];
}

/** `string` as nodes, with the part from `start` to `end` wrapped; unwrapped where there are no such offsets. */
function withPart(string, start, end, wrap) {
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || start >= end) return [string];
  const [before, part, after] = cut(string, start, end);
  return [before, wrap(part), after];
}

/** A sentence as nodes, with the few words in it that answer emphasised. */
export function markedSentence({ text: sentence, start, span_start: from, span_end: to }) {
  if (from == null || to == null) return [sentence];
  return withPart(sentence, from - start, to - start, (span) => element("strong", { class: "span" }, span));
}

/** A row of a table under the names of its columns, with the cell that answers emphasised. */
export function rowTable({ quote, row }, sentence) {
  const isAnswer = ({ start, end }) => sentence?.span_start === start && sentence.span_end === end;
  const cell = (one) => {
    const [, words] = cut(quote, one.start, one.end);
    const content = isAnswer(one) ? element("strong", { class: "span" }, words) : words;
    return element("td", one.columns > 1 ? { colspan: one.columns } : {}, content);
  };
  const names = row.cells.map(({ name, columns }) => element("th", columns > 1 ? { colspan: columns } : {}, name));
  const head = row.cells.some(({ name }) => name) ? element("thead", {}, element("tr", {}, ...names)) : null;
  const body = element("tbody", {}, element("tr", {}, ...row.cells.map(cell)));
  return element("div", { class: "table", tabindex: "0", role: "region", "aria-label": text("table") },
    element("table", {}, head, body));
}

function markedQuote(citation, sentence) {
  const { quote, row } = citation;
  if (row) return [rowTable(citation, sentence)];
  if (!sentence) return [quote];
  const mark = (part) => element("mark", {}, ...markedSentence({ ...sentence, text: part }));
  return withPart(quote, sentence.start, sentence.end, mark);
}

/** The address that opens the report with the sentence marked, or the whole quote if there is no sentence. */
function citationAddress(citation, sentence) {
  return new URL(sentence?.url ?? citation.url, location.href);
}

/** The address of a link to a citation, with the language if the reader chose one. */
export function citationHref(citation, sentence) {
  return addLanguage(citationAddress(citation, sentence)).href;
}

/** The paragraph of a citation, or what it is instead. */
export function placeText({ paragraph, kind }) {
  return paragraph == null ? text(kind ?? "caption") : text("paragraph", { number: paragraph });
}

function whereItStands(citation) {
  const date = citation.date && readableDate(citation.date);
  const recognised = citation.recognised && text("recognised_page", { page: citation.page });
  return [date, citation.source, placeText(citation), recognised];
}

function citationLink(citation, sentence) {
  const title = text("report_title", { title: citation.title });
  return element("a", { class: "citation-link", href: citationHref(citation, sentence) },
    element("span", { class: "citation-title", lang: langOf(citation.title) }, title), facts(whereItStands(citation)));
}

function citationItem(citation, sentence) {
  return element("li", { class: "citation" },
    element("span", { class: "citation-number" }, String(citation.number)),
    citationLink(citation, sentence),
    noticesOf(citation),
    element("blockquote", { lang: langOf(citation.quote), cite: citation.url },
      ...markedQuote(citation, sentence)));
}

export function citationList(citations, sentence = null) {
  return element("ol", { class: "citations" }, ...citations.map((citation) => citationItem(citation, sentence)));
}

/** Citations that fold away. */
export function furtherCitations(turn, citations) {
  if (!citations.length) return null;
  const summary = text("further_citations", { count: citations.length });
  return folding(turn, "unfolded", "further", summary, citationList(citations));
}

export function copiedCitation(citation, sentence) {
  const source = [text("report_title", { title: citation.title }), ...whereItStands(citation)];
  return text("copied_citation", {
    quote: sentence.text,
    source: source.filter(Boolean).join(text("list_separator")),
    address: citationAddress(citation, sentence).href,
  });
}
