"""What is remembered for a while in the state, so that every process and the next one know it.

    notebook        writes and reads notes off the event loop, and does without where the state is out of reach
    wording         records as the texts of notes, and back
    conversation    what was said last in each conversation, for follow-ups
    recent          the answers given last over HTTP, for votes

``bot.telegram`` keeps the answers that it sent in the same notebook.
"""
