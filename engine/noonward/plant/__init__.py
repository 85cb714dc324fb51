"""Pure models of what is controlled; the lab, the memory driver and the emulator use the same ones."""
