"""Faults under load: one seed decides what is killed, paused, stopped and spoilt, and the books judge what came of it.

Runs the bridge as it ships on `deploy.sim`'s rig. Nothing here is a part of the bridge, and nothing here decides
whether anything was lost: that is the books' business.
"""
