"""The one pull loop, the one push loop and the one that tells people, and the pure parts they plan and decide with.

Knows Kafka and the ports, never a particular outside system.
"""
