"""What a person at the county centre does by hand: look at one dispatch, order something, deal with dead letters.

Reads topics and writes ordinary inbox records; holds no state, and decides nothing that the workers decide.
"""
