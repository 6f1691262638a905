"""What every area stands on; it knows none of them."""
