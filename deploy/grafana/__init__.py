"""Grafana's dashboards, as tables from which `dashboards/` is generated, and the provisioning that loads them.

No expression adds up workers before `max without (instance)` made one of their copies: they read what was recorded.
"""
