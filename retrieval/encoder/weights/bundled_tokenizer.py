"""The default encoder's tokenizer, made of the vocabulary in its weights file."""

from __future__ import annotations

from dataclasses import dataclass

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors


@dataclass(frozen=True, slots=True)
class BundledVocabulary:
    """The pieces of XLM-R and the logarithm of how likely each is; the ids of those with a meaning of their own."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    bos: int
    eos: int
    pad: int
    unk: int

    @property
    def special_tokens(self) -> dict[str, str]:
        """Return the pieces with a meaning of their own, by the names that Hugging Face has for them."""
        ids = {"bos": self.bos, "eos": self.eos, "cls": self.bos, "sep": self.eos, "pad": self.pad, "unk": self.unk}
        return {f"{kind}_token": self.pieces[number] for kind, number in ids.items()}


def bundled_tokenizer(vocabulary: BundledVocabulary) -> Tokenizer:
    """Make the XLM-R tokenizer: Unigram over the pieces, NFKC, ``<s> text </s>``."""
    pieces = vocabulary.pieces
    scored = list(zip(pieces, vocabulary.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=vocabulary.unk))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFKC(),
        normalizers.Replace(Regex(r"[\p{Cc}&&[^\t\n\r]]|[\u200b\ufeff]"), ""),
        normalizers.Replace(Regex(r"\s+"), " "),
        normalizers.Strip(),
    ])  # fmt: skip
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    start, end = pieces[vocabulary.bos], pieces[vocabulary.eos]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        pair=f"{start} $A {end} {end} $B {end}",
        special_tokens=[(start, vocabulary.bos), (end, vocabulary.eos)],
    )
    special = (vocabulary.bos, vocabulary.pad, vocabulary.eos, vocabulary.unk)
    tokenizer.add_special_tokens([pieces[number] for number in special])
    return tokenizer
