// The server: the requests this page sends, and what can go wrong with them.

import { language } from "./words.js";

/** Why a request came to nothing: `kind` names the text, `detail` is the server's own explanation. */
class Problem extends Error {
  constructor(kind, { detail = null, seconds = null } = {}) {
    super(kind);
    Object.assign(this, { kind, detail, seconds });
  }
}

export async function postQuestion(question, conversationId, useDates, signal) {
  const conversation = conversationId && { conversation_id: conversationId };
  const times = !useDates && { use_dates: false };
  const response = await post("/ask", { question, explain: true, ...conversation, ...times }, "network", signal);
  if (!response.ok) throw await problemOf(response);
  return response.json().then(checkedReply).catch(() => { throw new Problem("failed"); });
}

export async function postVote(requestId, vote) {
  const response = await post("/feedback", { request_id: requestId, vote }, "failed");
  if (response.status === 401) leadToSignIn();
  if (!response.ok) throw new Problem({ 403: "off", 404: "forgotten" }[response.status] ?? "failed");
}

export async function getReports() {
  const response = await fetch("/documents");
  if (response.status === 401) leadToSignIn();
  if (!response.ok) throw new Problem(response.status === 403 ? "off" : "failed");
  return (await response.json()).documents;
}

/** Send JSON; `unreachable` is the kind of problem if no response comes. */
function post(path, body, unreachable, signal) {
  const headers = { "Content-Type": "application/json" };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal })
    .catch(() => { throw new Problem(unreachable); });
}

async function problemOf(response) {
  const seconds = Number(response.headers.get("Retry-After")) || null;
  if (response.status === 401) leadToSignIn();
  if (response.status === 401 || response.status === 429) {
    return new Problem(response.status === 401 ? "signed_out" : "too_often", { seconds });
  }
  const { detail } = await response.json().catch(() => ({}));
  const kind = { 422: "refused", 413: "refused", 503: "busy" }[response.status] ?? "failed";
  return new Problem(kind, { detail: typeof detail === "string" ? detail : null, seconds });
}

/** Go where one signs in, and come back from there; only after the conversation is kept. */
function leadToSignIn() {
  const here = encodeURIComponent(location.pathname + location.search);
  setTimeout(() => location.assign(`/sign-in?lang=${language}&next=${here}`));
}

function checkedReply(reply) {
  const complete = ["answered", "related", "not_found"].includes(reply.status) && Array.isArray(reply.citations);
  if (!complete || (reply.status === "answered" && !reply.answer)) throw new Problem("failed");
  return reply;
}
