"""Writes lessons by rules and checks what was written: plain values in, frozen answers out."""
