"""The Telegram face: python-telegram-bot over the same Service as HTTP."""
