"""A KIS server: REST and WebSocket on one port, with bad days on request."""
