"""What a text says whoever asks: its words, numbers, dates, names, sounds and sentences, without any index.

    characters.py     which characters are Chinese; width, case and script folded
    numerals.py       Chinese numerals -> Arabic ones
    date_grammar.py   what years, months, days, weekdays and times of day look like, for all that look for them
    dates.py          dates -> canonical terms, from years to days, and the days that reports print
    times.py          times as a sentence names them, so that one can answer "when"
    units.py          words that count and measure, for all that look for them
    segmentation.py   text -> words and their kinds, by jieba
    words.py          text -> words and pairs of characters, for passages and questions alike: folded, then cut
    entities.py       text -> people, places, organisations, days that it names
    pinyin.py         words -> how names sound
    dictionary.py     Chinese words -> English stems that they mean
    sentences.py      text -> sentences
    preload.py        loads the dictionaries before somebody waits for them

Passages and questions must be cut alike, so that they meet: both go through ``words``, ``pinyin`` and ``dictionary``,
and ``words.analysis_fingerprint`` identifies everything that decides what comes out. Every file may be imported from
everywhere; jieba, OpenCC and the dictionaries are loaded by the first text that needs them.
"""
