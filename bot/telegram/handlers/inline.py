"""``@bot question`` in any chat: passages to post there."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from telegram import InlineQuery, Update
from telegram.error import BadRequest
from telegram.ext import ContextTypes

from bot.reply import Asker
from bot.service.service import Service
from bot.telegram.links import Links
from bot.telegram.sending import Speaker
from bot.telegram.views import inline_article
from retrieval.errors import WenbaoError
from retrieval.types import Citation, Question

log = logging.getLogger("wenbao.telegram")

INLINE_CACHE_SECONDS = 30
"""How long Telegram may give the same answer to the same person."""


class Inline:
    """Offers the passages that answer what somebody types."""

    def __init__(self, service: Service, speaker: Speaker, links: Links) -> None:
        self._service = service
        self._speaker = speaker
        self._links = links

    async def inline(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Offer passages; nothing where nothing is asked or where the question cannot be answered now."""
        query = update.inline_query
        if query is None:
            return
        citations: Sequence[Citation] = ()
        seconds = INLINE_CACHE_SECONDS
        if query.query.strip():
            try:
                sees = self._service.settings.telegram.documents
                asker = Asker("telegram", str(query.from_user.id), sees)
                citations = (await self._service.ask(Question(query.query), asker)).citations
            except WenbaoError as error:
                log.info("inline query not answered: %s", error)
                seconds = 0
        await self._offer(query, citations, seconds)

    async def _offer(self, query: InlineQuery, citations: Sequence[Citation], seconds: int) -> None:
        """Answer an inline query, for this person alone: what Telegram keeps for all, strangers would see too."""
        language = self._speaker.language(query.from_user)
        articles = [inline_article(citation, self._links, language) for citation in citations]
        try:
            await query.answer(articles, cache_time=seconds, is_personal=True)
        except BadRequest as error:  # too old: the person has typed on
            log.info("inline query not answered: %s", error)
