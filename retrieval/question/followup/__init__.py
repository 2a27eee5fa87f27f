"""A follow-up and the turn before -> the whole question; a question that stands alone stays as it is.

    understand     chooses by script, and drops what would become too long
    chinese        那他呢, 还有谁, 几个, 那里: pronouns, fragments, possessions
    latin          "and his age?", "what about March?": the same for English
    antecedents    whom or what the turn before was about

Other rooms import ``understand.understand``.
"""
