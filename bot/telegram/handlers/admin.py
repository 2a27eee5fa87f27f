"""What administrators do in a private chat: hand in reports, remove them, and index anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from telegram import Document, Message, PhotoSize, Update
from telegram.constants import FileSizeLimit
from telegram.ext import ContextTypes

from bot.service.reports import Upload
from bot.service.service import Service
from retrieval.errors import MostReportsGone, WenbaoError
from retrieval.types import Receipt

Context = ContextTypes.DEFAULT_TYPE
Say = Callable[..., Awaitable[None]]
"""``say(update, key, **values)`` answers with a text in the person's language."""

MOST_NAMED = 10
"""Reports that a receipt names; of more it gives the number."""


class AdminHandlers:
    """Handlers for the people in ``telegram.admins``; who is none never gets here."""

    def __init__(self, service: Service, say: Say) -> None:
        self._service = service
        self._say = say

    async def document(self, update: Update, _: Context) -> None:
        """Add the report that was sent as a file."""
        document = update.message.document if update.message else None
        if document is not None:
            await self._add(update, document, document.file_name or "")

    async def photo(self, update: Update, _: Context) -> None:
        """Add the photograph of a page that was sent as a picture, in the largest size that Telegram has."""
        message = update.message
        if message is not None and message.photo:
            await self._add(update, max(message.photo, key=lambda size: size.width * size.height), _name_of(message))

    async def _add(self, update: Update, file: Document | PhotoSize, name: str) -> None:
        if (file.file_size or 0) > FileSizeLimit.FILESIZE_DOWNLOAD:
            await self._say(update, "tg_admin_too_large", megabytes=int(FileSizeLimit.FILESIZE_DOWNLOAD) // 1_000_000)
            return
        await self._say(update, "tg_admin_working")
        data = await (await file.get_file()).download_as_bytearray()
        work = self._service.add([Upload(name, bytes(data))])
        await self._finish(update, "documents.add", work, [name])

    async def remove(self, update: Update, context: Context) -> None:
        """Delete the reports whose ids follow the command."""
        if not context.args:
            await self._say(update, "tg_admin_remove_usage")
            return
        ids = context.args
        await self._finish(update, "documents.remove", self._service.remove(ids), ids)

    async def reindex(self, update: Update, _: Context) -> None:
        """Index what changed in the corpus folders."""
        await self._say(update, "tg_admin_working")
        await self._finish(update, "index", self._service.update())

    async def _finish(self, update: Update, what: str, work: Awaitable[Receipt], about: Sequence[str] = ()) -> None:
        who = self._service.pseudonyms.of(update.effective_user.id if update.effective_user else 0)
        try:
            receipt = await self._service.audited("telegram", who, what, work, about)
        except MostReportsGone as error:
            gone, named = len(error.gone), _named(error.gone)
            await self._say(update, "tg_admin_most_gone", gone=gone, held=error.held, named=named)
            return
        except WenbaoError as error:
            await self._say(update, "tg_admin_failed", reason=str(error))
            return
        await self._say(
            update,
            "tg_admin_receipt",
            added=_named(receipt.added),
            changed=_named(receipt.changed),
            removed=_named(receipt.removed),
            skipped=_named(f"{entry.path}: {entry.reason}" for entry in receipt.skipped),
            embedded=receipt.embedded,
            reused=receipt.reused,
            documents=receipt.documents,
        )


def _name_of(message: Message) -> str:
    """Name a photograph, which has no name: by its caption and day, and by its message, so that none replaces another.

    There is no blank in the name, because /remove takes ids with blanks between them.
    """
    caption = "-".join((message.caption or "").strip().partition("\n")[0].split()) or "照片"
    return f"{caption}-{message.date:%Y-%m-%d}-{message.message_id}.jpg"


def _named(names: Iterable[str]) -> str:
    listed = list(names)
    more = [f"+{len(listed) - MOST_NAMED}"] if len(listed) > MOST_NAMED else []
    return ", ".join([*listed[:MOST_NAMED], *more]) or "–"
