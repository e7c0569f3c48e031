"""Tests: real PostgreSQL, real Redis, and the outside world over HTTP."""
