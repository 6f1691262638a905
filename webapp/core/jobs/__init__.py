"""Background work: a row that is the truth, a doorbell that may be lost, a lease that may expire."""
