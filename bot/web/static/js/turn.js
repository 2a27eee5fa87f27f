// One turn: a question and what came of it. `actions` is what its buttons do to the conversation.

import { announce, copyButton } from "./announce.js";
import { citationHref, citationList, citedBy, copiedCitation, furtherCitations, markedSentence, placeText, rowTable } from "./citations.js";
import { codePoints } from "./code-points.js";
import { button, element } from "./elements.js";
import { page } from "./page.js";
import { voteButtons, voteNote } from "./votes.js";
import { whyPanel } from "./why.js";
import { langOf, readableDate, text, textParts } from "./words.js";

const RELATED_SHOWN = 3; // the others fold away

const answerBodies = { waiting, answered, related, not_found: notFound, error: failed };

export function turnElement(turn, actions) {
  const question = element("h2", { class: "question" },
    element("span", { class: "who", "aria-hidden": "true" }, text("mark_question")),
    element("span", { lang: langOf(turn.question) }, turn.question));
  const answer = element("div", { class: "answer" },
    element("span", { class: "who", "aria-hidden": "true" }, text("mark_answer")),
    ...understanding(turn, actions),
    ...answerBodies[turn.status](turn, actions));
  return element("article", { class: "turn", "data-status": turn.status, tabindex: "-1" }, question, answer);
}

export function announceOutcome({ status, reply, problem }) {
  if (status === "error") return announce(problemText(problem));
  const understood = reply.understood_as ? text("understood_as", { question: reply.understood_as }) : "";
  if (reply.overview) return announce(text("overview_counts", reply.overview));
  if (status !== "answered") return announce(understood, reply.notice || text(`${status}_lead`));
  const { answer } = reply;
  const cited = citedBy(reply);
  announce(understood, text("announce_answered"),
    element("span", { lang: langOf(answer.text) }, answer.text),
    element("span", { lang: langOf(cited.title) }, text("report_title", { title: cited.title })),
    placeText(cited));
}

/** How the question was understood, and a button for each time in it that decided which reports come first. */
function understanding(turn, actions) {
  if (!turn.reply) return [];
  const understood = turn.reply.understood_as;
  const question = understood && element("span", { lang: langOf(understood) }, understood);
  const applied = turn.times?.length ? turn.times : turn.reply.filters_applied ?? [];
  const chips = applied.map((time) => timeChip(turn, time, !turn.times, actions));
  return [
    understood ? element("p", { class: "understood muted" }, ...textParts("understood_as", { question })) : null,
    chips.length ? element("p", { class: "times" }, ...chips) : null,
  ];
}

function timeChip(turn, time, isApplied, actions) {
  const label = text(isApplied ? "filter_time" : "filter_time_off", { text: time.text });
  const sign = isApplied ? "×" : "↺";
  const action = text(isApplied ? "filter_remove" : "filter_restore");
  const onclick = () => actions.askAgain(turn, !isApplied);
  return element("button", { type: "button", class: "chip", "data-applied": String(isApplied), title: action, onclick },
    element("span", { class: "time" }, element("span", {}, label), isApplied ? period(time) : null),
    element("span", { class: "sign", "aria-hidden": "true" }, sign),
    element("span", { class: "visually-hidden" }, action));
}

/** The days that a time means; “最新” and a day without its year mean none. */
function period({ date_from: from, date_to: to }) {
  if (!from && !to) return null;
  const values = { date_from: from && readableDate(from), date_to: to && readableDate(to) };
  const key = from && to ? "filter_between" : from ? "filter_from" : "filter_to";
  return element("span", { class: "period" }, from === to ? values.date_from : text(key, values));
}

function waiting(turn, { cancel }) {
  const words = text(turn.slow ? "waiting_long" : "waiting");
  return [element("div", { class: "waiting" }, element("span", { class: "pulse" }, words), button("cancel", cancel))];
}

function answered(turn, { remember }) {
  const { answer, answers = [], citations, confidence, notice } = turn.reply;
  const cited = citedBy(turn.reply);
  const more = answers.slice(1).map((one) => [one, citations.find(({ number }) => number === one.citation) ?? cited]);
  const shown = [cited, ...more.map(([, citation]) => citation)];
  const others = citations.filter((citation) => !shown.includes(citation));
  return [
    answerText(answer, cited),
    ...more.flatMap(([one, citation]) => [answerText(one, citation),
      citation === cited ? null : citationList([citation], one)]),
    notice ? element("p", { class: "muted", lang: langOf(notice) }, notice) : null,
    otherSentences("supporting", turn.reply),
    otherSentences("conflicting", turn.reply),
    citationList([cited], answer),
    element("div", { class: "actions" },
      copyButton("copy_citation", () => copiedCitation(cited, answer)),
      copyButton("copy_link", () => questionAddress(turn.question)),
      voteButtons(turn, remember),
      confidenceNote(confidence)),
    voteNote(),
    whyPanel(turn),
    furtherCitations(turn, others),
  ];
}

function answerText(answer, cited) {
  if (cited.row) return element("div", { class: "answer-text", lang: langOf(answer.text) }, rowTable(cited, answer));
  const length = codePoints(answer.text);
  const size = length > 140 ? "long" : length > 60 ? "medium" : "short";
  return element("p", { class: "answer-text", "data-length": size, lang: langOf(answer.text) },
    ...markedSentence(answer));
}

/** What other passages say, the same or another figure; each sentence has a link to its citation. */
function otherSentences(key, reply) {
  const sentences = reply[key] ?? [];
  if (!sentences.length) return null;
  return element("div", { class: `others ${key}` },
    element("p", { class: "label" }, text(key)),
    element("ul", {}, ...sentences.map((sentence) => otherSentence(sentence, reply.citations))));
}

function otherSentence(sentence, citations) {
  const cited = citations.find(({ number }) => number === sentence.citation);
  return element("li", {},
    element("span", { lang: langOf(sentence.text) }, ...markedSentence(sentence)), " ",
    cited && element("a", { class: "other-link", href: citationHref(cited, sentence) },
      `[${cited.number}] `,
      element("span", { lang: langOf(cited.title) }, text("report_title", { title: cited.title }))));
}

function confidenceNote(confidence) {
  if (typeof confidence !== "number") return null;
  const words = text("confidence", { percent: Math.round(confidence * 100) });
  const explained = text("confidence_explained");
  return element("span", { class: "confidence", title: explained }, words,
    element("span", { class: "visually-hidden" }, explained));
}

/** What the collection holds: counts, dates, the reports as links, and names to ask about. */
function overviewOf({ overview }) {
  const { documents, passages, date_from: first, date_to: last, reports, people, places, sources } = overview;
  const names = (key, list) => list.length && element("p", {},
    ...textParts(key, { names: element("span", {}, ...list.flatMap((name, index) => [
      index ? text("list_of_names") : "", element("a", { href: questionAddress(name), lang: langOf(name) }, name)])) }));
  return [
    element("p", { class: "lead" }, text("overview_counts", { documents, passages })),
    first && last ? element("p", {}, text("overview_dates",
      { first: readableDate(first), last: readableDate(last) })) : null,
    names("overview_people", people) || null,
    names("overview_places", places) || null,
    sources?.length ? element("p", {}, text("overview_sources", { names: sources.join(text("list_of_names")) })) : null,
    element("ul", { class: "overview" }, ...reports.map(({ title, date, url }) => element("li", {},
      element("a", { href: url, lang: langOf(title) }, text("report_title", { title })),
      date ? ` · ${readableDate(date)}` : ""))),
  ];
}

function related(turn, { remember }) {
  const { citations, overview } = turn.reply;
  if (overview) return overviewOf(turn.reply);
  return [
    element("p", { class: "lead" }, turn.reply.notice || text("related_lead")),
    citationList(citations.slice(0, RELATED_SHOWN)),
    page.feedback ? element("div", { class: "actions" }, voteButtons(turn, remember)) : null,
    voteNote(),
    whyPanel(turn),
    furtherCitations(turn, citations.slice(RELATED_SHOWN)),
  ];
}

function notFound(turn, { putBack }) {
  const { notice } = turn.reply;
  if (notice) return [element("p", { class: "lead", lang: langOf(notice) }, notice)];
  return [
    element("p", { class: "lead" }, text("not_found_lead")),
    element("p", { class: "muted" }, text("not_found_advice")),
    element("div", { class: "actions" }, button("reword", () => putBack(turn.question))),
    whyPanel(turn),
  ];
}

function failed(turn, { ask, withdraw }) {
  const { kind, detail } = turn.problem;
  const remedy = kind === "refused" ? button("reword", () => withdraw(turn)) : button("retry", () => ask(turn));
  return [
    element("p", { class: "lead" }, problemText(turn.problem)),
    detail && element("p", { class: "muted" }, text("problem_detail", { detail })),
    element("div", { class: "actions" }, remedy),
  ];
}

function problemText({ kind, seconds }) {
  return ["busy", "too_often"].includes(kind) && seconds
    ? text(`problem_${kind}_seconds`, { seconds }) : text(`problem_${kind}`);
}

function questionAddress(question) {
  const url = new URL("/", location.href);
  url.searchParams.set("q", question);
  return url.href;
}
