"""The proxy: the shell that carries out what the core decides. Sockets, files and clocks are here and nowhere else."""
