"""The database backend for PostgreSQL: Django's own, which asks less often whether a connection is still there."""
