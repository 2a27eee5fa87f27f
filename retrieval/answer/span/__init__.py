"""The few words that answer: in a sentence, or among the cells of a table's row.

find.py          the candidate that fits and stands nearest to the question's own words
candidates.py    numbers, times, people and places that may be those words
whole.py         a span that cuts an amount or a name in two, made whole
changes.py       values that were changed: the new one answers
rows.py          the cell of the column that the question names
"""
