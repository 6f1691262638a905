"""How leads are scored: plain values in, frozen dataclasses out."""
