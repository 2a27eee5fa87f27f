// Votes: two toggles under an answer. Was this useful or not?

import { announce } from "./announce.js";
import { element } from "./elements.js";
import { page } from "./page.js";
import { postVote } from "./server.js";
import { text } from "./words.js";

/** Pressing a toggle that is pressed takes the vote back. `remember` is called after every vote. */
export function voteButtons(turn, remember) {
  if (!page.feedback) return null;
  const toggles = ["up", "down"].map((vote) => element("button", {
    type: "button", class: "quiet", "data-vote": vote, "aria-pressed": String(turn.vote === vote),
    onclick: () => castVote(turn, turn.vote === vote ? null : vote, remember),
  }, text(`vote_${vote}`)));
  return element("span", { class: "votes", role: "group", "aria-label": text("vote_label") }, ...toggles);
}

/** The place that says why a vote could not be kept. */
export function voteNote() {
  return element("p", { class: "vote-note muted", hidden: "" });
}

/** Show the vote at once, and take it off again if the server could not keep it. */
async function castVote(turn, vote, remember) {
  if (turn.voting) return; // one at a time, so that the page and the server agree; a press meanwhile counts for nothing
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
