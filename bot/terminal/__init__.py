"""The terminal: what the commands share, print, and show while they work.

    commands           options, failures as one line, JSON on one line, the opener that tests may hand in
    corpus_commands    index, add, remove
    backup_commands    backup, restore
    doctor_command     doctor
    encoder_commands   encoder export, encoder import
    key_commands       keys, keys add, keys revoke
    show               answers, reports, status and feedback in 80 columns
    progress           the progress bar

``bot.cli`` imports all of it; no other face imports anything from here.
"""
