"""The sandbox as a process: its port, its state file, its clock, its control, its printed tables."""
