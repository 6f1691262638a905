"""What follows from behaviour: plain values in, frozen dataclasses out."""
