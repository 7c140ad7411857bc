"""`paidan top`: how the county stands now, from the rows, notices and dead letters that Kafka has; no worker is asked.

The board is pure: records in, an overview out. Reading and drawing are its neighbours.
"""
