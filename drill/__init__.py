"""Faults on purpose: real processes are frozen, killed, filled up and lied to while a storefront goes on asking.

``make drill`` runs every fault and writes ``drill.json``; the tests run the same faults, shorter.
"""
