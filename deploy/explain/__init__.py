"""How a deadline came about, in words that a clerk can read to a citizen: from facts, rules and the calendar.

What is said is made first, as plain values; how it looks on a terminal comes last. Nothing here reads Kafka.
"""
