"""The guided tour: one quarter of a county's dispatches in a minute, with processes killed on the way.

What it shows is the bridge as it ships, on `deploy.sim`'s rig; nothing here is a part of the bridge.
"""
