"""The state in tables of the database that holds the index, for any number of servers and commands.

store.py       OceanBaseState: the State
tables.py      its tables, which begin with wenbao_, and what is done with them
schema.py      makes them at first use, and knows the salt
changes.py     changes that are made once, though a connection breaks or others are in the way
"""

from bot.state.oceanbase.store import OceanBaseState

__all__ = ["OceanBaseState"]
