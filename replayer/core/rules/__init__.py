"""What is known of an API, as data: chosen by host, extended by a table. Runs nothing."""
