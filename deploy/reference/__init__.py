"""The reference tables of `docs/reference`, made from the code: topics, metrics, settings.

Holds no fact of its own: a table says what the topic list, the metric registries and the settings models say.
"""
