// The question box: what is written there, the hint under it, and sending it off.

import { announce } from "./announce.js";
import { codePoints } from "./code-points.js";
import { byId, page } from "./page.js";
import { text } from "./words.js";

const COUNTER_SHOWN_FROM = 0.9; // of the allowed length
const ROWS_AT_MOST = 12;

function hint(key, values = {}, tone = null) {
  const note = byId("question-hint");
  note.textContent = text(key, values);
  if (tone) note.dataset.tone = tone;
  else delete note.dataset.tone;
  if (tone === "warning") announce(note.textContent);
}

/** Say that a question is on its way already. */
export function hintPending() {
  hint("question_pending", {}, "warning");
}

export function refreshHint() {
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

/** Write a question into the box, or nothing. */
export function fillQuestion(question) {
  byId("question").value = question;
  questionChanged();
}

/** Put a question back into the box, unless something new is being written there. */
export function putBack(question) {
  const box = byId("question");
  if (!box.value.trim()) box.value = question;
  questionChanged();
  box.focus();
}

function questionChanged() {
  const box = byId("question");
  box.rows = 1;
  while (box.scrollHeight > box.clientHeight + 2 && box.rows < ROWS_AT_MOST) box.rows += 1;
  refreshHint();
}

/** Take the question out of the box and ask it; it stays there while another is on its way. */
export function submitQuestion({ isPending, askQuestion }) {
  const box = byId("question");
  const question = box.value.trim();
  if (byId("send").disabled) return;
  if (!question) return hint("question_empty", {}, "warning");
  if (isPending()) return hintPending();
  fillQuestion("");
  if (matchMedia("(pointer: coarse)").matches) box.blur(); // folds the on-screen keyboard away from the answer
  askQuestion(question);
}

/** Whether a key press sends the question: Enter does, Shift+Enter begins a new line. */
function isSendKey(event) {
  // While an input method is composing, Enter picks a candidate. Safari reports that Enter after
  // the composition has ended, recognisable only by its key code 229.
  const composing = event.isComposing || event.keyCode === 229;
  return event.key === "Enter" && !event.shiftKey && !composing;
}

/** `conversation` says whether a question is on its way (`isPending`) and takes the next one (`askQuestion`). */
export function startComposer(conversation) {
  const submit = (event) => { event.preventDefault(); submitQuestion(conversation); };
  byId("question").addEventListener("input", questionChanged);
  byId("question").addEventListener("keydown", (event) => { if (isSendKey(event)) submit(event); });
  byId("ask-form").addEventListener("submit", submit);
  questionChanged();
}
