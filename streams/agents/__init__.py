"""One thin file per hop: receive a run, ask the domain, hand the outputs to the engine; and the timers, which ask.

No rule lives here, and no agent knows another: they meet on topics.
"""
