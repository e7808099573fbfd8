"""Self-hosted personalisation and recommendations for online shops."""

__version__ = "0.1.0"
