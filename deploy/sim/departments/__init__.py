"""Simulated departments: ordinary Kafka consumers with habits, an inbox of ids and a journal of their own.

They know their two topics and the messages' schemas, and nothing else of the bridge.
"""
