"""The embedded backend: TinyDB on files that survive crashes, full disks and a second writer."""
