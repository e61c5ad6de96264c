"""The PostgreSQL store: the contract for any number of processes on any number of machines."""
