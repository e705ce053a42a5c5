"""Understudy measured beside its peers. Run it with `make bench`; see bench/README.md."""
