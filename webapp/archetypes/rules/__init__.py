"""Pure rules: plain values in, frozen dataclasses out."""
