"""The schemas of what the interface takes and sends. Each subject has a module."""
