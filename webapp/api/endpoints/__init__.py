"""The operations of the interface. Each subject has a module, with a router."""
