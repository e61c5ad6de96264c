"""How the running bot is: what it counts for Prometheus, and whether it is alive and ready."""
