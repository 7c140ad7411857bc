"""What puts paidan on a machine: command line, broker, provisioning, supervisor, county packs, simulators, books.

May import all other packages; none of them may import this one.
"""
