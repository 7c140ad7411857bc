"""The Faust processors: intake, cases and timers, and the pure rules they ask.

`engine` makes Faust safe, `domain` decides, `agents` receive, ask and send, `app` puts the parts together. Beside them
stands what a worker keeps in memory and tells: what is due, which time it is, what its rows add up to.
Nothing here talks to an outside system; what must leave the house leaves on a topic.
"""
