// The chat page starts here.

import { fillQuestion, refreshHint, startComposer, submitQuestion } from "./composer.js";
import { askQuestion, beginFromAddress, isPending, showConversation, startConversation } from "./conversation.js";
import { element } from "./elements.js";
import { byId, page } from "./page.js";
import { chooseLanguage, showLanguage, showTheme, startTheme, switchLanguage } from "./preferences.js";
import { keepUpWith, showReports, startReports } from "./reports.js";
import { langOf, language, text } from "./words.js";

const conversation = { isPending, askQuestion };

function showExamples() {
  const questions = page.examples[language] ?? [];
  byId("examples").hidden = !questions.length;
  byId("examples").querySelector("ul").replaceChildren(...questions.map((question) =>
    element("li", {},
      element("button", { type: "button", lang: langOf(question), onclick: () => askQuestion(question) }, question))));
}

/** Show everything that is said in the reader's language. */
function showTexts() {
  showLanguage();
  document.title = text("page_title");
  showTheme();
  showExamples();
  showReports();
  showConversation();
  refreshHint();
}

/** `?q=` asks at once, in a conversation of its own. */
function askFromAddress() {
  const question = new URLSearchParams(location.search).get("q")?.trim();
  if (!question || !beginFromAddress(question)) return;
  fillQuestion(question);
  submitQuestion(conversation);
}

chooseLanguage();
startTheme();
startComposer(conversation);
byId("language-switch").addEventListener("click", (event) => {
  event.preventDefault();
  switchLanguage();
  showTexts();
});
startConversation(keepUpWith);
startReports();
showTexts();
askFromAddress();
