// The conversation: its turns, the question on its way, and what the tab remembers of them.

import { announce } from "./announce.js";
import { hintPending, putBack, refreshHint } from "./composer.js";
import { byId } from "./page.js";
import { postQuestion } from "./server.js";
import { forThisTab } from "./storage.js";
import { announceOutcome, turnElement } from "./turn.js";
import { text } from "./words.js";

const SLOW_AFTER_MS = 6000;
const TURNS_REMEMBERED = 50;

const actions = { ask, askAgain, cancel, withdraw, putBack, remember };
const conversation = { id: null, turns: [], askedFromAddress: null };
let pending = null; // the AbortController of the question on its way
let onReply = () => {};

export const isPending = () => pending !== null;

// --- remembering and showing ------------------------------------------------------

function remember() {
  const kept = conversation.turns.filter(({ status }) => status !== "waiting").slice(-TURNS_REMEMBERED);
  const turns = kept.map(({ question, status, reply, problem, vote, times }) =>
    ({ question, status, reply, problem, vote, times }));
  forThisTab.write("conversation", JSON.stringify({ ...conversation, turns }));
}

function recall() {
  try {
    Object.assign(conversation, JSON.parse(forThisTab.read("conversation")));
    showConversation();
  } catch { // written by another version of this page: begin anew
    clear();
  }
}

function clear(askedFromAddress = null) {
  Object.assign(conversation, { id: null, turns: [], askedFromAddress });
  showConversation();
}

export function showConversation() {
  for (const turn of conversation.turns) turn.element = turnElement(turn, actions);
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
  turn.element = turnElement(turn, actions);
  if (before) before.replaceWith(turn.element);
  else byId("conversation").append(turn.element);
  if (hadFocus) turn.element.focus({ preventScroll: true });
  showWhetherBegun();
}

function setBusy(busy) {
  byId("conversation").setAttribute("aria-busy", String(busy));
}

// --- asking -----------------------------------------------------------------------

export function askQuestion(question) {
  if (pending) return hintPending();
  const turn = { question };
  conversation.turns.push(turn);
  return ask(turn);
}

/** Ask a turn's question. `sent` are the words to send for it, `times` the times in it that should not count. */
async function ask(turn, { sent = turn.question, understood = null, times = turn.times ?? null } = {}) {
  if (pending) return hintPending();
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

/** Ask a turn's question again, with or without the times in it. An older question is sent as it was understood. */
function askAgain(turn, useDates) {
  if (pending) return hintPending();
  const isLast = turn === conversation.turns.at(-1);
  const sent = isLast ? turn.question : turn.reply.understood_as ?? turn.question;
  const { understood_as: understood, filters_applied: times = turn.times } = turn.reply;
  return ask(turn, { sent, understood, times: useDates ? null : times });
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
  if (turn.reply) onReply(turn.reply);
}

/** Begin the conversation that an address asks for, but only once, so that Back does not ask again. */
export function beginFromAddress(question) {
  if (question === conversation.askedFromAddress) return false;
  clear(question);
  return true;
}

// --- taking back ------------------------------------------------------------------

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
  putBack(turn.question);
}

function startAnew() {
  abortPending();
  clear();
  history.replaceState(null, "", location.pathname); // drops ?q=, which would ask again on reload
  remember();
  refreshHint();
  byId("question").focus();
}

/** Show what the tab remembers. `onReply` is called with every reply from now on. */
export function startConversation(listener) {
  onReply = listener;
  byId("new-conversation").addEventListener("click", startAnew);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.isComposing) cancel(); });
  recall();
}
