"""The printed letters of supervision: 催办单 and 督办单, as A4 pages.

What a letter says is taken from the journal by pure functions, and laid out by a pure one; only `pdf` touches the
world. Not here: who supervises whom and when, which the workers decide, and the dead letters of the operators.
"""
