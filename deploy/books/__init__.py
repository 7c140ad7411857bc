"""The books: an independent reader that says of every dispatch whether it is accounted for, and where not.

Reads every topic, the city's own journal and the departments' own records into a throw-away SQL database, and asks it
questions. Shares nothing with what it audits but the names of the topics: its own JSON reading, its own checks.
"""

from deploy.books.audit import run_books
from deploy.books.balance import Books, Offence

__all__ = ["Books", "Offence", "run_books"]
