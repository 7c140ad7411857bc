"""Everything that talks to somebody else's system: pull what they have, push what they must be told.

One pull loop and one push loop (`runtime`), one folder per outside system (`systems`), one registry.
No business state and no decision about a dispatch may live here; connectors meet the streams only on topics.
"""
