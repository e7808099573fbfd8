"""The vocabulary every room speaks: events, items, people, requests, slates, errors, ports.

Standard library only. Nothing here knows a database, a framework or a model.
"""
