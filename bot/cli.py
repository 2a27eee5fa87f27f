"""The ``wenbao`` command (contract: DESIGN 3.1).

Exit status: 0 good, 1 a failure explained in one line on standard error, 2 wrong usage.
"""

from __future__ import annotations

import gc
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.contract import answer_json, document_json, document_summary
from bot.settings import DEFAULT_CONFIG, ConfigurationError, Settings, admin_token, bot_token, load_settings
from bot.telemetry import logs
from bot.terminal import backup_commands, copy_command, corpus_commands, doctor_command, encoder_commands, show
from bot.terminal.commands import ConfigOption, JsonOption, explained, opener_of, print_json
from bot.terminal.key_commands import keys
from bot.terminal.progress import progress_bar
from retrieval.errors import DocumentUnknown, SnapshotError, StoreUnreachable
from retrieval.types import Question

if TYPE_CHECKING:  # imported by the commands that need it, because ``--help`` does not
    from bot.service.opening import Opener

app = typer.Typer(
    name="wenbao",
    help="Wenbao 问报: ask a collection of reports; answers are passages, word for word, with citations.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    corpus_commands.index,
    corpus_commands.add,
    corpus_commands.remove,
    backup_commands.backup,
    backup_commands.restore,
    copy_command.copy,
    doctor_command.doctor,
):
    app.command()(command)
app.add_typer(keys, name="keys")
app.add_typer(encoder_commands.app, name="encoder")


def main(opener: Opener | None = None) -> None:
    """Run the command line; tests hand in an opener of their own."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:  # a terminal that cannot show a character gets a mark instead of a traceback
            reconfigure(errors="replace")
    gc.set_threshold(100_000, 20, 100)  # vocabularies are no garbage; whoever serves settles after the start
    logs.configure("text")
    app(obj=opener)


@app.command()
@explained
def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="The question, in any language.")],
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=20, help="Most citations to show.")] = 5,
    explain: Annotated[bool, typer.Option("--explain", help="Also say how the answer was found.")] = False,
    ignore_dates: Annotated[
        bool, typer.Option("--ignore-dates", help="Do not put first what is of the times in the question.")
    ] = False,
) -> None:
    """Ask the reports one question. Without an index, the index is built first."""
    import uuid

    from retrieval.question.cleaning import clean_question

    settings, opener = load_settings(config), opener_of(context)
    clean_question(question)
    with progress_bar(quiet=as_json) as progress:
        answerer = opener.open(settings, opener.encoder(settings, progress), progress)
    answer = answerer.ask(Question(question, top_k, explain=explain, use_dates=not ignore_dates))
    if as_json:
        print_json(answer_json(answer, uuid.uuid4().hex, uuid.uuid4().hex))
    else:
        show.show_answer(answer)


@app.command()
@explained
def serve(context: typer.Context, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Serve the web page and HTTP, and Telegram if TELEGRAM_BOT_TOKEN is set. Without an index, it is built first."""
    _serve(context, load_settings(config), bot_token())


@app.command()
@explained
def telegram(context: typer.Context, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Answer in Telegram alone. Without an index, the index is built first."""
    settings, token = load_settings(config), bot_token()
    if token is None:
        raise ConfigurationError(
            "no bot token: get one from @BotFather in Telegram (/newbot) and set TELEGRAM_BOT_TOKEN to it"
        )
    _serve(context, settings, token, with_http=settings.telegram.mode == "webhook")  # Telegram calls over HTTP


def _serve(context: typer.Context, settings: Settings, token: str | None, *, with_http: bool = True) -> None:
    """Run the faces until the process is told to stop; an index of other settings answers until a new one is made."""
    logs.configure(settings.server.log)
    logs.catch_all()
    from bot import serving  # after that, because libraries warn when they are loaded

    admin_token()  # one that nobody could send is refused now
    opener = opener_of(context)
    with progress_bar(quiet=False) as progress, suppress(SnapshotError, StoreUnreachable):
        serving.prepare(settings, opener, progress)  # what is wrong is named in the log, and may be mended meanwhile
    if with_http or token is None:
        serving.run_server(settings, opener, token)
    else:
        serving.run_bot(settings, opener, token)


@app.command()
@explained
def status(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
    verify: Annotated[bool, typer.Option("--verify", help="Read every kept generation from end to end.")] = False,
) -> None:
    """Say what is indexed, by which encoder, and what is wrong.

    The exit status is 1 where nothing can be answered from what is on disk, with --verify also where any kept file is
    damaged.
    """
    from bot.service.status import index_status

    found = index_status(load_settings(config), opener_of(context), verify=verify)
    if as_json:
        print_json(found.as_json())
    else:
        show.show_status(found)
    if not found.is_served or verify and found.is_damaged:
        raise typer.Exit(1)


@app.command()
@explained
def documents(
    document_id: Annotated[
        str | None, typer.Argument(metavar="[DOCUMENT_ID]", help="Show this report's numbered paragraphs.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """List the reports, or show one with numbered paragraphs and headings."""
    from bot.service.store import store_of

    snapshot = store_of(load_settings(config)).published()
    if document_id is None:
        if as_json:
            print_json({"documents": [document_summary(document) for document in snapshot.documents]})
        else:
            show.show_documents(snapshot.documents)
        return
    found = snapshot.by_id.get(document_id)
    if found is None:
        raise DocumentUnknown(f"no report has the id {document_id!r}: `wenbao documents` lists them")
    if as_json:
        print_json(document_json(found))
    else:
        show.show_document(found)


@app.command()
@explained
def feedback(
    config: ConfigOption = DEFAULT_CONFIG,
    export: Annotated[bool, typer.Option("--export", help="Print questions for `wenbao evaluate`.")] = False,
    as_json: JsonOption = False,
    unanswered: Annotated[bool, typer.Option("--unanswered", help="Only questions that found no answer.")] = False,
    votes: Annotated[bool, typer.Option("--votes", help="Only votes.")] = False,
) -> None:
    """Show the users' votes and the questions that found no answer, latest last.

    --export prints JSON lines, one for each question. Its evidence is the answering sentences that more users found
    useful than not. Where there is none the line says "kind": "unjudged", and `wenbao evaluate` skips it until you
    write the evidence into it (none if the reports do not say) and take out "kind".
    """
    from bot.feedback.export import exported
    from bot.service.state import state_of
    from bot.state import KINDS, VOTES, Kind

    if export and as_json or unanswered and votes:
        raise typer.BadParameter("use --export or --json, and --unanswered or --votes, not both")
    settings = load_settings(config)
    kinds: tuple[Kind, ...] = VOTES if votes else ("unanswered",) if unanswered else KINDS
    with closing(state_of(settings)) as state:
        entries = state.feedback(kinds)
    if export:
        for question in exported(entries):
            print_json(question)
    elif as_json:
        print_json({"keep": settings.feedback.keep, "entries": [entry.as_json() for entry in entries]})
    else:
        show.show_feedback(entries, settings.feedback.keep)


@app.command()
@explained
def evaluate(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH...", help="Questions files or BEIR folders.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    languages: Annotated[
        list[str] | None, typer.Option("--lang", metavar="LANG", help="Only questions in this language; repeatable.")
    ] = None,
    sample: Annotated[int, typer.Option("--sample", min=0, help="Ask N questions of each set; 0 asks all.")] = 0,
    sentences: Annotated[
        bool, typer.Option("--sentences", help="The entries are sentences: judge the choice within a paragraph.")
    ] = False,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE", help="Write an HTML page.")] = None,
    save: Annotated[Path | None, typer.Option("--save", metavar="FILE", help="Save the run here.")] = None,
    against: Annotated[
        str | None, typer.Option("--against", metavar="RUN", help="Compare with a saved run: its file, or `last`.")
    ] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Set how sure an answer must be, by these questions or the votes kept.")
    ] = False,
    most_wrong: Annotated[
        float, typer.Option("--wrong", min=0.001, max=0.5, help="With --calibrate: share of answers that may be wrong.")
    ] = 0.05,
    certainty: Annotated[
        float, typer.Option("--certainty", min=0.5, max=0.999, help="With --calibrate: how certain that must be.")
    ] = 0.9,
    as_json: JsonOption = False,
) -> None:
    """Ask questions whose answers are known and measure what comes back.

    PATH is a file of JSON lines {"question", "evidence": [{"document", "quote"}], "answer"?} about the indexed
    reports, with no evidence where they do not say; lines with "kind": "unjudged", as `wenbao feedback --export`
    prints them, are skipped. Or it is a BEIR folder (corpus.jsonl, queries.jsonl, qrels.tsv), whose corpus is indexed
    aside. Runs are saved in the folder `runs` below index.path.

    --calibrate sets the confidence from which on an answer is given, so that of what is answered at most --wrong is
    wrong, with --certainty. It takes questions about the indexed reports; without any, the votes kept. What it sets is
    kept in calibration.json below index.path, which you may delete, and `wenbao status` shows it. A server that runs
    takes it up when it is started again.
    """
    from bot.evaluation import calibrating
    from bot.evaluation import indexes as evaluation
    from bot.evaluation.page import report_html, write_report
    from bot.evaluation.text import show_figures
    from retrieval import evaluation as ruler

    if not paths and not calibrate:
        raise typer.BadParameter("name a questions file or a BEIR folder, or use --calibrate for the votes kept")
    settings = load_settings(config)
    paths = paths or [calibrating.votes_file(settings)]
    runs = evaluation.runs_folder(settings)
    earlier = ruler.load_run(ruler.find_run(against, runs)) if against else None
    sets = ruler.choose(ruler.read_sets(paths, sentences=sentences), languages or (), sample)
    if earlier:
        ruler.check_shared(sets, earlier)
    with progress_bar(quiet=as_json) as progress:
        results = ruler.evaluate(sets, evaluation.indexes(settings, opener_of(context), progress), progress)
    run = evaluation.stamped(settings, results)
    compared = ruler.compare(run.sets, earlier) if earlier else ()
    saved = ruler.save_run(run, save or runs / ruler.run_name(run))
    if report:
        write_report(report, report_html(run, compared, earlier))
    if as_json:
        print_json(evaluation.result_json(run, saved, compared))
    else:
        show_figures(run, compared, saved)
    if calibrate:
        encoder = opener_of(context).encoder(settings).name
        kept = calibrating.calibrate(settings, encoder, run.sets, most_wrong, certainty)
        show.show_calibration(kept, quiet=as_json)
