"""The faces of Wenbao: terminal, HTTP, web page and Telegram over one ``Service``, which asks one ``Answerer``.

    settings -> service (opening, asking, keeping up to date) -> web | telegram | terminal -> a person
    reply -> feedback (votes, unanswered questions) -> evaluation (are the answers right?)
    settings -> backup (all of it in one file, and back) | doctor (what is wrong on this machine)

``contract`` says what an answer is as JSON, ``explanation`` why it was found, ``notices`` what else there is to know of
a report, ``links`` where it opens, and ``selectors`` how cited words are found again in it. ``texts`` has all words of
our own in both languages. ``cli`` is the command; ``serving`` starts the faces that a server has. The faces never
import one another. ``deploy`` is no package: it holds what puts Wenbao into service (``deploy/README.md``).
"""
