"""The collection as a whole.

    overview   what it holds, for questions about it
    examples   questions to begin with, made of the reports, such as answer themselves

``answerer`` and ``bot.service`` import both.
"""
