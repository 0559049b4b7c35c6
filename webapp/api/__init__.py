"""The interface for programs: everything that pages do, as JSON below /api/v1/ (docs/api.md)."""
