"""The proxy with real servers on 127.0.0.1: an upstream that says what it is told, a client that reads bytes."""
