"""What the bot does with each thing that people do in a chat.

    an update -> admission (with addressing: is it for the bot?) -> questions   texts and /ask
                                                                    commands    the other commands
                                                                    buttons     presses, some of which ask questions
                                                                    inline      ``@bot question`` in any chat
                                                                    admin       reports, from administrators alone
                 and where one of them fails -> failures

Each class has public methods ``(update, context) -> None``, which ``bot.telegram.application`` registers. Nothing else
is imported from outside this folder, and within it only Buttons knows another handler: Questions.
"""
