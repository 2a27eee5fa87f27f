"""The faces of Wenbao: terminal, HTTP, web page and Telegram over one ``Answerer``."""
