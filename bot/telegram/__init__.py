"""The Telegram face: python-telegram-bot over the same Service as HTTP.

    Telegram -> application (polling) or webhook -> gate.OneAtATime: a person's updates one after another
             -> handlers/: who is let in, what was said or pressed, and what follows from it
             -> Service.converse -> views: an answer as formatted text, with its buttons -> sending.Speaker
             -> richtext: parts that fit, words and entities -> rate_limit -> Telegram

``links`` has the addresses that messages lead to, ``sent_answers`` what the buttons below a message need, ``menu`` the
commands. ``standalone`` runs the bot without HTTP. From outside only ``application`` (TelegramBot), ``webhook``
(webhook_router) and ``standalone`` (run_bot) are imported.
"""
