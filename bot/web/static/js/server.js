// The server: the requests this page sends, and what can go wrong with them.

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
  if (!response.ok) throw new Problem({ 403: "off", 404: "forgotten" }[response.status] ?? "failed");
}

export async function getReports() {
  const response = await fetch("/documents");
  if (!response.ok) throw new Problem("failed");
  return (await response.json()).documents;
}

/** Send JSON; `unreachable` is the kind of problem if no response comes. */
function post(path, body, unreachable, signal) {
  const headers = { "Content-Type": "application/json" };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal })
    .catch(() => { throw new Problem(unreachable); });
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
