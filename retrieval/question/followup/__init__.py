"""A follow-up -> the whole question that it stands for, by the turn before; a question that stands alone stays.

    understand     chooses by script, and leaves what is too long to be a follow-up
    chinese        那他呢, 还有谁, 几个, 那里: pronouns, fragments, possessions
    latin          "and his age?", "what about March?": the same for English
    antecedents    whom or what the turn before was about

Other rooms import ``understand.understand``.
"""
