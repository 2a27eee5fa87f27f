// Why this answer: how it was found, folded away under it. The server sends this with every answer to this page.

import { placeText } from "./citations.js";
import { element, folding } from "./elements.js";
import { nameText, text } from "./words.js";

const PAIRS_SHOWN = 5;

export function whyPanel(turn) {
  const why = turn.reply.explanation;
  if (!why || !Object.keys(why).length) return null;
  return folding(turn, "whyOpen", "further why", text("why"), element("div", { class: "why-body" },
    why.question ? element("p", {}, text("why_understood", { question: why.question })) : null,
    why.words?.length ? element("p", {}, text("why_words", { words: why.words.join(" ") })) : null,
    why.names?.length ? element("p", {}, text("why_names", { names: why.names.map(nameSame).join(" · ") })) : null,
    why.weights ? element("p", {}, text("why_weights", { values: figures(why.weights, "leg") })) : null,
    why.signals ? element("p", {}, text("why_signals", { values: figures(why.signals, "signal") })) : null,
    why.confidence != null ? element("p", {}, text("confidence", { percent: Math.round(why.confidence * 100) })) : null,
    why.hits?.length ? element("ol", { class: "why-hits" }, ...why.hits.map(whyHit)) : null));
}

function whyHit({ document_id: id, paragraph, score, legs = {}, words = [], pairs = [] }, index) {
  const ranks = Object.entries(legs).map(([leg, found]) =>
    text("why_leg", { leg: nameText("leg", leg), rank: found.rank, score: found.score.toFixed(2) }));
  const alike = pairs.slice(0, PAIRS_SHOWN).map(pairText).join(" · ");
  return element("li", {},
    element("p", {}, `[${index + 1}] ${id} · ${placeText({ paragraph })} · ${score.toFixed(2)}`),
    ranks.length ? element("p", {}, ranks.join(" · ")) : null,
    words.length ? element("p", {}, text("why_shared_words", { words: words.join(" ") })) : null,
    alike ? element("p", {}, text("why_pairs", { pairs: alike })) : null);
}

const nameSame = ({ asked, called }) => `${asked} = ${called}`;

const pairText = ({ question, passage, similarity }) => `${question} ↔ ${passage} ${similarity.toFixed(2)}`;

/** Numbers with their names; a 0 says nothing and is left out. */
function figures(values, prefix) {
  const telling = Object.entries(values).filter(([, value]) => value);
  return telling.map(([name, value]) => `${nameText(prefix, name)} ${Number(value.toPrecision(3))}`).join(" · ");
}
