"""What travels between processes, and the words everybody shares.

Messages, their envelope and codec, the list of topics, derived ids, and the address of the Kafka that carries them.
Imports nothing of ours; knows no clock, no file and no network.
"""
