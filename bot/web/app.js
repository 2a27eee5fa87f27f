// Wenbao's web page: the chat at "/" and the small conveniences of a report page.
// What the server says reaches the page as text nodes only, never as HTML.

const page = JSON.parse(document.getElementById("page-data").textContent);

const COUNTER_SHOWN_FROM = 0.9; // of the allowed length
const SLOW_AFTER_MS = 6000;
const NOTE_SHOWN_MS = 2500;
const RELATED_SHOWN = 3; // the others fold away
const FILTER_FROM = 12; // reports
const TURNS_REMEMBERED = 50;
const PAIRS_SHOWN = 5;

const byId = (id) => document.getElementById(id);

// --- words ------------------------------------------------------------------

let language = document.documentElement.lang === "zh" ? "zh" : "en";

function text(key, values = {}) {
  return page.texts[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function countText(key, count) {
  return text(count === 1 ? `${key}_one` : key, { count });
}

function readableDate(date) {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  if (!parts) return date;
  const month = text("months").split(" ")[Number(parts[2]) - 1];
  return text("date_format", { year: parts[1], month, day: Number(parts[3]) });
}

/** "zh" for text in Chinese characters, so that it is set and read aloud as Chinese; else nothing. */
function langOf(string) {
  const chinese = /\p{Script=Han}/u.test(string) && !/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(string);
  return chinese ? "zh" : undefined;
}

/** Length in Unicode code points: the server's offsets count those, JavaScript counts UTF-16 units. */
const codePoints = (string) => Array.from(string).length;

// --- building elements --------------------------------------------------------

/** An element with attributes (undefined ones left out), listeners (`on…` functions) and children. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

function button(key, onclick) {
  return element("button", { type: "button", class: "action", onclick }, text(key));
}

/** `whole` as nodes, with the first occurrence of `part` wrapped by `wrap(part)`. */
function withPart(whole, part, wrap) {
  const at = part ? whole.indexOf(part) : -1;
  if (at < 0) return [whole];
  return [whole.slice(0, at), wrap(part), whole.slice(at + part.length)];
}

// --- what the browser remembers -----------------------------------------------

/** Storage that may be switched off or full: then nothing is remembered, and nothing breaks. */
function storage(open) {
  const guarded = (use) => { try { return use(open()); } catch { return null; } };
  return {
    read: (key) => guarded((store) => store.getItem(`wenbao.${key}`)),
    write: (key, value) => guarded((store) => store.setItem(`wenbao.${key}`, value)),
  };
}
const lasting = storage(() => localStorage); // preferences
const forThisTab = storage(() => sessionStorage); // the conversation, so that it is there on return from a report

// --- preferences: language and theme --------------------------------------------

let languageWasChosen = false; // by switch or address; then links to reports carry it along

function addLanguage(url) {
  if (languageWasChosen) url.searchParams.set("lang", language);
  return url;
}

function showLanguage() {
  document.documentElement.lang = language;
  for (const part of document.querySelectorAll("[data-text]")) part.textContent = text(part.dataset.text);
  for (const attribute of ["aria-label", "placeholder"]) {
    for (const part of document.querySelectorAll(`[data-text-${attribute}]`)) {
      part.setAttribute(attribute, text(part.getAttribute(`data-text-${attribute}`)));
    }
  }
  const other = language === "zh" ? "en" : "zh";
  const link = byId("language-switch");
  link.href = `?lang=${other}`;
  link.lang = link.hreflang = other;
  document.querySelector(".brand").href = addLanguage(new URL("/", location.href)).href;
}

function darkIsShown() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function showTheme(theme) {
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  byId("theme-switch").textContent = text(darkIsShown() ? "use_light" : "use_dark");
}

function startTheme() {
  const control = byId("theme-switch");
  control.hidden = false;
  control.addEventListener("click", () => {
    const theme = darkIsShown() ? "light" : "dark";
    lasting.write("theme", theme);
    showTheme(theme);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => showTheme());
  showTheme(lasting.read("theme"));
}

// --- announcing and copying -----------------------------------------------------

/** Have a screen reader say this once; parts may be strings or elements with a lang of their own. */
function announce(...parts) {
  byId("announcer").replaceChildren(...parts.flatMap((part) => [part, " "]));
}

async function copy(string) {
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

function copyButton(key, contents) {
  const made = button(key, async () => {
    const outcome = text((await copy(contents())) ? "copied" : "copy_failed");
    made.textContent = outcome;
    announce(outcome);
    setTimeout(() => { made.textContent = text(key); }, NOTE_SHOWN_MS);
  });
  return made;
}

// --- talking to the server ------------------------------------------------------

/** Why a question got no reply: `kind` names the text, `detail` is the server's own explanation. */
class Problem extends Error {
  constructor(kind, { detail = null, seconds = null } = {}) {
    super(kind);
    Object.assign(this, { kind, detail, seconds });
  }
}

async function postQuestion(question, conversationId, useDates, signal) {
  const body = JSON.stringify({
    question, explain: true, ...(conversationId && { conversation_id: conversationId }), ...(!useDates && { use_dates: false }),
  });
  const response = await fetch("/ask", { method: "POST", headers: { "Content-Type": "application/json" }, body, signal })
    .catch(() => { throw new Problem("network"); });
  if (!response.ok) throw await problemOf(response);
  return response.json().then(checkedReply).catch(() => { throw new Problem("failed"); });
}

async function postVote(requestId, vote) {
  const body = JSON.stringify({ request_id: requestId, vote });
  const response = await fetch("/feedback", { method: "POST", headers: { "Content-Type": "application/json" }, body })
    .catch(() => { throw new Problem("failed"); });
  if (!response.ok) throw new Problem({ 403: "off", 404: "forgotten" }[response.status] ?? "failed");
}

async function problemOf(response) {
  const { detail } = await response.json().catch(() => ({}));
  const kind = { 422: "refused", 413: "refused", 429: "busy", 503: "busy" }[response.status] ?? "failed";
  const seconds = Number(response.headers.get("Retry-After")) || null;
  return new Problem(kind, { detail: typeof detail === "string" ? detail : null, seconds });
}

function checkedReply(reply) {
  const complete = ["answered", "related", "not_found"].includes(reply.status) && Array.isArray(reply.citations);
  if (!complete || (reply.status === "answered" && !reply.answer)) throw new Problem("failed");
  return reply;
}

// --- citations -------------------------------------------------------------------

/** The sentence's offsets in document.text when the quote holds it, else the whole quote's. */
function markedRange({ start, end, quote }, sentence) {
  const at = sentence ? quote.indexOf(sentence) : -1;
  if (at < 0) return [start, end];
  const from = start + codePoints(quote.slice(0, at));
  return [from, from + codePoints(sentence)];
}

function citationAddress(citation, sentence) {
  const url = new URL(citation.url, location.href);
  url.searchParams.set("mark", markedRange(citation, sentence).join("-"));
  return url;
}

function facts(parts) {
  return element("span", { class: "facts" }, ...parts.filter(Boolean).map((part) => element("span", {}, part)));
}

function citationLink(citation, sentence) {
  const href = addLanguage(citationAddress(citation, sentence)).href;
  const title = text("report_title", { title: citation.title });
  const where = [citation.date && readableDate(citation.date), citation.source, text("paragraph", { number: citation.paragraph })];
  return element("a", { class: "citation-link", href },
    element("span", { class: "citation-title", lang: langOf(citation.title) }, title), facts(where));
}

function markedQuote(quote, answer) {
  const emphasise = (span) => element("strong", { class: "span" }, span);
  const mark = (sentence) => element("mark", {}, ...withPart(sentence, answer.span, emphasise));
  return withPart(quote, answer?.text, mark);
}

function citationItem(citation, answer) {
  return element("li", { class: "citation" },
    element("span", { class: "citation-number" }, String(citation.number)),
    citationLink(citation, answer?.text),
    element("blockquote", { lang: langOf(citation.quote), cite: citation.url }, ...markedQuote(citation.quote, answer)));
}

function citationList(citations, answer = null) {
  return element("ol", { class: "citations" }, ...citations.map((citation) => citationItem(citation, answer)));
}

/** Citations that fold away; whether they are open survives a change of language. */
function furtherCitations(turn, citations) {
  if (!citations.length) return null;
  return element("details", { class: "further", ...(turn.unfolded && { open: "" }), ontoggle: (event) => { turn.unfolded = event.target.open; } },
    element("summary", {}, text("further_citations", { count: citations.length })),
    citationList(citations));
}

function copiedCitation(citation, answer) {
  const title = text("report_title", { title: citation.title });
  const where = [title, citation.date && readableDate(citation.date), citation.source, text("paragraph", { number: citation.paragraph })];
  return text("copied_citation", {
    quote: answer.text,
    source: where.filter(Boolean).join(text("list_separator")),
    address: citationAddress(citation, answer.text).href,
  });
}

// --- one turn: a question and what came of it --------------------------------------

const answerBodies = { waiting, answered, related, not_found: notFound, error: failed };

function turnElement(turn) {
  const question = element("h2", { class: "question" },
    element("span", { class: "who", "aria-hidden": "true" }, text("mark_question")),
    element("span", { lang: langOf(turn.question) }, turn.question));
  const answer = element("div", { class: "answer" },
    element("span", { class: "who", "aria-hidden": "true" }, text("mark_answer")),
    ...understanding(turn),
    ...answerBodies[turn.status](turn));
  return element("article", { class: "turn", "data-status": turn.status, tabindex: "-1" }, question, answer);
}

/** What the question was understood as, and the times in it that decided which reports answer, to be taken off. */
function understanding(turn) {
  if (!turn.reply) return [];
  const understood = turn.reply.understood_as;
  const applied = turn.times?.length ? turn.times : turn.reply.filters_applied ?? [];
  return [
    understood && element("p", { class: "understood muted" }, ...withPart(text("understood_as", { question: understood }), understood,
      (question) => element("span", { lang: langOf(question) }, question))),
    applied.length ? element("p", { class: "times" }, ...applied.map((time) => timeChip(turn, time, !turn.times))) : null,
  ];
}

function timeChip(turn, time, isApplied) {
  const label = text(isApplied ? "filter_time" : "filter_time_off", { text: time.text });
  const sign = isApplied ? "×" : "↺";
  const action = text(isApplied ? "filter_remove" : "filter_restore");
  return element("button", {
    type: "button", class: "chip", "data-applied": String(isApplied), title: action, onclick: () => askAgain(turn, !isApplied),
  }, element("span", { class: "time" }, element("span", {}, label), isApplied ? period(time) : null),
    element("span", { class: "sign", "aria-hidden": "true" }, sign), element("span", { class: "visually-hidden" }, action));
}

/** The days that a time means; “最新” and a day without its year mean none. */
function period({ date_from: from, date_to: to }) {
  if (!from && !to) return null;
  const values = { date_from: from && readableDate(from), date_to: to && readableDate(to) };
  const words = from === to ? values.date_from : text(from && to ? "filter_between" : from ? "filter_from" : "filter_to", values);
  return element("span", { class: "period" }, words);
}

/** Ask a turn's question again, with or without the times in it. An older turn's is sent as it was understood. */
function askAgain(turn, useDates) {
  if (pending) return hint("question_pending", {}, "warning");
  const isLast = turn === conversation.turns.at(-1);
  const sent = isLast ? turn.question : turn.reply.understood_as ?? turn.question;
  const { understood_as: understood, filters_applied: times = turn.times } = turn.reply;
  return ask(turn, { sent, understood, times: useDates ? null : times });
}

function waiting(turn) {
  const words = text(turn.slow ? "waiting_long" : "waiting");
  return [element("div", { class: "waiting" }, element("span", { class: "pulse" }, words), button("cancel", cancel))];
}

function answered(turn) {
  const { answer, citations, confidence } = turn.reply;
  const cited = citations.find(({ number }) => number === answer.citation) ?? citations[0];
  const others = citations.filter((citation) => citation !== cited);
  return [
    answerText(answer),
    otherSentences("supporting", turn.reply),
    otherSentences("conflicting", turn.reply),
    citationList([cited], answer),
    element("div", { class: "actions" },
      copyButton("copy_citation", () => copiedCitation(cited, answer)),
      copyButton("copy_link", () => questionAddress(turn.question)),
      voteButtons(turn),
      confidenceNote(confidence)),
    voteNote(),
    whyPanel(turn),
    furtherCitations(turn, others),
  ];
}

/** What other passages say: the same, or another figure; each sentence with a link to its citation. */
function otherSentences(key, reply) {
  const sentences = reply[key] ?? [];
  if (!sentences.length) return null;
  return element("div", { class: `others ${key}` },
    element("p", { class: "label" }, text(key)),
    element("ul", {}, ...sentences.map((sentence) => otherSentence(sentence, reply.citations))));
}

function otherSentence(sentence, citations) {
  const cited = citations.find(({ number }) => number === sentence.citation);
  const emphasise = (span) => element("strong", { class: "span" }, span);
  return element("li", {},
    element("span", { lang: langOf(sentence.text) }, ...withPart(sentence.text, sentence.span, emphasise)), " ",
    cited && element("a", { class: "other-link", href: addLanguage(citationAddress(cited, sentence.text)).href },
      `[${cited.number}] `, element("span", { lang: langOf(cited.title) }, text("report_title", { title: cited.title }))));
}

// --- why this answer -------------------------------------------------------------------

/** How the answer was found, folded away; the server sends it with every answer to this page. */
function whyPanel(turn) {
  const why = turn.reply.explanation;
  if (!why || !Object.keys(why).length) return null;
  return element("details", { class: "further why", ...(turn.whyOpen && { open: "" }), ontoggle: (event) => { turn.whyOpen = event.target.open; } },
    element("summary", {}, text("why")),
    element("div", { class: "why-body" },
      why.question ? element("p", {}, text("why_understood", { question: why.question })) : null,
      why.words?.length ? element("p", {}, text("why_words", { words: why.words.join(" ") })) : null,
      why.weights ? element("p", {}, text("why_weights", { values: figures(why.weights, legName) })) : null,
      why.signals ? element("p", {}, text("why_signals", { values: figures(why.signals, signalName) })) : null,
      why.confidence != null ? element("p", {}, text("confidence", { percent: Math.round(why.confidence * 100) })) : null,
      why.hits?.length ? element("ol", { class: "why-hits" }, ...why.hits.map(whyHit)) : null));
}

function whyHit({ document_id: id, paragraph, score, legs = {}, words = [], pairs = [] }, index) {
  const ranks = Object.entries(legs).map(([leg, found]) =>
    text("why_leg", { leg: legName(leg), rank: found.rank, score: found.score.toFixed(2) }));
  return element("li", {},
    element("p", {}, `[${index + 1}] ${id} · ${text("paragraph", { number: paragraph })} · ${score.toFixed(2)}`),
    ranks.length ? element("p", {}, ranks.join(" · ")) : null,
    words.length ? element("p", {}, text("why_shared_words", { words: words.join(" ") })) : null,
    pairs.length ? element("p", {}, text("why_pairs", { pairs: pairs.slice(0, PAIRS_SHOWN).map(alike).join(" · ") })) : null);
}

const alike = ({ question, passage, similarity }) => `${question} ↔ ${passage} ${similarity.toFixed(2)}`;

const legName = (leg) => page.texts[language][`leg_${leg}`] ?? leg;
const signalName = (signal) => page.texts[language][`signal_${signal}`] ?? signal;

/** Numbers with their names; what is 0 says nothing and is left out. */
function figures(values, named) {
  return Object.entries(values).filter(([, value]) => value).map(([name, value]) => `${named(name)} ${Number(value.toPrecision(3))}`).join(" · ");
}

function answerText(answer) {
  const length = codePoints(answer.text);
  const size = length > 140 ? "long" : length > 60 ? "medium" : "short";
  return element("p", { class: "answer-text", "data-length": size, lang: langOf(answer.text) },
    ...withPart(answer.text, answer.span, (span) => element("strong", { class: "span" }, span)));
}

function confidenceNote(confidence) {
  if (typeof confidence !== "number") return null;
  const words = text("confidence", { percent: Math.round(confidence * 100) });
  const explained = text("confidence_explained");
  return element("span", { class: "confidence", title: explained }, words,
    element("span", { class: "visually-hidden" }, explained));
}

function related(turn) {
  const { citations } = turn.reply;
  return [
    element("p", { class: "lead" }, text("related_lead")),
    citationList(citations.slice(0, RELATED_SHOWN)),
    page.feedback ? element("div", { class: "actions" }, voteButtons(turn)) : null,
    voteNote(),
    whyPanel(turn),
    furtherCitations(turn, citations.slice(RELATED_SHOWN)),
  ];
}

/** Two toggles: was this useful or not? Pressing the pressed one takes the vote back. */
function voteButtons(turn) {
  if (!page.feedback) return null;
  const toggles = ["up", "down"].map((vote) => element("button", {
    type: "button", class: "quiet", "data-vote": vote, "aria-pressed": String(turn.vote === vote),
    onclick: () => castVote(turn, turn.vote === vote ? null : vote),
  }, text(`vote_${vote}`)));
  return element("span", { class: "votes", role: "group", "aria-label": text("vote_label") }, ...toggles);
}

/** Where a vote that could not be kept is explained. */
function voteNote() {
  return element("p", { class: "vote-note muted", hidden: "" });
}

/** The page shows the vote at once, and takes it off again if the server could not keep it. */
async function castVote(turn, vote) {
  if (turn.voting) return; // one at a time, so that the last press is the one that counts
  const before = turn.vote ?? null;
  turn.voting = true;
  showVote(turn, vote);
  try {
    await postVote(turn.reply.request_id, vote);
    announce(text(vote ? "vote_kept" : "vote_taken_back"));
  } catch ({ kind }) {
    showVote(turn, before, `vote_${kind}`);
  }
  turn.voting = false;
  remember();
}

function showVote(turn, vote, trouble = null) {
  turn.vote = vote;
  for (const toggle of turn.element.querySelectorAll("[data-vote]")) {
    toggle.setAttribute("aria-pressed", String(toggle.dataset.vote === vote));
  }
  const note = turn.element.querySelector(".vote-note");
  note.hidden = !trouble;
  note.textContent = trouble ? text(trouble) : "";
  if (trouble) announce(note.textContent);
}

function notFound(turn) {
  return [
    element("p", { class: "lead" }, text("not_found_lead")),
    element("p", { class: "muted" }, text("not_found_advice")),
    element("div", { class: "actions" }, button("reword", () => putBack(turn))),
    whyPanel(turn),
  ];
}

function failed(turn) {
  const { kind, detail } = turn.problem;
  const remedy = kind === "refused" ? button("reword", () => withdraw(turn)) : button("retry", () => ask(turn));
  return [
    element("p", { class: "lead" }, problemText(turn.problem)),
    detail && element("p", { class: "muted" }, text("problem_detail", { detail })),
    element("div", { class: "actions" }, remedy),
  ];
}

function problemText({ kind, seconds }) {
  return kind === "busy" && seconds ? text("problem_busy_seconds", { seconds }) : text(`problem_${kind}`);
}

function questionAddress(question) {
  const url = new URL("/", location.href);
  url.searchParams.set("q", question);
  return url.href;
}

// --- the conversation ----------------------------------------------------------------

const conversation = { id: null, turns: [], askedFromAddress: null };
let pending = null; // the AbortController of the question on its way

function remember() {
  const kept = conversation.turns.filter(({ status }) => status !== "waiting").slice(-TURNS_REMEMBERED);
  const turns = kept.map(({ question, status, reply, problem, vote, times }) => ({ question, status, reply, problem, vote, times }));
  forThisTab.write("conversation", JSON.stringify({ ...conversation, turns }));
}

function recall() {
  try {
    Object.assign(conversation, JSON.parse(forThisTab.read("conversation")));
    showConversation();
  } catch { // written by another version of this page: begin anew
    Object.assign(conversation, { id: null, turns: [], askedFromAddress: null });
    showConversation();
  }
}

function showConversation() {
  for (const turn of conversation.turns) turn.element = turnElement(turn);
  byId("conversation").replaceChildren(...conversation.turns.map((turn) => turn.element));
  showWhetherBegun();
}

function showWhetherBegun() {
  const begun = conversation.turns.length > 0;
  document.body.classList.toggle("has-turns", begun);
  byId("introduction").classList.toggle("visually-hidden", begun);
  byId("conversation").hidden = byId("new-conversation").hidden = !begun;
}

function showTurn(turn) {
  const before = turn.element;
  const hadFocus = before?.contains(document.activeElement);
  turn.element = turnElement(turn);
  if (before) before.replaceWith(turn.element);
  else byId("conversation").append(turn.element);
  if (hadFocus) turn.element.focus({ preventScroll: true });
  showWhetherBegun();
}

/** Ask a turn's question. `sent` are the words to send for it, `times` those in it that are not to count. */
async function ask(turn, { sent = turn.question, understood = null, times = turn.times ?? null } = {}) {
  if (pending) return hint("question_pending", {}, "warning");
  const control = pending = new AbortController();
  Object.assign(turn, { status: "waiting", slow: false, reply: null, problem: null, vote: null, times });
  setBusy(true);
  showTurn(turn);
  turn.element.scrollIntoView({ block: "start" });
  announce(text("waiting"));
  const slow = setTimeout(() => { turn.slow = true; showTurn(turn); }, SLOW_AFTER_MS);
  const outcome = await outcomeOf(sent, !times, control.signal);
  clearTimeout(slow);
  if (control.signal.aborted) return; // whoever aborted has tidied up
  pending = null;
  setBusy(false);
  if (outcome.reply && understood) outcome.reply.understood_as = understood;
  settle(Object.assign(turn, outcome));
}

async function outcomeOf(question, useDates, signal) {
  try {
    const reply = await postQuestion(question, conversation.id, useDates, signal);
    return { status: reply.status, reply };
  } catch ({ kind, detail, seconds }) {
    return { status: "error", problem: { kind, detail, seconds } };
  }
}

function settle(turn) {
  if (turn.reply) conversation.id = turn.reply.conversation_id;
  showTurn(turn);
  turn.element.scrollIntoView({ block: "start" });
  announceOutcome(turn);
  remember();
  refreshHint();
  if (turn.reply && turn.reply.generation !== reports.generation) loadReports(turn.reply.generation);
}

function announceOutcome({ status, reply, problem }) {
  if (status === "error") return announce(problemText(problem));
  const understood = reply.understood_as ? text("understood_as", { question: reply.understood_as }) : "";
  if (status !== "answered") return announce(understood, text(`${status}_lead`));
  const { answer, citations } = reply;
  const cited = citations.find(({ number }) => number === answer.citation) ?? citations[0];
  announce(understood, text("announce_answered"),
    element("span", { lang: langOf(answer.text) }, answer.text),
    element("span", { lang: langOf(cited.title) }, text("report_title", { title: cited.title })),
    text("paragraph", { number: cited.paragraph }));
}

function askQuestion(question) {
  if (pending) return hint("question_pending", {}, "warning");
  const turn = { question };
  conversation.turns.push(turn);
  return ask(turn);
}

function abortPending() {
  pending?.abort();
  pending = null;
  setBusy(false);
}

function cancel() {
  const turn = conversation.turns.find(({ status }) => status === "waiting");
  if (!turn) return;
  abortPending();
  withdraw(turn);
  announce(text("cancelled"));
}

/** Take a turn out of the conversation and give its question back for editing. */
function withdraw(turn) {
  conversation.turns.splice(conversation.turns.indexOf(turn), 1);
  turn.element.remove();
  showWhetherBegun();
  remember();
  putBack(turn);
}

/** The question returns to the box, unless something new is being written there. */
function putBack(turn) {
  const box = byId("question");
  if (!box.value.trim()) box.value = turn.question;
  questionChanged();
  box.focus();
}

function startAnew() {
  abortPending();
  Object.assign(conversation, { id: null, turns: [], askedFromAddress: null });
  history.replaceState(null, "", location.pathname); // drops ?q=, which would ask again on reload
  remember();
  showConversation();
  refreshHint();
  byId("question").focus();
}

function setBusy(busy) {
  byId("conversation").setAttribute("aria-busy", String(busy));
}

// --- the question box ------------------------------------------------------------------

function hint(key, values = {}, tone = null) {
  const note = byId("question-hint");
  note.textContent = text(key, values);
  if (tone) note.dataset.tone = tone;
  else delete note.dataset.tone;
  if (tone === "warning") announce(note.textContent);
}

function questionChanged() {
  const box = byId("question");
  box.rows = 1;
  while (box.scrollHeight > box.clientHeight + 2 && box.rows < 12) box.rows += 1;
  refreshHint();
}

function refreshHint() {
  const limit = page.max_question_chars;
  const count = codePoints(byId("question").value.trim());
  const tooLong = count > limit;
  byId("question").setAttribute("aria-invalid", String(tooLong));
  if (tooLong && !byId("send").disabled) announce(text("question_too_long", { count, limit, excess: count - limit }));
  byId("send").disabled = tooLong;
  showHint(count, limit);
}

function showHint(count, limit) {
  if (count > limit) hint("question_too_long", { count, limit, excess: count - limit }, "excess");
  else if (count >= limit * COUNTER_SHOWN_FROM) hint("question_length", { count, limit }, "counter");
  else hint("keys_hint");
}

function submitQuestion() {
  const box = byId("question");
  const question = box.value.trim();
  if (byId("send").disabled) return;
  if (!question) return hint("question_empty", {}, "warning");
  if (pending) return hint("question_pending", {}, "warning"); // and keep it in the box
  box.value = "";
  questionChanged();
  if (matchMedia("(pointer: coarse)").matches) box.blur(); // folds the on-screen keyboard away from the answer
  askQuestion(question);
}

function questionKeyPressed(event) {
  // While an input method is composing, Enter picks a candidate. Safari reports that Enter after
  // the composition has ended, recognisable only by its key code 229.
  const composing = event.isComposing || event.keyCode === 229;
  if (event.key !== "Enter" || event.shiftKey || composing) return;
  event.preventDefault();
  submitQuestion();
}

function startQuestionBox() {
  byId("question").addEventListener("input", questionChanged);
  byId("question").addEventListener("keydown", questionKeyPressed);
  byId("ask-form").addEventListener("submit", (event) => { event.preventDefault(); submitQuestion(); });
  byId("new-conversation").addEventListener("click", startAnew);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.isComposing) cancel(); });
  questionChanged();
}

// --- examples and reports -----------------------------------------------------------------

function showExamples() {
  const questions = page.examples[language] ?? [];
  byId("examples").hidden = !questions.length;
  byId("examples").querySelector("ul").replaceChildren(...questions.map((question) =>
    element("li", {}, element("button", { type: "button", lang: langOf(question), onclick: () => askQuestion(question) }, question))));
}

const reports = { documents: [], generation: null, state: "loading" };

async function loadReports(generation = null) {
  if (generation) reports.generation = generation;
  try {
    const response = await fetch("/documents");
    if (!response.ok) throw new Problem("failed");
    reports.documents = (await response.json()).documents;
    reports.state = reports.documents.length ? "loaded" : "empty";
  } catch {
    if (!reports.documents.length) reports.state = "failed"; // an older list is better than none
  }
  showReports();
}

function showReports() {
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

// --- starting the chat page ------------------------------------------------------------------

function switchLanguageInPlace(event) {
  event.preventDefault();
  language = language === "zh" ? "en" : "zh";
  languageWasChosen = true;
  lasting.write("language", language);
  const url = new URL(location.href);
  url.searchParams.delete("lang"); // the choice just made overrides the one in the address
  history.replaceState(null, "", url);
  showChatTexts();
}

function showChatTexts() {
  showLanguage();
  document.title = text("page_title");
  showTheme();
  showExamples();
  showReports();
  showConversation();
  refreshHint();
}

function chooseLanguage() {
  const inAddress = new URLSearchParams(location.search).get("lang");
  const remembered = lasting.read("language");
  languageWasChosen = Boolean(page.texts[inAddress] ?? page.texts[remembered]);
  if (!page.texts[inAddress] && page.texts[remembered]) language = remembered;
}

/** `?q=` asks at once: in a conversation of its own, and only once, so that Back does not ask again. */
function askFromAddress() {
  const question = new URLSearchParams(location.search).get("q")?.trim();
  if (!question || question === conversation.askedFromAddress) return;
  Object.assign(conversation, { id: null, turns: [], askedFromAddress: question });
  showConversation();
  byId("question").value = question;
  questionChanged();
  submitQuestion();
}

function startChat() {
  chooseLanguage();
  startTheme();
  startQuestionBox();
  byId("language-switch").addEventListener("click", switchLanguageInPlace);
  byId("reports-filter").addEventListener("input", showReports);
  byId("reports-retry").addEventListener("click", () => loadReports());
  byId("reports").hidden = false; // without JavaScript there is no list to head
  recall();
  showChatTexts();
  loadReports();
  askFromAddress();
}

// --- the report page ----------------------------------------------------------------------

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
  const copied = await copy(new URL(location.pathname + link.hash, location.href).href);
  const number = link.hash.slice(2);
  showNotice(copied ? text("paragraph_link_copied", { number }) : text("copy_failed"));
}

function showNotice(words) {
  const notice = byId("notice");
  notice.textContent = words;
  notice.hidden = false;
  announce(words);
  clearTimeout(showNotice.timer);
  showNotice.timer = setTimeout(() => { notice.hidden = true; }, NOTE_SHOWN_MS);
}

/** A report link from elsewhere names no language: show the one chosen before. */
function honourRememberedLanguage() {
  const url = new URL(location.href);
  const remembered = lasting.read("language");
  if (url.searchParams.has("lang") || !["zh", "en"].includes(remembered) || remembered === language) return;
  url.searchParams.set("lang", remembered);
  location.replace(url);
}

function startReport() {
  honourRememberedLanguage();
  startTheme();
  byId("language-switch").addEventListener("click", followLanguageSwitch);
  byId("report-text").addEventListener("click", copyParagraphLink);
}

if (byId("ask-form")) startChat();
else startReport();
