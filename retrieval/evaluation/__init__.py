"""The ruler: questions with known answers, asked as users ask, judged and summed up.

The retrieval measures are those of ``ir_measures``, the intervals are bootstraps over questions, and AUROC is
scikit-learn's. What a hit is depends on the set:

- of a questions file, a citation whose quote holds the evidence
- of a BEIR folder, a citation of a relevant document; each document counts once, where it comes first
- of a BEIR folder that says where the answers stand (``meta.spans``), a citation that overlaps an answer

    questions, beir    files of judged questions -> sets
    judged             what is a hit
    asking             every question through the one ``Answerer``
    measures, abstention, sentences    outcomes -> figures
    running            the whole evaluation, top to bottom
    results, saving, comparison        a run, on disk, and against an earlier one
    fitting            the weights of fusion and confidence, fitted to judged questions

``bot.evaluation`` and ``bot.cli`` import what is named below.
"""

from retrieval.evaluation.abstention import Abstention
from retrieval.evaluation.comparison import Comparison, check_shared, compare
from retrieval.evaluation.judged import Judged, Located, Quoted, WholeDocument
from retrieval.evaluation.measures import Figure
from retrieval.evaluation.questions import QuestionSet, choose, read_questions
from retrieval.evaluation.results import EarlierRun, Group, Miss, Run, SetResult
from retrieval.evaluation.running import Indexes, evaluate, read_sets
from retrieval.evaluation.saving import commit, figures_json, find_run, load_run, now, run_json, run_name, save_run

__all__ = [
    "Abstention",
    "Figure",
    "Group",
    "Miss",
    "Comparison",
    "EarlierRun",
    "Indexes",
    "Judged",
    "Located",
    "QuestionSet",
    "Quoted",
    "Run",
    "SetResult",
    "WholeDocument",
    "check_shared",
    "choose",
    "commit",
    "compare",
    "evaluate",
    "figures_json",
    "find_run",
    "load_run",
    "now",
    "read_questions",
    "read_sets",
    "run_json",
    "run_name",
    "save_run",
]
