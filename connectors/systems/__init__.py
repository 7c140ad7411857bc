"""One folder per outside system: client (their protocol), translate (pure: theirs <-> ours), settings.

A system knows nothing of Kafka, of the other systems, or of what a dispatch is going through.
"""
