"""The whole of it on one machine: servers, service and sandbox, started, watched and stopped together."""
